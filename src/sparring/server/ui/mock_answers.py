"""What a call would be answered: asked of the very code that answers it in a trial."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sparring.domain.agent import Agent, Tool
from sparring.domain.errors import ScenarioFault
from sparring.domain.matching import ABSENT, Matcher
from sparring.domain.mocks import ToolMock
from sparring.domain.played import as_played
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Limits
from sparring.domain.transcript import AgentMessage, Side, ToolCall, Transcript
from sparring.simulation.trial import set_stage

MOST_CALLS = 50
"""Of the same call, one after the other."""

_EXAMPLES: Mapping[str, Any] = {"integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswer:
    """What a call is answered."""

    text: str
    source: str = ""
    """`rule 2`, `otherwise`, `unmocked`...; empty where the scenario cannot answer at all."""
    is_error: bool = False
    delay: float = 0.0
    """Seconds."""
    changes: tuple[tuple[str, str], ...] = ()
    """What the call changed: paths of the world, and what stands there then."""


def answer_to(scenario: Scenario, agent: Agent, tool: str, arguments: Mapping[str, Any], nth: int) -> CallAnswer:
    """What the agent is told when it makes a call for the nth time in a row, from the beginning of a trial.

    Generated variables have the values of a trial of the seed 0.
    """
    try:
        stage = set_stage(agent, as_played(scenario, 0), Limits())
        world = stage.world()
        transcript = Transcript()
        for number in range(1, min(nth, MOST_CALLS) + 1):
            call = ToolCall(id=str(number), name=tool, arguments=arguments)
            reply = stage.answer(call, Side.AGENT, world)
            transcript.extend([AgentMessage(text=None, calls=(call,)), reply.result])
            known = len(world.touched)
            world.follow(transcript)
    except ScenarioFault as fault:
        return CallAnswer(text=str(fault), is_error=True)
    paths = dict.fromkeys(".".join(parts) for _, parts in world.touched[known:])
    return CallAnswer(
        text=reply.result.text,
        source=reply.result.source,
        is_error=reply.result.is_error,
        delay=reply.delay,
        changes=tuple((path, _stands(world.at(path)[0])) for path in paths),
    )


def example_arguments(tool: Tool | None, mock: ToolMock | None) -> str:
    """Arguments to begin with: those that the first rule asks for, else one of each that the tool takes."""
    asked = mock.rules[0].when if mock is not None and mock.rules else {}
    known = {path: _meets(matcher) for path, matcher in asked.items() if "{{" not in path}
    properties = tool.parameters.get("properties", {}) if tool is not None else {}
    names = properties if isinstance(properties, Mapping) else {}
    example = {name: known.get(name, _example(schema)) for name, schema in names.items()}
    return json.dumps({**example, **known}, ensure_ascii=False)


def _meets(matcher: Matcher) -> Any:
    if matcher.equal is not ABSENT:
        return matcher.equal
    if matcher.one_of:
        return matcher.one_of[0]
    return matcher.at_least if matcher.at_least is not None else ""


def _example(schema: Any) -> Any:
    if not isinstance(schema, Mapping):
        return ""
    options = schema.get("enum")
    if isinstance(options, list) and options:
        return options[0]
    kind = schema.get("type")
    return _EXAMPLES.get(kind, "") if isinstance(kind, str) else ""


def _stands(value: Any) -> str:
    return "(gone)" if value is ABSENT else json.dumps(value, ensure_ascii=False, default=str)
