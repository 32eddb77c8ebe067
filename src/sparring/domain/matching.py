"""Comparing JSON values: equality by value, and matchers for arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sparring.domain import patterns
from sparring.domain.templates import as_text, compact_json


class _Absent:
    """The argument that is not there."""


ABSENT = _Absent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """A condition on one argument; every part that is set must hold."""

    equal: Any = ABSENT
    regex: str | None = None
    """Found anywhere in the text, in RE2's syntax (linear time); a value that is no text is taken as JSON."""
    one_of: tuple[Any, ...] | None = None
    at_least: float | None = None
    at_most: float | None = None
    present: bool | None = None
    """True: must be there; False: must not."""

    def __str__(self) -> str:
        """The condition in words, for a check's reason."""
        if self.present is False:
            return "absent"
        parts = [
            f"equal to {compact_json(self.equal)}" if self.equal is not ABSENT else "",
            f"matching /{self.regex}/" if self.regex is not None else "",
            f"one of {compact_json(list(self.one_of))}" if self.one_of is not None else "",
            f"at least {self.at_least}" if self.at_least is not None else "",
            f"at most {self.at_most}" if self.at_most is not None else "",
        ]
        return " and ".join(part for part in parts if part) or "present"


def matches(matcher: Matcher, value: Any = ABSENT) -> bool:
    """Whether a value (or its absence) meets a matcher."""
    if value is ABSENT:
        return matcher.present is False
    if matcher.present is False:
        return False
    if matcher.equal is not ABSENT and not same(matcher.equal, value):
        return False
    if matcher.one_of is not None and not any(same(option, value) for option in matcher.one_of):
        return False
    return _in_range(matcher, value) and _fits_pattern(matcher, value)


def same(a: Any, b: Any) -> bool:
    """Equality of JSON values: numbers by number, `true` is not 1, objects regardless of the order of keys."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


def _in_range(matcher: Matcher, value: Any) -> bool:
    if matcher.at_least is None and matcher.at_most is None:
        return True
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return (matcher.at_least is None or value >= matcher.at_least) and (
        matcher.at_most is None or value <= matcher.at_most
    )


def _fits_pattern(matcher: Matcher, value: Any) -> bool:
    if matcher.regex is None:
        return True
    return patterns.found(matcher.regex, as_text(value))
