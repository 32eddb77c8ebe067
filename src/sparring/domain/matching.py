"""Comparing JSON values: equality by value, and matchers for arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sparring.domain import paths, patterns, templates
from sparring.domain.errors import ScenarioFault
from sparring.domain.paths import ABSENT as ABSENT
from sparring.domain.templates import Scope, as_text, compact_json


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


def fits(path: str, matcher: Matcher, tree: Mapping[str, Any], *scopes: Scope) -> bool:
    """Whether what stands at a path meets a matcher, both with the variables of the scopes put in."""
    return matches(filled(matcher, *scopes), at(path, tree, *scopes))


def at(path: str, tree: Mapping[str, Any], *scopes: Scope) -> Any:
    """What stands at a path: as one whole key first, then by its dots; or ABSENT."""
    return tree[path] if path in tree else paths.find(tree, templates.parts(path, *scopes))


def filled(matcher: Matcher, *scopes: Scope) -> Matcher:
    """The matcher with variables put in; in a pattern they stand for themselves.

    Raises:
        ScenarioFault: the pattern does not compile with them.
    """
    equal = templates.put_in(matcher.equal, *scopes)
    one_of = None if matcher.one_of is None else tuple(templates.put_in(one, *scopes) for one in matcher.one_of)
    regex = None if matcher.regex is None else filled_pattern(matcher.regex, *scopes)
    if equal is matcher.equal and regex is matcher.regex and one_of == matcher.one_of:
        return matcher
    return replace(matcher, equal=equal, one_of=one_of, regex=regex)


def filled_pattern(pattern: str, *scopes: Scope) -> str:
    """The pattern with variables put in, each of which stands for itself.

    Raises:
        ScenarioFault: it does not compile with them.
    """
    full = templates.fill(pattern, *scopes, shown=_literal)
    if full is not pattern:
        try:
            patterns.compiled(full)
        except ValueError as error:
            raise ScenarioFault(
                f"The pattern {pattern!r} does not compile with its variables put in: {error}."
            ) from None
    return full


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


def _literal(value: Any) -> str:
    return patterns.literal(as_text(value))
