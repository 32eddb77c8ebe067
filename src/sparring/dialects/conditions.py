"""Conditions on values: a plain value, which must be equal, or an object of matcher words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Discriminator, Tag, model_validator

from sparring.dialects.extensions import Extension, Short, left_out, nearly, refused
from sparring.dialects.fields import TAG, Number
from sparring.domain.matching import ABSENT, Matcher
from sparring.domain.patterns import compiled

WORDS = ("equal", "regex", "one_of", "at_least", "at_most", "gte", "lte", "present", "absent")


class Condition(Extension):
    """What a value must be; all words that are there must hold."""

    equal: Any = left_out()
    regex: str = left_out()
    """In RE2's syntax, found anywhere in the text; a value that is no text is taken as JSON."""
    one_of: list[Any] = left_out()
    at_least: Number = left_out()
    gte: Number = left_out()
    """The same as `at_least`."""
    at_most: Number = left_out()
    lte: Number = left_out()
    """The same as `at_most`."""
    present: bool = left_out()
    absent: bool = left_out()

    @model_validator(mode="after")
    def _usable(self) -> Self:
        for pair in (("at_least", "gte"), ("at_most", "lte"), ("present", "absent")):
            if self.model_fields_set.issuperset(pair):
                raise refused(f"must not have both {pair[0]} and {pair[1]}")
        if "regex" in self.model_fields_set:
            check_pattern(self.regex)
        return self

    @property
    def matcher(self) -> Matcher:
        """The same in the domain."""
        given = {word: getattr(self, word) for word in self.model_fields_set}
        absent = given.get("absent")
        return Matcher(
            equal=given.get("equal", ABSENT),
            regex=given.get("regex"),
            one_of=tuple(given["one_of"]) if "one_of" in given else None,
            at_least=given.get("at_least", given.get("gte")),
            at_most=given.get("at_most", given.get("lte")),
            present=given.get("present") if absent is None else not absent,
        )


def check_pattern(pattern: str) -> str:
    """A regular expression that compiles."""
    try:
        compiled(pattern)
    except ValueError as error:
        raise refused(f"must be a regular expression (RE2) that compiles: {error}") from None
    return pattern


def is_matcher(value: Any) -> bool:
    """Whether a value is an object of matcher words and nothing else."""
    return isinstance(value, Mapping) and bool(value) and all(word in WORDS for word in value)


def _long(value: Any) -> Any:
    """The condition that a value stands for; one that is half a condition is a mistake."""
    if isinstance(value, Condition) or is_matcher(value):
        return value
    if isinstance(value, Mapping):
        found = nearly(value, WORDS)
        if found is not None:
            raise refused(
                f"must be a condition of {', '.join(WORDS)}, or a plain value; to compare with an object that "
                f'has the field {found[0]!r}, write {{"equal": ...}}'
            )
    return {"equal": value}


def _kind(value: Any) -> str:
    return MATCHER if isinstance(value, Condition) or is_matcher(value) else PLAIN


MATCHER, PLAIN = f"{TAG}matcher", f"{TAG}plain"

AnyCondition = Annotated[Condition, Short(_long, {"description": "A plain value, which must be equal."})]
"""Where conditions are meant."""

Expected = Annotated[Annotated[Condition, Tag(MATCHER)] | Annotated[Any, Tag(PLAIN)], Discriminator(_kind)]
"""Where plain values are meant, and a condition is an extension: whatever is no whole matcher is a plain value."""


def written(matcher: Matcher) -> Any:
    """A matcher as it is written, equality as the plain value."""
    if matcher == Matcher(equal=matcher.equal) and matcher.equal is not ABSENT:
        return _plain(matcher.equal)
    words: dict[str, Any] = {} if matcher.equal is ABSENT else {"equal": matcher.equal}
    words |= {
        word: value
        for word, value in (
            ("regex", matcher.regex),
            ("at_least", matcher.at_least),
            ("at_most", matcher.at_most),
            ("one_of", None if matcher.one_of is None else list(matcher.one_of)),
        )
        if value is not None
    }
    if matcher.present is not None:
        words["present" if matcher.present else "absent"] = True
    return words


def _plain(value: Any) -> Any:
    """A value that is compared as it is; an object could be taken for a condition and is put into one."""
    return {"equal": value} if isinstance(value, Mapping) else value


def written_argument(value: Any) -> Any:
    """An expected argument as it is written: only what would be taken for a matcher is put into one."""
    if isinstance(value, Matcher):
        plain = value == Matcher(equal=value.equal) and value.equal is not ABSENT
        return {"equal": value.equal} if plain else written(value)
    return {"equal": value} if is_matcher(value) else value
