"""A record while somebody edits it: what was typed, into which field, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

RecordT = TypeVar("RecordT")


class How(StrEnum):
    """How the text of a field is meant."""

    TEXT = "text"
    """As it is."""
    VALUE = "value"
    """A number, true, false, null, JSON, or else a text as it is."""
    YAML = "yaml"
    """Whatever it is in YAML."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The text of one field."""

    text: str
    how: How = How.TEXT
    field: str = ""
    """The field's name in its form."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """A mapping in the making; a name may be there twice."""

    pairs: tuple[tuple[str, Given], ...]
    field: str = ""
    """The field that stands for the whole of it."""


@dataclass(frozen=True, slots=True)
class Items:
    """A list in the making."""

    items: tuple[Given, ...]
    field: str = ""
    """As in Pairs."""


Given = Typed | Pairs | Items


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Something that is wrong, or looks so."""

    path: str
    """Which part of the record: `mocks.look.rules[0].when`; empty for the whole."""
    message: str
    line: int = 0
    """Counted from 1, where the record is a text; 0 where no line is meant."""
    column: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Generic[RecordT]):
    """What a text comes to."""

    record: RecordT | None = None
    """None where there are flaws."""
    flaws: tuple[Flaw, ...] = ()
    """What has to be mended before the record can be stored."""
    warnings: tuple[Flaw, ...] = ()
    """What is probably meant otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A record in the making as a text."""

    text: str
    flaws: tuple[Flaw, ...] = ()
    """Fields that cannot be understood; they stand in the text as they were typed."""


def fields_by_path(given: Given, path: str = "") -> Iterator[tuple[str, str]]:
    """The field of each part of a record that has one, by the part's path."""
    if given.field:
        yield path, given.field
    if isinstance(given, Pairs):
        for name, part in given.pairs:
            yield from fields_by_path(part, f"{path}.{name}" if path else name)
    elif isinstance(given, Items):
        for index, part in enumerate(given.items):
            yield from fields_by_path(part, f"{path}[{index}]")


def nearest(path: str, fields: dict[str, str]) -> str | None:
    """The field of a part, or of the smallest part around it that has one."""
    while path:
        if path in fields:
            return fields[path]
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return fields.get("")
