"""The domain's dataclasses as JSON and back, read from their type hints.

What equals its default is left out, so a field that is added later, with a default, reads old records too; a key
that no field has any more is passed over.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

from sparring.adapters.store import codec
from sparring.domain.matching import Matcher
from sparring.domain.transcript import Message

RecordT = TypeVar("RecordT")
Turn = Callable[[Any], Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Form:
    """How values of one type are turned into JSON values and back; None where they are the same."""

    write: Turn | None = None
    read: Turn | None = None


class Record(Generic[RecordT]):
    """The JSON form of one dataclass, without the fields that are columns of its table."""

    def __init__(self, kind: type[RecordT], *, columns: tuple[str, ...] = ()) -> None:
        """Read the type hints of the class."""
        self._kind: Callable[..., RecordT] = kind
        fields: tuple[_Field, ...] = _fields(kind)  # type: ignore[arg-type]
        self._fields = tuple(field for field in fields if field.name not in columns)

    def dump(self, record: RecordT) -> str:
        """The record as JSON."""
        return codec.dump(_write_fields(self._fields, record)).decode()

    def load(self, body: str, **columns: Any) -> RecordT:
        """The record of its JSON and its columns."""
        return self._kind(**_read_fields(self._fields, codec.load(body)), **columns)


@dataclasses.dataclass(frozen=True, slots=True)
class _Field:
    name: str
    form: Form
    default: Any
    """What is not written, because it comes back by itself."""


_REQUIRED = object()


@cache
def _fields(kind: Any) -> tuple[_Field, ...]:
    hints = get_type_hints(kind)
    return tuple(
        _Field(field.name, _form(hints[field.name]), _default(field)) for field in dataclasses.fields(kind)
    )


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default is not dataclasses.MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not dataclasses.MISSING else _REQUIRED


def _write_fields(fields: tuple[_Field, ...], record: Any) -> dict[str, Any]:
    body = {}
    for field in fields:
        value = getattr(record, field.name)
        if value is field.default or (type(value) is type(field.default) and value == field.default):
            continue
        write = field.form.write
        body[field.name] = value if write is None else write(value)
    return body


def _read_fields(fields: tuple[_Field, ...], body: dict[str, Any]) -> dict[str, Any]:
    values = {}
    for field in fields:
        if field.name in body:
            read = field.form.read
            values[field.name] = body[field.name] if read is None else read(body[field.name])
    return values


def _form(hint: Any) -> Form:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _union(get_args(hint))
    if origin is tuple:
        return _sequence(_form(get_args(hint)[0]))
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(_form(get_args(hint)[1]))
    if dataclasses.is_dataclass(hint):
        return _record(hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return Form(write=lambda member: member.value, read=hint)
    if hint in (str, int, float, bool, Any):
        return Form()
    raise TypeError(f"no JSON form is known for {hint!r}")


def _union(parts: tuple[Any, ...]) -> Form:
    if set(parts) == set(get_args(Message)):
        return Form(write=codec.to_plain, read=codec.from_plain)
    if set(parts) == {Any, Matcher}:
        return _value_or_matcher()
    kinds = [part for part in parts if part is not NoneType]
    form = _form(kinds[0]) if len(kinds) == 1 else _one_of(kinds)
    return Form(write=_unless_none(form.write), read=_unless_none(form.read))


def _one_of(kinds: Sequence[Any]) -> Form:
    """Dataclasses, told apart by their name."""
    forms = {kind.__name__: _record(kind) for kind in kinds}

    def write(value: Any) -> dict[str, Any]:
        name = type(value).__name__
        turn = forms[name].write
        assert turn is not None
        return {"kind": name, **turn(value)}

    def read(body: dict[str, Any]) -> Any:
        turn = forms[body["kind"]].read
        assert turn is not None
        return turn(body)

    return Form(write=write, read=read)


def _unless_none(turn: Turn | None) -> Turn | None:
    return None if turn is None else lambda value: None if value is None else turn(value)


def _value_or_matcher() -> Form:
    """Wrapped either way, so that no value can be taken for a matcher."""
    form = _record(Matcher)
    assert form.write is not None and form.read is not None
    write_matcher, read_matcher = form.write, form.read

    def write(value: Any) -> dict[str, Any]:
        return {"match": write_matcher(value)} if isinstance(value, Matcher) else {"is": value}

    def read(body: dict[str, Any]) -> Any:
        return read_matcher(body["match"]) if "match" in body else body["is"]

    return Form(write=write, read=read)


def _sequence(item: Form) -> Form:
    write, read = item.write, item.read
    return Form(
        write=list if write is None else lambda values: [write(value) for value in values],
        read=tuple if read is None else lambda values: tuple([read(value) for value in values]),
    )


def _mapping(item: Form) -> Form:
    write, read = item.write, item.read
    return Form(
        write=dict if write is None else lambda values: {key: write(value) for key, value in values.items()},
        read=None if read is None else lambda values: {key: read(value) for key, value in values.items()},
    )


def _record(kind: Any) -> Form:
    fields = _fields(kind)
    return Form(
        write=lambda record: _write_fields(fields, record),
        read=lambda body: kind(**_read_fields(fields, body)),
    )
