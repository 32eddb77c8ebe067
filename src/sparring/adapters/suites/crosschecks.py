"""What can only be seen when the whole suite is read: names of tools and variables that lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sparring.adapters.suites.documents import Scalar
from sparring.adapters.suites.places import Place
from sparring.adapters.suites.problems import Position
from sparring.adapters.suites.scenarios import agent_texts, default_texts, history_texts, scenario_texts
from sparring.adapters.suites.tools import tool_places
from sparring.adapters.suites.variables import known_values, variable_places
from sparring.domain import generation, templates
from sparring.domain.agent import Agent, Tool
from sparring.domain.endpoints import OF_CONVERSATION, Endpoint, OpenAIEndpoint, PythonEndpoint
from sparring.domain.scenario import Scenario
from sparring.domain.warnings import did_you_mean

_TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
"""What models take as the name of a tool."""

_OF_MOCKS = ("arguments", "state")
"""In mocks, the arguments of the call and the trial's world."""


def check(
    agent: Agent,
    agent_place: Place,
    scenarios: Sequence[tuple[Scenario, Place]],
    shared: Place | None,
    state: Place | None,
    defaults: Place | None,
) -> None:
    """Note every variable and tool that is named and not there, and every variable that is there and not named.

    Args:
        shared: the variables of all scenarios.
        state: the world of all scenarios.
        defaults: the fields of scenarios that do not have them themselves.
    """
    _check_offered(agent.endpoint, agent_place, [place for _, place in scenarios], defaults)
    told = [(name, where) for name, where in _asked(agent_texts(agent_place)) if not _is_sent(name, where)]
    in_state = _asked(state.scalars(keys=True)) if state is not None else []
    agent_names = {name for name, _ in told}
    named = set(agent_names)
    lacking: dict[str, list[str]] = {}
    own_tools = [tool.name for tool in agent.tools]
    # One that lives elsewhere may have any tool, and need not say which.
    knows_tools = bool(own_tools) or agent.endpoint is None
    if knows_tools:
        _check_tools(agent_place.get("mocks"), own_tools)
    # An agent's own code is given all variables.
    is_told = isinstance(agent.endpoint, PythonEndpoint)
    for scenario, place in scenarios:
        known = known_values(scenario, place.get("variables"), shared)
        asked = _asked((*scenario_texts(place), *default_texts(defaults, place)))
        names = agent_names | _check_texts(scenario, place, known, asked, in_state)
        named |= names
        for name in agent_names:
            if not _is_known(name, known):
                lacking.setdefault(name, []).append(scenario.name)
        if not scenario.variables_answer_tools and not is_told:
            _check_unused(place.get("variables"), names)
        if knows_tools:
            _check_scenario_tools(place, [*agent.tools, *scenario.user_tools])
    for name, where in told:
        if name in lacking:
            _tell_lacking(name, where, lacking[name], scenarios)
    if not is_told and not any(scenario.variables_answer_tools for scenario, _ in scenarios):
        _check_unused(shared, named)


def _check_offered(
    endpoint: Endpoint | None, agent: Place, scenarios: Sequence[Place], defaults: Place | None
) -> None:
    """Note tools whose names no model takes, and models that are never asked."""
    offered = [place.get("user_tools") for place in (*scenarios, defaults) if place is not None]
    if endpoint is None or (isinstance(endpoint, OpenAIEndpoint) and not endpoint.own_tools):
        offered.append(agent.get("tools"))
    for name, place in (found for tools in offered for found in tool_places(tools)):
        if not _TOOL_NAME.fullmatch(name):
            place.expected("the name of a tool as models take it: up to 128 letters, digits, '_' and '-'")
    if endpoint is not None:
        for place in (agent, *scenarios, *([defaults] if defaults is not None else ())):
            if (model := place.get("model")) is not None:
                model.doubtful("the agent lives at its endpoint, so this model is never asked.")


def _is_sent(name: str, place: Place) -> bool:
    """Whether a name is one that every request to an agent that lives elsewhere can have."""
    return place.path.startswith("agent.endpoint.") and name in OF_CONVERSATION


def _check_texts(
    scenario: Scenario,
    place: Place,
    known: Mapping[str, Any],
    asked: Sequence[tuple[str, Place]],
    in_state: Sequence[tuple[str, Place]],
) -> set[str]:
    """Note what no variable answers; the names that the scenario and the suite's world ask for."""
    kept = [*_asked(history_texts(place)), *in_state]
    for name, where in asked:
        if not _is_known(name, known) and not _is_of_mocks(name, where):
            where.source.problems.error(_locate(name, where), where.path, _unknown(name, scenario, known))
    for name, where in kept:
        if not _is_known(name, known):
            where.doubtful(f"{{{{{name}}}}} stays as it is written: {_unknown(name, scenario, known)}")
    return {name for name, _ in (*asked, *kept)} | _named_by_generators(scenario)


def _asked(places: Iterable[Place]) -> list[tuple[str, Place]]:
    """The variables that texts ask for, each with its text."""
    return [
        (name, place)
        for place in places
        if isinstance(place.node, Scalar) and "{{" in place.node.text
        for name in templates.names(place.node.text)
    ]


def _is_known(name: str, variables: Mapping[str, Any]) -> bool:
    try:
        templates.look_up(name, variables)
    except KeyError:
        return False
    return True


def _is_of_mocks(name: str, place: Place) -> bool:
    """Whether a mock asks for a part of the call or of the world."""
    return ".mocks." in f".{place.path}" and name.split(".", 1)[0] in _OF_MOCKS


def _named_by_generators(scenario: Scenario) -> set[str]:
    return {name for generator in scenario.generated.values() for name in generation.names_in(generator)}


def _tell_lacking(
    name: str, place: Place, without: Sequence[str], scenarios: Sequence[tuple[Scenario, Place]]
) -> None:
    if _is_of_mocks(name, place):
        return
    first = next(scenario for scenario, _ in scenarios if scenario.name == without[0])
    names = [*first.variables, *first.generated]
    others = f" and {len(without) - 1} more" if len(without) > 1 else ""
    message = f"no variable answers {{{{{name}}}}} in the scenario {without[0]!r}{others}.{_have(name, names)}"
    place.source.problems.error(_locate(name, place), place.path or "instructions", message)


def _unknown(name: str, scenario: Scenario, known: Iterable[str]) -> str:
    return f"no variable answers {{{{{name}}}}} in the scenario {scenario.name!r}.{_have(name, known)}"


def _have(name: str, known: Iterable[str]) -> str:
    names = list(known)
    return f"{did_you_mean(name, names)} There are: {', '.join(names)}." if names else " There are no variables."


def _check_unused(variables: Place | None, named: Iterable[str]) -> None:
    places = variable_places(variables)
    texts = [f"{{{{{name}}}}}" for name in named]
    for name in templates.unused(texts, places):
        places[name].doubtful(f"the variable {name!r} is named in no text.")


def _check_scenario_tools(place: Place, there: Sequence[Tool]) -> None:
    tools = [tool.name for tool in there]
    _check_tools(place.get("mocks"), tools)
    expect = place.get("expect")
    if expect is None:
        return
    if (writes := expect.get("writes")) is not None and not any(tool.writes for tool in there):
        writes.doubtful("this has nothing to look at: no tool is marked `writes: true`.")
    for action in _items(expect.get("actions")):
        if (name := action.get("name")) is not None:
            _check_tool(name, tools, "expects a call of")
    for item in _items(expect.get("forbidden")):
        _check_tool(item.get("name") or item, tools, "forbids")


def _items(place: Place | None) -> list[Place]:
    return [] if place is None else place.items("a list")


def _check_tools(mocks: Place | None, tools: Sequence[str]) -> None:
    for name, place in mocks.entries("mocks").items() if mocks is not None else ():
        if name not in tools:
            place.doubtful(f"this mock answers {name!r}, which nobody has as a tool.{did_you_mean(name, tools)}")


def _check_tool(place: Place, tools: Sequence[str], what: str) -> None:
    if isinstance(place.node, Scalar) and place.node.text not in tools:
        name = place.node.text
        place.doubtful(f"this {what} {name!r}, which nobody has as a tool.{did_you_mean(name, tools)}")


def _locate(name: str, place: Place) -> Position:
    """The line in which a text asks for a variable."""
    node = place.node
    assert isinstance(node, Scalar)
    written = place.source.text
    found = re.compile(r"\{\{\s*" + re.escape(name) + r"\s*\}\}").search(written, node.start, node.end)
    if found is None:
        return place.position
    start = found.start()
    line = written.count("\n", 0, start) + 1
    return Position(place.source.file, line, start - (written.rfind("\n", 0, start) + 1) + 1)
