"""Reading a file field by field: each value with its type checked, each mistake noted at its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from sparring.adapters.suites.documents import Listing, Node, Scalar, Table, parse
from sparring.adapters.suites.problems import Position, Problems, choice
from sparring.adapters.suites.scalars import Plain, as_json, as_written

_Chosen = TypeVar("_Chosen", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its name as it is told, its text, and where the files that it names are looked for."""

    file: str
    text: str
    folder: Path | None
    problems: Problems
    parts: dict[int, Place] = field(default_factory=dict)
    """What stands in other files, by the identity of the node that names the file."""

    def document(self) -> Place | None:
        """The file's content; None where it cannot be read, which is then noted."""
        node = parse(self.text, self.file, self.problems)
        return None if node is None else Place(node, "", self)

    def whole(self) -> Place:
        """The file as one text."""
        return Place(Scalar(self.text, False, 1, 1, 0, len(self.text)), "", self)


@dataclass(frozen=True, slots=True)
class Place:
    """One value of a file, with the path of fields that leads to it."""

    node: Node
    path: str
    source: Source

    @property
    def position(self) -> Position:
        """Where it begins."""
        return Position(self.source.file, self.node.line, self.node.column)

    @property
    def is_null(self) -> bool:
        """Whether nothing stands here."""
        return isinstance(self.node, Scalar) and self.node.plain and as_json(self.node.text) is None

    @property
    def is_text(self) -> bool:
        """Whether a scalar stands here."""
        return isinstance(self.node, Scalar) and not self.is_null

    def wrong(self, message: str) -> None:
        """Note a mistake."""
        self.source.problems.error(self.position, self.path, message)

    def doubtful(self, message: str) -> None:
        """Note a warning."""
        self.source.problems.warning(self.position, self.path, message)

    def expected(self, what: str) -> None:
        """Note that something else should stand here."""
        self.wrong(f"expected {what}, came {self.described}.")

    @property
    def described(self) -> str:
        """What stands here, for a message."""
        node = self.node
        if isinstance(node, Listing):
            return "a list"
        if isinstance(node, Table):
            return "a mapping"
        if self.is_null:
            return "nothing"
        return repr(node.text if len(node.text) <= 60 else node.text[:57] + "...")

    def fields(self, *allowed: str, required: Sequence[str] = (), values: Sequence[str] = ()) -> Fields:
        """The fields of a mapping; unknown, repeated and missing ones are noted.

        Args:
            values: fields for which nothing (`null`) is a value too; for all others it means not given.
        """
        if not isinstance(self.node, Table):
            self.expected(f"a mapping with {', '.join(allowed)}")
            return Fields(self, {})
        found: dict[str, Place] = {}
        for key, place in self._pairs(self.node):
            if key.text not in allowed:
                where = Position(self.source.file, key.line, key.column)
                message = f"there is no field {key.text!r} here.{choice(key.text, allowed)}"
                self.source.problems.error(where, self.path, message)
            elif not place.is_null or key.text in values:
                found[key.text] = place
        for name in required:
            if name not in found:
                self.wrong(f"the field {name!r} is missing.")
        return Fields(self, found)

    def entries(self, what: str) -> dict[str, Place]:
        """The entries of a mapping whose keys are free."""
        if not isinstance(self.node, Table):
            self.expected(what)
            return {}
        return {key.text: place for key, place in self._pairs(self.node)}

    def get(self, name: str) -> Place | None:
        """The value of one key, in a file that is already found to be in order."""
        if not isinstance(self.node, Table):
            return None
        place = next((place for key, place in self._pairs(self.node) if key.text == name), None)
        return None if place is None or place.is_null else place

    def items(self, what: str) -> list[Place]:
        """The items of a list."""
        if not isinstance(self.node, Listing):
            self.expected(what)
            return []
        return [self.inner(item, f"{self.path}[{index}]") for index, item in enumerate(self.node.items)]

    def text(self, *, blank: bool = False) -> str | None:
        """A text; numbers and the like are taken as they are written."""
        if not isinstance(self.node, Scalar) or self.is_null:
            self.expected("a text")
            return None
        if not blank and not self.node.text.strip():
            self.wrong("expected a text, came an empty one.")
            return None
        return self.node.text

    def integer(self, low: int, high: int | None = None) -> int | None:
        """A whole number within bounds."""
        value = self._plain()
        allowed = f"a whole number from {low} to {high}" if high is not None else f"a whole number, at least {low}"
        if isinstance(value, bool) or not isinstance(value, int):
            self.expected(allowed)
            return None
        if value < low or (high is not None and value > high):
            self.expected(allowed)
            return None
        return value

    def number(self, allowed: str, fits: Callable[[float], bool] = lambda value: True) -> float | None:
        """A number; `allowed` says in words what `fits` checks."""
        value = self._plain()
        if isinstance(value, bool) or not isinstance(value, int | float) or not fits(value):
            self.expected(allowed)
            return None
        return value

    def boolean(self) -> bool | None:
        """True or false."""
        value = self._plain()
        if isinstance(value, bool):
            return value
        self.expected("true or false")
        return None

    def chosen(self, options: type[_Chosen]) -> _Chosen | None:
        """One of a few words."""
        words = [option.value for option in options]
        text = self.node.text if isinstance(self.node, Scalar) else None
        if text in words:
            return options(text)
        self.expected(f"one of {', '.join(words)}")
        return None

    def value(self, plain: Callable[[str], Plain] = as_json) -> Any:
        """Any JSON value."""
        node = self.node
        if isinstance(node, Scalar):
            return plain(node.text) if node.plain else node.text
        if isinstance(node, Listing):
            return [item.value(plain) for item in self.items("")]
        return {key: place.value(plain) for key, place in self.entries("").items()}

    def written(self) -> Any:
        """Any JSON value, its scalars as they are written."""
        return self.value(as_written)

    def scalars(self, *, keys: bool = False) -> Iterator[Place]:
        """Every scalar in it, the names of its fields only where they are wanted."""
        if isinstance(self.node, Scalar):
            yield self
        elif isinstance(self.node, Listing):
            for item in self.items(""):
                yield from item.scalars(keys=keys)
        else:
            for key, value in self._pairs(self.node):
                if keys:
                    yield Place(key, value.path, self.source)
                yield from value.scalars(keys=keys)

    def inner(self, node: Node, path: str) -> Place:
        """A value inside of this one, in the file in which it is written."""
        part = self.source.parts.get(id(node))
        return Place(node, path, self.source) if part is None else Place(part.node, path, part.source)

    def _plain(self) -> Plain:
        node = self.node
        return as_json(node.text) if isinstance(node, Scalar) and node.plain else "text"

    def _pairs(self, table: Table) -> Iterator[tuple[Scalar, Place]]:
        """The pairs of a mapping, repeated keys noted and left out; a key of its own wins over a merged one."""
        own: dict[str, tuple[Scalar, Node]] = {}
        for key, node in table.pairs:
            if key.text in own:
                where = Position(self.source.file, key.line, key.column)
                message = f"{key.text!r} stands here twice; the first is in line {own[key.text][0].line}."
                self.source.problems.error(where, self.path, message)
            else:
                own[key.text] = (key, node)
        for key, node in {**table.merged, **own}.values():
            name = f"{self.path}.{key.text}" if self.path else key.text
            yield key, self.inner(node, name)


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one mapping that were given."""

    place: Place
    given: Mapping[str, Place]

    def __contains__(self, name: str) -> bool:
        return name in self.given

    def get(self, name: str) -> Place | None:
        """The place of a field."""
        return self.given.get(name)

    def text(self, name: str, *, blank: bool = False) -> str | None:
        """A text, or None where it was not given."""
        place = self.get(name)
        return None if place is None else place.text(blank=blank)

    def integer(self, name: str, low: int, high: int | None = None) -> int | None:
        """A whole number, or None where it was not given."""
        place = self.get(name)
        return None if place is None else place.integer(low, high)

    def number(self, name: str, allowed: str, fits: Callable[[float], bool] = lambda value: True) -> float | None:
        """A number, or None where it was not given."""
        place = self.get(name)
        return None if place is None else place.number(allowed, fits)

    def boolean(self, name: str) -> bool | None:
        """True or false, or None where it was not given."""
        place = self.get(name)
        return None if place is None else place.boolean()

    def chosen(self, name: str, options: type[_Chosen]) -> _Chosen | None:
        """One of a few words, or None where it was not given."""
        place = self.get(name)
        return None if place is None else place.chosen(options)

    def items(self, name: str, what: str) -> list[Place]:
        """The items of a list; none where it was not given."""
        place = self.get(name)
        return [] if place is None else place.items(what)

    def texts(self, name: str, what: str) -> tuple[str, ...] | None:
        """A list of texts, or None where it was not given."""
        place = self.get(name)
        if place is None:
            return None
        read = [item.text() for item in place.items(what)]
        return tuple(text for text in read if text is not None)

    def entries(self, name: str, what: str) -> dict[str, Place]:
        """The entries of a mapping; none where it was not given."""
        place = self.get(name)
        return {} if place is None else place.entries(what)
