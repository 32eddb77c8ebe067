"""One scenario or one agent by itself, as a suite would say it: read over what is stored, and written.

What a suite cannot say is kept, and so is everything that comes back as it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from sparring.adapters.suites.crosschecks import check
from sparring.adapters.suites.layout import Block, as_yaml
from sparring.adapters.suites.origins import ORIGIN
from sparring.adapters.suites.places import Place, Source
from sparring.adapters.suites.problems import Problem, Problems
from sparring.adapters.suites.scenarios import read_agent, read_scenario
from sparring.adapters.suites.typed import compose, value_text
from sparring.adapters.suites.writing import agent_document, scenario_document
from sparring.domain import generation
from sparring.domain.agent import Agent, Tool
from sparring.domain.editing import Composed, Flaw, Pairs, Reading
from sparring.domain.endpoints import PythonEndpoint
from sparring.domain.scenario import Scenario

_RecordT = TypeVar("_RecordT", Agent, Scenario)

_SCENARIO: Mapping[str, tuple[str, ...]] = {"variables": ("variables", "generated"), "opens": ("agent_opens",)}
"""The fields of a scenario where they have other names than in a suite."""

_ELSEWHERE = Agent(id="", workspace="", name="Any agent", endpoint=PythonEndpoint(callable="any:agent"))
"""Stands for the agent of a scenario that has none: it may have any tool."""


class SingleRecords:
    """Scenarios and agents by themselves, as texts and as the values that forms show."""

    def scenario_document(self, scenario: Scenario) -> Mapping[str, Any]:
        """The scenario as JSON values, by the words of a suite."""
        return _without_origin(scenario_document(scenario))

    def scenario_text(self, scenario: Scenario) -> str:
        """The scenario as YAML."""
        return as_yaml(self.scenario_document(scenario))

    def read_scenario(self, text: str, *, base: Scenario, agent: Agent | None) -> Reading[Scenario]:
        """A scenario's text.

        Args:
            base: what is edited; it keeps what a suite cannot say.
            agent: the one that it is played with, where one is chosen; its tools and texts are looked at too.
        """
        document, problems = _document("scenario.yaml", text)
        read = read_scenario(document, ({}, {}), 1) if document is not None else None
        if document is None or read is None or problems.errors:
            return Reading(flaws=_flaws(problems.errors), warnings=_flaws(problems.warnings))
        if unmade := generation.flaws(read.generated, read.variables):
            flaws = tuple(Flaw(path=f"variables.{name}", message=why) for name, why in unmade.items())
            return Reading(flaws=flaws, warnings=_flaws(problems.warnings))
        beside = _look_around(read, document, agent)
        told = (*_flaws([*problems.errors, *problems.warnings]), *beside)
        known = {tool.name: tool for tool in base.user_tools}
        read = replace(read, user_tools=tuple(_kept(tool, known.get(tool.name)) for tool in read.user_tools))
        merged = _merged(base, read, self.scenario_document(base), self.scenario_document(read), _SCENARIO)
        return Reading(record=merged, warnings=told)

    def agent_document(self, agent: Agent) -> Mapping[str, Any]:
        """The agent as JSON values, by the words of a suite."""
        return _without_origin(agent_document(agent))

    def agent_text(self, agent: Agent) -> str:
        """The agent as YAML."""
        return as_yaml(self.agent_document(agent))

    def read_agent(self, text: str, *, base: Agent) -> Reading[Agent]:
        """An agent's text; a tool keeps what a suite cannot say of it."""
        document, problems = _document("agent.yaml", text)
        read = read_agent(document) if document is not None else None
        if read is None or problems.errors:
            return Reading(flaws=_flaws(problems.errors), warnings=_flaws(problems.warnings))
        read = replace(read, tools=tuple(_kept(tool, base.tool(tool.name)) for tool in read.tools))
        merged = _merged(base, read, self.agent_document(base), self.agent_document(read), {})
        return Reading(record=merged, warnings=_flaws(problems.warnings))

    def compose(self, given: Pairs) -> Composed:
        """The YAML of what was typed into a form."""
        return compose(given)

    def value_text(self, value: Any) -> str:
        """A JSON value as it is typed into a field."""
        return value_text(value)

    def read_object(self, text: str) -> Reading[Mapping[str, Any]]:
        """A JSON object, in JSON or in YAML; an empty one where nothing stands."""
        if not text.strip():
            return Reading(record={})
        document, problems = _document("arguments.yaml", text)
        found = document.entries("an object, such as {id: 7}") if document is not None else {}
        if problems.errors:
            return Reading(flaws=_flaws(problems.errors))
        return Reading(record={name: place.value() for name, place in found.items()})

    def yaml_text(self, value: Mapping[str, Any]) -> str:
        """A JSON object as YAML; nothing for an empty one."""
        return as_yaml(value) if value else ""


def _document(file: str, text: str) -> tuple[Place | None, Problems]:
    problems = Problems()
    return Source(file, text, None, problems).document(), problems


def _look_around(scenario: Scenario, place: Place, agent: Agent | None) -> tuple[Flaw, ...]:
    """Note what can only be seen beside the agent; gives what its own texts lack in this scenario."""
    tested = agent or _ELSEWHERE
    document, problems = _document("agent.yaml", as_yaml({"agent": agent_document(tested)}))
    beside = document.get("agent") if document is not None else None
    assert beside is not None
    check(tested, beside, [(scenario, place)], None, None, None)
    return tuple(Flaw(path=problem.field, message=problem.message) for problem in problems.errors)


def _flaws(problems: Iterable[Problem]) -> tuple[Flaw, ...]:
    found = sorted(dict.fromkeys(problems), key=lambda problem: problem.position)
    return tuple(
        Flaw(
            path=problem.field,
            message=problem.message,
            line=problem.position.line,
            column=problem.position.column,
        )
        for problem in found
    )


def _merged(
    base: _RecordT,
    read: _RecordT,
    was: Mapping[str, Any],
    now: Mapping[str, Any],
    names: Mapping[str, tuple[str, ...]],
) -> _RecordT:
    """The stored record with the fields that read otherwise than before; itself where none does."""
    changed = [name for name in {**was, **now} if _told(was.get(name)) != _told(now.get(name))]
    fields = {field: getattr(read, field) for name in changed for field in names.get(name, (name,))}
    if ORIGIN in read.extra and read.extra[ORIGIN] != base.extra.get(ORIGIN):
        fields["extra"] = {**base.extra, **read.extra}
    return replace(base, **fields) if fields else base


def _without_origin(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a suite says, but for what an import keeps of another product's record: nobody edits that."""
    return {name: value for name, value in document.items() if name != ORIGIN}


def _told(value: Any) -> str:
    """A field of a document, to be compared: blank texts are none, and only a task is the task."""
    if isinstance(value, Block):
        value = {name: part for name, part in value.items() if not _is_blank(part)}
        if list(value) == ["task_instructions"]:
            value = value["task_instructions"]
    return repr(None if _is_blank(value) else value or None)


def _is_blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def _kept(tool: Tool, known: Tool | None) -> Tool:
    """A tool with what it had and a suite cannot say, such as the address of a webhook."""
    return tool if known is None else replace(tool, live=known.live, extra={**known.extra, **tool.extra})
