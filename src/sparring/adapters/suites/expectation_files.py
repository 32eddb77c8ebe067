"""A file of expectations for conversations that are over: a suite, a scenario's `expect`, or a list of sentences."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sparring.adapters.suites.documents import Listing, Scalar, Table
from sparring.adapters.suites.expectations import read_expectations
from sparring.adapters.suites.inclusion import source
from sparring.adapters.suites.places import Place
from sparring.adapters.suites.problems import Problems
from sparring.adapters.suites.reading import load_suite
from sparring.domain.scenario import Expectations

FORMS = "assertions, actions, forbidden, writes, state, said"


def load_expectations(path: Path) -> Expectations | Mapping[str, Expectations]:
    """What a file expects: of every conversation, or by the name of the scenario where the file is a suite.

    Raises:
        InvalidInput: the file cannot be read, expects nothing, or something in it is wrong.
    """
    problems = Problems()
    place = source(path, problems).document()
    problems.raise_errors()
    assert place is not None
    if isinstance(place.node, Table) and place.get("scenarios") is not None:
        return {scenario.name: scenario.expect for scenario in load_suite(path).scenarios}
    expected = read_expectations(_as_expectations(place))
    if not problems.errors and expected == Expectations():
        place.expected(f"a list of assertions, a mapping with {FORMS}, or a suite")
    problems.raise_errors()
    return expected


def _as_expectations(place: Place) -> Place:
    """A bare list stands for the assertions."""
    if not isinstance(place.node, Listing):
        return place
    node = place.node
    key = Scalar("assertions", True, node.line, node.column, 0, 0)
    table = Table(node.line, node.column, [(key, node)], node.size, node.depth + 1)
    return Place(table, "", place.source)
