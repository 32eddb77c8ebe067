"""Variables, given or made up for each trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sparring.adapters.suites.documents import Table
from sparring.adapters.suites.places import Fields, Place
from sparring.domain import generation
from sparring.domain.generation import Generator, NameKind
from sparring.domain.played import as_played
from sparring.domain.scenario import Scenario

_GENERATE = "generate"
_WAYS = ("pattern", "date", "name", "one_of", "integer", "text")
WAYS_AND_MORE = (*_WAYS, "relative_to")

Variables = tuple[dict[str, Any], dict[str, Generator]]
"""Those that are given, and those that are made up."""


def variable_places(place: Place | None) -> dict[str, Place]:
    """The variables of a suite or scenario, by name."""
    return {} if place is None else place.entries("a mapping from names to values")


def read_variables(place: Place | None) -> Variables:
    """The variables of a suite or scenario."""
    given: dict[str, Any] = {}
    made: dict[str, Generator] = {}
    for name, value in variable_places(place).items():
        if not _is_generated(value):
            given[name] = value.written()
        elif (generator := _read(value)) is not None:
            made[name] = generator
    return given, made


def joined(shared: Variables, own: Variables) -> Variables:
    """The suite's variables and the scenario's own, which win."""
    given = {name: value for name, value in shared[0].items() if name not in own[1]} | own[0]
    made = {name: generator for name, generator in shared[1].items() if name not in own[0]} | own[1]
    return given, made


def known_values(scenario: Scenario, own: Place | None, shared: Place | None) -> Mapping[str, Any]:
    """Every variable of a scenario with a value as a trial may have it.

    A variable that cannot be made up is noted where it stands.
    """
    flaws = generation.flaws(scenario.generated, scenario.variables)
    if not flaws:
        return as_played(scenario, 0).variables
    places = {**variable_places(shared), **variable_places(own)}
    for name, why in flaws.items():
        places[name].wrong(why)
    return {**scenario.variables, **dict.fromkeys(scenario.generated, "")}


def generator_texts(place: Place | None) -> Iterator[Place]:
    """Every text from which a variable is made up, and in which others are named."""
    for value in variable_places(place).values():
        if _is_generated(value) and (text := _inner(value).get("text")) is not None:
            yield text


def _is_generated(place: Place) -> bool:
    return isinstance(place.node, Table) and [key.text for key, _ in place.node.pairs] == [_GENERATE]


def _inner(place: Place) -> Place:
    return place.entries("")[_GENERATE]


def _read(place: Place) -> Generator | None:
    fields = _inner(place).fields(*WAYS_AND_MORE)
    given = [name for name in _WAYS if name in fields]
    if len(given) != 1:
        came = " and ".join(given) or "none"
        fields.place.wrong(f"expected one of {', '.join(_WAYS)}, came {came}.")
        return None
    options = fields.get("one_of")
    return Generator(
        pattern=fields.text("pattern"),
        date=fields.text("date"),
        name=fields.chosen("name", NameKind),
        one_of=None if options is None else tuple(item.written() for item in options.items("a list of values")),
        integer=_read_bounds(fields),
        text=fields.text("text"),
        relative_to=fields.text("relative_to") or "today",
    )


def _read_bounds(fields: Fields) -> tuple[int, int] | None:
    place = fields.get("integer")
    if place is None:
        return None
    bounds = [item.integer(-(2**53), 2**53) for item in place.items("two whole numbers: [lowest, highest]")]
    if len(bounds) != 2 or None in bounds:
        place.expected("two whole numbers: [lowest, highest]")
        return None
    return bounds[0] or 0, bounds[1] or 0
