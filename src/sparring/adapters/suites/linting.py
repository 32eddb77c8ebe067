"""Mistakes of meaning in a suite that can be read: what makes its verdicts hard to trust, with places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sparring.adapters.suites.documents import Scalar
from sparring.adapters.suites.inclusion import flattened, source
from sparring.adapters.suites.places import Place
from sparring.adapters.suites.problems import Problem, Problems
from sparring.adapters.suites.reading import read_document
from sparring.adapters.suites.suite import Suite
from sparring.adapters.suites.tools import tool_places
from sparring.domain import linting, templates
from sparring.domain.agent import Agent, ToolKind
from sparring.domain.scenario import Expectations, Scenario


def lint_suite(path: Path) -> Sequence[Problem]:
    """Everything in a suite that deserves a second look, in the order of the file.

    Raises:
        InvalidInput: the suite cannot be read.
    """
    problems = Problems()
    document = source(path, problems).document()
    problems.raise_errors()
    assert document is not None
    suite = read_document(document, path.stem)
    for place, message in _findings(suite, document):
        place.doubtful(message)
    return sorted(dict.fromkeys(problems.warnings), key=lambda found: found.position)


def _findings(suite: Suite, document: Place) -> Iterator[tuple[Place, str]]:
    agent, listed = document.get("agent"), document.get("scenarios")
    assert agent is not None
    assert listed is not None
    yield from _idle_tools(suite, agent)
    for scenario, place in zip(suite.scenarios, flattened(listed), strict=True):
        yield from _of_scenario(suite.agent, scenario, place)


def _of_scenario(agent: Agent, scenario: Scenario, place: Place) -> Iterator[tuple[Place, str]]:
    expect = place.get("expect")
    if scenario.expect == Expectations():
        yield place, f"the scenario {scenario.name!r} checks nothing, so that every trial of it passes."
    assertions = expect.get("assertions") if expect is not None else None
    for item in assertions.items("") if assertions is not None else ():
        yield from _of_assertion(item.get("assertion") or item)
    both = {action.name for action in scenario.expect.actions if action.required} & {
        forbidden.name for forbidden in scenario.expect.forbidden if not forbidden.arguments
    }
    for name in sorted(both):
        yield expect or place, f"{name!r} is expected and forbidden, so that no trial can pass."
    yield from _given_away(agent, scenario, place)


def _of_assertion(place: Place) -> Iterator[tuple[Place, str]]:
    sentence = place.node.text if isinstance(place.node, Scalar) else ""
    if (words := linting.vague(sentence)) is not None:
        yield place, f"{words!r} leaves to the judge what passes; write what the agent says or does."
    if (second := linting.double_barrelled(sentence)) is not None:
        yield (
            place,
            f"this asks for two things, and one may be met alone; make an assertion of its own of {second!r}.",
        )


def _given_away(agent: Agent, scenario: Scenario, place: Place) -> Iterator[tuple[Place, str]]:
    told = scenario.instructions
    prompt = "\n".join(templates.fill(text, scenario.variables) for text in agent.texts)
    known = [templates.fill(text, scenario.variables) for text in (told.known, told.unknown) if text]
    for fact in linting.given_away(known, prompt):
        where = place.get("instructions") or place
        yield where, f"the agent's prompt has {fact!r} already, so that the agent need not ask for it."


def _idle_tools(suite: Suite, agent: Place) -> Iterator[tuple[Place, str]]:
    touched = set(suite.agent.mocks)
    for scenario in suite.scenarios:
        expect = scenario.expect
        touched |= {*scenario.mocks, *(action.name for action in expect.actions)}
        touched |= {forbidden.name for forbidden in expect.forbidden}
    ends = {tool.name for tool in suite.agent.tools if tool.kind is ToolKind.END}
    for name, place in tool_places(agent.get("tools")):
        if name not in touched | ends:
            yield place, f"no scenario mocks, expects or forbids {name!r}, so that nothing is learnt about it."
