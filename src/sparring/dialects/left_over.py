"""What of a record a form did not take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

Step = str | int


@dataclass(frozen=True, slots=True)
class LeftOver:
    """One part of a record that is no field of the form."""

    at: tuple[Step, ...]
    """Where it stands: field by field, and by place in lists."""
    value: Any

    @property
    def name(self) -> str:
        """Its fields, whatever the places in lists."""
        return ".".join(step for step in self.at if isinstance(step, str))


def left_over(form: BaseModel, given: Mapping[str, Any]) -> list[LeftOver]:
    """The parts of a record that have a value and are no field of the form that was read from it."""
    return list(_of_form(form, given, ()))


def put_back(record: Mapping[str, Any], parts: Iterable[LeftOver]) -> dict[str, Any]:
    """The record with what was left over at its places: where nothing stands there, or at the end of a list."""
    whole: Any = dict(record)
    for part in parts:
        whole = _with(whole, part.at, part.value)
    done: dict[str, Any] = whole
    return done


def _of_form(form: BaseModel, given: Mapping[str, Any], at: tuple[Step, ...]) -> Iterator[LeftOver]:
    names = {field.alias or name: name for name, field in type(form).model_fields.items()}
    keeps_all = form.model_config.get("extra") == "allow"
    for key, value in given.items():
        if key in names:
            yield from _inside(getattr(form, names[key]), value, (*at, key))
        elif not keeps_all and value not in (None, {}, []):
            yield LeftOver((*at, key), value)


def _inside(taken: Any, given: Any, at: tuple[Step, ...]) -> Iterator[LeftOver]:
    if isinstance(given, Mapping) and isinstance(taken, BaseModel):
        yield from _of_form(taken, given, at)
    elif isinstance(given, Mapping) and isinstance(taken, Mapping):
        for key, value in given.items():
            yield from _inside(taken.get(key), value, (*at, key))
    elif isinstance(given, list) and isinstance(taken, list) and len(given) == len(taken):
        for place, (form, value) in enumerate(zip(taken, given, strict=True)):
            yield from _inside(form, value, (*at, place))


def _with(value: Any, at: Sequence[Step], part: Any) -> Any:
    """The value with a part put in; unchanged where the way there is gone, or taken by something else."""
    if not at:
        if isinstance(value, list) and isinstance(part, list):
            return [*value, *part]
        return part if value is None else value
    step, rest = at[0], at[1:]
    if isinstance(value, Mapping) and isinstance(step, str) and (step in value or not rest):
        return {**value, step: _with(value.get(step), rest, part)}
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return [_with(item, rest, part) if place == step else item for place, item in enumerate(value)]
    return value
