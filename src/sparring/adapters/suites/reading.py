"""From a suite file to a suite, or to everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from sparring.adapters.suites.crosschecks import check
from sparring.adapters.suites.documents import Listing, Table
from sparring.adapters.suites.inclusion import flattened, include_parts, source
from sparring.adapters.suites.places import Fields, Place, Source
from sparring.adapters.suites.problems import Problems
from sparring.adapters.suites.scenarios import (
    MAX_TRIALS,
    read_agent,
    read_defaults,
    read_scenario,
    read_state,
)
from sparring.adapters.suites.suite import Suite
from sparring.adapters.suites.variables import read_variables
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Threshold

SUITE = (
    "name",
    "agent",
    "user_model",
    "judge_model",
    "trials",
    "seed",
    "limits",
    "variables",
    "state",
    "thresholds",
    "defaults",
    "scenarios",
)
LIMITS = ("max_steps", "max_errors", "timeout")
_PASS_HAT = re.compile(r"pass\^([1-9][0-9]?|100)")
_MAX_STEPS = 5000
_MAX_SEED = 2**63 - 1


def load_suite(path: Path) -> Suite:
    """The suite in a YAML or JSON file.

    Raises:
        InvalidInput: the file cannot be read, or something in it is wrong; the message names file, line, column
            and field of up to ten mistakes, what came, and what is allowed.
    """
    problems = Problems()
    return _read(source(path, problems), path.stem)


def parse_suite(text: str, *, file: str = "suite.yaml", folder: Path | None = None) -> Suite:
    """The suite in a text.

    Args:
        file: how it is named in messages.
        folder: where the files that it includes are looked for; None where it may not include any.

    Raises:
        InvalidInput: something in it is wrong.
    """
    return _read(Source(file, text, folder, Problems()), Path(file).stem)


def _read(source: Source, stem: str) -> Suite:
    problems = source.problems
    document = source.document()
    problems.raise_errors()
    assert document is not None
    return read_document(document, stem)


def read_document(document: Place, stem: str) -> Suite:
    """The suite that a document holds.

    Raises:
        InvalidInput: something in it is wrong.
    """
    suite = _read_suite(document, stem)
    document.source.problems.raise_errors()
    assert suite is not None
    return suite


def _read_suite(place: Place, stem: str) -> Suite | None:
    if not isinstance(place.node, Table):
        place.expected(f"a mapping with {', '.join(SUITE)}")
        return None
    include_parts(place)
    place.source.problems.raise_errors()
    fields = place.fields(*SUITE, required=("agent", "scenarios"))
    limits = fields.get("limits")
    bounds = limits.fields(*LIMITS) if limits is not None else Fields(place, {})
    trials = fields.integer("trials", 1, MAX_TRIALS) or 1
    shared = read_variables(fields.get("variables"))
    state = read_state(fields.get("state"))
    agent_place = fields.get("agent")
    agent = read_agent(agent_place) if agent_place is not None else None
    places = _scenario_places(fields.get("scenarios"))
    defaults = read_defaults(fields.get("defaults"))
    scenarios = [read_scenario(scenario, shared, trials, state=state, defaults=defaults) for scenario in places]
    _check_names(places, scenarios)
    if agent is None or agent_place is None or None in scenarios:
        return None
    played = tuple(scenario for scenario in scenarios if scenario is not None)
    if not place.source.problems.errors:
        pairs = list(zip(played, places, strict=True))
        shared_places = (fields.get("variables"), fields.get("state"), fields.get("defaults"))
        check(agent, agent_place, pairs, *shared_places)
    return Suite(
        name=fields.text("name") or stem,
        agent=agent,
        scenarios=played,
        user_model=fields.text("user_model"),
        judge_model=fields.text("judge_model"),
        trials=trials,
        seed=fields.integer("seed", 0, _MAX_SEED) or 0,
        max_steps=bounds.integer("max_steps", 1, _MAX_STEPS) or 100,
        max_errors=bounds.integer("max_errors", 1) or 5,
        thresholds=_thresholds(fields.get("thresholds")),
        timeout=bounds.number("timeout", "seconds, more than 0", lambda value: value > 0),
        places={
            scenario.name: (where.source.file, where.node.line)
            for scenario, where in zip(played, places, strict=True)
        },
        warnings=tuple(dict.fromkeys(map(str, place.source.problems.warnings))),
    )


def _thresholds(place: Place | None) -> tuple[Threshold, ...]:
    """What pass^k must reach."""
    read: list[Threshold] = []
    entries = place.entries("a mapping such as pass^1: 0.9") if place is not None else {}
    for name, value in entries.items():
        k = _PASS_HAT.fullmatch(name)
        if k is None:
            value.wrong(f"there is no figure {name!r}; write pass^1, pass^2 and so on.")
            continue
        rate = value.number("a rate from 0 to 1", lambda rate: 0 <= rate <= 1)
        if rate is not None:
            read.append(Threshold(int(k[1]), rate))
    return tuple(read)


def _scenario_places(place: Place | None) -> list[Place]:
    if place is None:
        return []
    places = flattened(place)
    if isinstance(place.node, Listing) and not places:
        place.wrong("there is no scenario; a suite has at least one.")
    return places


def _check_names(places: Sequence[Place], scenarios: Sequence[Scenario | None]) -> None:
    seen: dict[str, Place] = {}
    for place, scenario in zip(places, scenarios, strict=True):
        if scenario is None:
            continue
        first = seen.setdefault(scenario.name, place)
        if first is not place:
            line = first.position.line
            place.wrong(f"a second scenario of the name {scenario.name!r}; the first is in line {line}.")
