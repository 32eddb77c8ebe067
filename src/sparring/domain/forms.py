"""Texts made up after a pattern: the part of regular expressions that says how an id is built.

Understood are characters, classes (`[A-Z0-9]`, `\\d`, `\\w`), groups with alternatives (`(AB|CD)`), and how often
(`?`, `{6}`, `{2,4}`). What has no end or no sense here (`*`, `+`, `.`, `[^...]`) is refused with the reason.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass

LONGEST = 1000
"""Characters that a pattern may come to."""

_CLASSES = {
    "d": string.digits,
    "w": string.ascii_uppercase + string.ascii_lowercase + string.digits + "_",
}
_REFUSED = {
    "*": "says any number of times; write how often, such as {4}",
    "+": "says at least once; write how often, such as {4}",
    ".": "says any character; name them, such as [a-z], or write \\. for a dot",
}

Draw = Callable[[int], int]
"""A number from 0 to below the given one."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of some characters."""

    characters: str


@dataclass(frozen=True, slots=True)
class Row:
    """One form after the other."""

    forms: Sequence[Form]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several forms."""

    forms: Sequence[Form]


@dataclass(frozen=True, slots=True)
class Repeated:
    """A form a number of times."""

    form: Form
    least: int
    most: int


Form = OneOf | Row | Choice | Repeated


def parse(pattern: str) -> Form:
    """The form that a pattern describes.

    Raises:
        ValueError: it is not understood; the message says where and why.
    """
    reader = _Reader(pattern)
    form = reader.choice()
    if reader.at < len(reader.pattern):
        raise ValueError(f"a ')' stands at {reader.at + 1} without its '('")
    if _longest(form) > LONGEST:
        raise ValueError(f"it can become longer than {LONGEST} characters")
    return form


def made(form: Form, draw: Draw) -> str:
    """A text of that form."""
    match form:
        case OneOf(characters):
            return characters[draw(len(characters))]
        case Row(forms):
            return "".join(made(one, draw) for one in forms)
        case Choice(forms):
            return made(forms[draw(len(forms))], draw)
        case Repeated(one, least, most):
            return "".join(made(one, draw) for _ in range(least + draw(most - least + 1)))


def _longest(form: Form) -> int:
    """The most characters that it can come to; what comes to none counts for one, so that it is bounded too."""
    match form:
        case OneOf():
            return 1
        case Row(forms):
            return max(1, sum(map(_longest, forms)))
        case Choice(forms):
            return max(map(_longest, forms))
        case Repeated(one, _, most):
            return most * _longest(one)


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        if pattern.endswith("$") and not pattern.endswith("\\$"):
            self.pattern = pattern[:-1]
        self.at = 1 if pattern.startswith("^") else 0
        self.depth = 0

    def choice(self) -> Form:
        forms = [self.row()]
        while self._next("|"):
            forms.append(self.row())
        return forms[0] if len(forms) == 1 else Choice(forms)

    def row(self) -> Form:
        forms: list[Form] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            forms.append(self.often(self.one()))
        return Row(forms)

    def one(self) -> Form:
        start, char = self.at, self._take()
        if char == "[":
            return self.characters(start)
        if char == "(":
            return self.group(start)
        if char == "\\":
            return OneOf(self.escaped())
        if char in _REFUSED:
            raise ValueError(f"{char!r} at {start + 1} {_REFUSED[char]}")
        if char in "?{}]^$":
            raise ValueError(f"{char!r} at {start + 1} has no meaning there; write \\{char} for the character")
        return OneOf(char)

    def group(self, start: int) -> Form:
        if self.pattern.startswith("?:", self.at):
            self.at += 2
        self.depth += 1
        if self.depth > 20:
            raise ValueError("groups are nested deeper than 20 levels")
        form = self.choice()
        self.depth -= 1
        if not self._next(")"):
            raise ValueError(f"the '(' at {start + 1} is not closed")
        return form

    def characters(self, start: int) -> Form:
        found = ""
        if self._next("^"):
            raise ValueError(f"'[^' at {start + 1} names what must not stand there; name what may")
        while not self._next("]"):
            if self.at >= len(self.pattern):
                raise ValueError(f"the '[' at {start + 1} is not closed")
            found += self.span()
        if not found:
            raise ValueError(f"the '[]' at {start + 1} is empty")
        return OneOf("".join(dict.fromkeys(found)))

    def span(self) -> str:
        """The characters of one part of a class: a single one, `a-z`, or an escape."""
        first = self._take()
        low = self.escaped() if first == "\\" else first
        follows = self.pattern[self.at : self.at + 2]
        if len(low) > 1 or len(follows) < 2 or follows[0] != "-" or follows[1] == "]":
            return low
        self.at += 1
        last = self._take()
        high = self.escaped() if last == "\\" else last
        if len(high) > 1 or ord(high) < ord(low):
            raise ValueError(f"the span {low}-{high} is upside down")
        if ord(high) - ord(low) >= LONGEST:
            raise ValueError(f"the span {low}-{high} holds more than {LONGEST} characters")
        return "".join(map(chr, range(ord(low), ord(high) + 1)))

    def escaped(self) -> str:
        if self.at >= len(self.pattern):
            raise ValueError("it ends in a backslash")
        char = self._take()
        if char in _CLASSES:
            return _CLASSES[char]
        if char.isalnum():
            raise ValueError(f"'\\{char}' is not understood; there are \\d and \\w")
        return char

    def often(self, form: Form) -> Form:
        if self._next("?"):
            return Repeated(form, 0, 1)
        if not self._next("{"):
            return form
        end = self.pattern.find("}", self.at)
        written = self.pattern[self.at : end] if end >= 0 else self.pattern[self.at :]
        least, _, most = written.partition(",")
        bounds = [bound.strip() for bound in (least, most or least)]
        if end < 0 or not all(bound.isdecimal() and len(bound) <= 4 for bound in bounds):
            raise ValueError(f"'{{{written}}}' does not say how often; write {{4}} or {{2,4}}")
        self.at = end + 1
        low, high = map(int, bounds)
        if low > high:
            raise ValueError(f"'{{{written}}}' is upside down")
        return Repeated(form, low, high)

    def _take(self) -> str:
        self.at += 1
        return self.pattern[self.at - 1]

    def _next(self, char: str) -> bool:
        found = self.pattern.startswith(char, self.at)
        self.at += found
        return found
