"""Variables: values, and `{"generate": {...}}` for those that are made up for each run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from sparring.domain import generation, templates
from sparring.domain.errors import InvalidInput
from sparring.domain.generation import Generator, NameKind

_FIELD = "environment_setup.dynamic_variables"
_GENERATE = "generate"
_PLAIN = re.compile(r"[\w-]+")
_WAYS = ("pattern", "date", "name", "one_of", "integer", "text")


def split(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Generator]]:
    """The variables that have a value, and those that are made up.

    Raises:
        InvalidInput: one is to be made up in a way that there is not, or from others that are not there.
    """
    values = {name: value for name, value in given.items() if not _is_generated(value)}
    generated = {name: _generator(name, value[_GENERATE]) for name, value in given.items() if _is_generated(value)}
    for name, why in generation.flaws(generated, values).items():
        raise _refused(name, f"must be one that can be made up: {why.rstrip('.')}")
    return values, generated


def together(values: Mapping[str, Any], generated: Mapping[str, Generator]) -> dict[str, Any]:
    """All variables as they go out."""
    return {**values, **{name: {_GENERATE: _record(generator)} for name, generator in generated.items()}}


def _is_generated(value: Any) -> bool:
    return isinstance(value, Mapping) and list(value) == [_GENERATE]


def _generator(variable: str, given: Any) -> Generator:
    known = [field.name for field in fields(Generator)]
    if not isinstance(given, Mapping):
        raise _refused(variable, f"must say in an object how it is made up: {', '.join(_WAYS)}", _GENERATE)
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"; {near[0]!r} would" if near else ""
            raise _refused(
                variable, f"must not have the field {name[:60]!r}, which means nothing{hint}", _GENERATE
            )
    ways = [way for way in _WAYS if way in given]
    if len(ways) != 1:
        came = " and ".join(ways) if ways else "none"
        raise _refused(variable, f"must have exactly one of {', '.join(_WAYS)}; {came} came", _GENERATE)
    if "relative_to" in given and ways != ["date"]:
        raise _refused(variable, "must not have the field 'relative_to' without 'date'", _GENERATE)
    return Generator(**{name: _part(variable, name, value) for name, value in given.items()})


def _part(variable: str, name: str, value: Any) -> Any:
    if name == "one_of":
        if isinstance(value, list) and value:
            return tuple(value)
        raise _refused(variable, "must be a list of at least one value", _GENERATE, name)
    if name == "integer":
        whole = isinstance(value, list) and len(value) == 2 and all(type(bound) is int for bound in value)
        if whole and value[0] <= value[1]:
            return (value[0], value[1])
        raise _refused(variable, "must be two whole numbers, [lowest, highest]", _GENERATE, name)
    if not isinstance(value, str) or not value:
        raise _refused(variable, "must be a text", _GENERATE, name)
    if name == "name":
        if value not in [kind.value for kind in NameKind]:
            raise _refused(variable, f"must be one of {', '.join(NameKind)}; {value[:60]!r} came", _GENERATE, name)
        return NameKind(value)
    return value


def _record(generator: Generator) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for way in _WAYS:
        value = getattr(generator, way)
        if value is not None:
            record[way] = list(value) if isinstance(value, tuple) else value
    if generator.date is not None and generator.relative_to != "today":
        record["relative_to"] = generator.relative_to
    return record


def _refused(variable: str, told: str, *steps: str) -> InvalidInput:
    named = f".{variable}" if _PLAIN.fullmatch(variable) else f"[{templates.compact_json(variable)}]"
    field = ".".join((f"{_FIELD}{named}", *steps))
    return InvalidInput(f"{field} {told}.", field=field)
