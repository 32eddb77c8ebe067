"""Matchers: conditions on one argument, told from plain values by their keys."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from sparring.adapters.suites.documents import Listing, Table
from sparring.adapters.suites.places import Fields, Place
from sparring.domain.matching import ABSENT, Matcher
from sparring.domain.patterns import compiled

KEYS = ("equal", "regex", "one_of", "at_least", "at_most", "gte", "lte", "present", "absent")


def read_matcher(place: Place) -> Matcher | None:
    """A matcher, or equality with a plain value; None with the mistake noted."""
    if _is_matcher(place):
        return _read(place)
    return Matcher(equal=_plain(place))


def read_conditions(place: Place | None, what: str) -> dict[str, Matcher]:
    """Conditions by path."""
    read = {path: read_matcher(value) for path, value in place.entries(what).items()} if place is not None else {}
    return {path: matcher for path, matcher in read.items() if matcher is not None}


def read_parts(fields: Fields) -> Matcher | None:
    """A matcher whose parts stand among other fields; None with the mistake noted."""
    equal, pattern, options = fields.get("equal"), fields.get("regex"), fields.get("one_of")
    matcher = Matcher(
        equal=ABSENT if equal is None else equal.value(),
        regex=None if pattern is None else read_pattern(pattern),
        one_of=None if options is None else tuple(item.value() for item in options.items("a list of values")),
        at_least=_bound(fields, "at_least", "gte"),
        at_most=_bound(fields, "at_most", "lte"),
        present=_presence(fields),
    )
    return None if matcher == Matcher() else matcher


def read_expected(place: Place) -> Any:
    """An expected argument: a matcher, or a plain value as it is."""
    if _is_matcher(place):
        return _read(place)
    return _plain(place)


def read_pattern(place: Place) -> str | None:
    """A regular expression that compiles."""
    pattern = place.text()
    if pattern is None:
        return None
    try:
        compiled(pattern)
    except ValueError as error:
        place.wrong(f"this regular expression (RE2) does not compile: {error}.")
        return None
    return pattern


def _is_matcher(place: Place) -> bool:
    node = place.node
    return isinstance(node, Table) and bool(node.pairs) and all(key.text in KEYS for key, _ in node.pairs)


def _plain(place: Place) -> Any:
    """A plain value; one that was probably meant as a matcher is doubtful."""
    for table in _tables(place):
        keys = [key.text for key, _ in table.node.pairs] if isinstance(table.node, Table) else []
        near = [get_close_matches(key, KEYS, n=1, cutoff=0.8) for key in keys]
        if keys and all(near):
            if table.node is place.node:
                meant = near[next((n for n, key in enumerate(keys) if key not in KEYS), 0)][0]
                table.doubtful(f"is compared as a plain value; for a condition write {meant!r}.")
            elif all(key in KEYS for key in keys):
                table.doubtful("is compared as a plain value: a condition works on a whole argument only.")
    return place.value()


def _tables(place: Place) -> Iterator[Place]:
    if isinstance(place.node, Listing):
        for item in place.items(""):
            yield from _tables(item)
    elif isinstance(place.node, Table):
        yield place
        for value in place.entries("").values():
            yield from _tables(value)


def _read(place: Place) -> Matcher | None:
    return read_parts(place.fields(*KEYS, values=("equal",)))


def _bound(fields: Fields, *names: str) -> float | None:
    given = [fields.number(name, "a number") for name in names if name in fields]
    if len(given) > 1:
        fields.place.wrong(f"{names[0]!r} and {names[1]!r} are the same thing; give one.")
    return given[0] if given else None


def _presence(fields: Fields) -> bool | None:
    present, absent = fields.boolean("present"), fields.boolean("absent")
    if present is not None and absent is not None:
        fields.place.wrong("'present' and 'absent' exclude each other; give one.")
    return present if absent is None else not absent
