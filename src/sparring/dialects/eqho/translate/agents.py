"""Agents. One record in both dialects: what only the other one can say is kept when this one replaces it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sparring.dialects.endpoints import endpoint_record
from sparring.dialects.eqho.translate.actions import action_id, action_of_agent
from sparring.dialects.eqho.translate.records import KEPT, history, revised
from sparring.dialects.eqho.translate.results import agent_args
from sparring.dialects.eqho.wire.agents import STORED, AgentBody, AgentDetails, AgentOfEqho
from sparring.domain.agent import Action, Agent, Opening, Tool
from sparring.domain.endpoints import Endpoint
from sparring.domain.matching import same

_PERSONALITY = {"adherence": 0.75, "empathy": 0.5, "humor": 0.25}

Greetings = Sequence[Mapping[str, Any]]


def new_agent(body: AgentBody, actions: Sequence[Action], *, id: str, workspace: str, now: float) -> Agent:
    """The agent that a request describes.

    Args:
        actions: those that it names, in order.
    """
    blank = Agent(id=id, workspace=workspace, name=body.name, created_at=now, updated_at=now)
    return _told(blank, body, actions)


def replaced_agent(agent: Agent, body: AgentBody, actions: Sequence[Action], *, now: float) -> Agent:
    """The agent with all fields of this dialect as the request has them, the others as they were."""
    return revised(_told(agent, body, actions), now)


def agent_record(agent: Agent, *, scripted: bool) -> AgentOfEqho:
    """An agent as it goes out."""
    kept = _kept(agent)
    stored = {name: kept.get(name) for name in STORED}
    record: AgentOfEqho = {
        "_id": agent.id,
        "account_id": agent.workspace,
        "name": agent.name,
        "system_prompt": agent.instructions,
        "ai_settings": agent_args(agent),
        "action_ids": [id for tool in agent.tools if (id := action_id(tool)) is not None],
        "structured_greetings": greetings(agent),
        **stored,  # type: ignore[typeddict-item]
        "role_ids": stored["role_ids"] or [],
        "personality": stored["personality"] or _PERSONALITY,
        "history": history(agent),
    }
    if agent.endpoint is not None:
        record["endpoint"] = endpoint_record(agent.endpoint)
    if scripted:
        record["scripted"] = True
    return record


def agent_details(agent: Agent, actions: Mapping[str, Action], *, scripted: bool) -> AgentDetails:
    """An agent with its actions.

    Args:
        actions: those that are still there, by id.
    """
    return {
        **agent_record(agent, scripted=scripted),
        "actions": [
            action_of_agent(tool, actions.get(action_id(tool) or ""), workspace=agent.workspace)
            for tool in agent.tools
        ],
        "roles": [],
        "scripts": [],
        "data_stores": [],
        "greetings": greetings(agent),
    }


def greetings(agent: Agent) -> Greetings:
    """How the agent begins: as it came while it still says the same."""
    kept = _kept(agent)
    told: Greetings = kept.get("structured_greetings") or ()
    now = (Opening(greeting=agent.greeting, opens=agent.opens), agent.outbound)
    if told and _openings(told, disabled=bool(kept.get("disable_greeting"))) == now:
        return told
    return [
        {"call_type": direction, **form}
        for direction, outbound in (("inbound", False), ("outbound", True))
        if (form := _greeting(agent.opening(outbound=outbound))) is not None
    ]


def _told(agent: Agent, body: AgentBody, actions: Sequence[Action]) -> Agent:
    sent = body.model_dump(exclude_unset=True)
    args = body.ai_settings
    kept = {name: sent[name] for name in (*STORED, "ai_settings", "structured_greetings") if name in sent}
    told = replace(
        agent,
        name=body.name,
        instructions=body.system_prompt or "",
        model=args.ai_model if args is not None else None,
        temperature=args.temperature if args is not None else None,
        tools=_tools(agent, actions),
        endpoint=_endpoint(agent, body),
        extra={**agent.extra, KEPT: kept},
    )
    given: Greetings = kept.get("structured_greetings") or ()
    disabled = bool(body.disable_greeting)
    if same(list(given), list(greetings(agent))) and disabled == bool(_kept(agent).get("disable_greeting")):
        return told
    opening, outbound = _openings(given, disabled=disabled)
    return replace(told, greeting=opening.greeting, opens=opening.opens, outbound=outbound)


def _endpoint(agent: Agent, body: AgentBody) -> Endpoint | None:
    if "endpoint" not in body.model_fields_set:
        return agent.endpoint
    return None if body.endpoint is None else body.endpoint.domain()


def _tools(agent: Agent, actions: Sequence[Action]) -> tuple[Tool, ...]:
    """The tools of the actions, and those that the agent was given in another way."""
    named = {action.tool.name for action in actions}
    others = [tool for tool in agent.tools if action_id(tool) is None and tool.name not in named]
    return (*(action.tool for action in actions), *others)


def _openings(given: Greetings, *, disabled: bool) -> tuple[Opening, Opening | None]:
    """How the agent begins when it is contacted, and when it gets in touch itself."""
    if disabled or not given:
        return Opening(), None
    by_direction = {one["call_type"]: one for one in reversed(given)}
    inbound, outbound = _opening(by_direction.get("inbound")), _opening(by_direction.get("outbound"))
    return inbound, None if outbound == inbound else outbound


def _opening(given: Mapping[str, Any] | None) -> Opening:
    if given is None:
        return Opening()
    if given["greeting_type"] == "ai":
        return Opening(opens=True)
    return Opening(greeting=given.get("text") or None)


def _greeting(opening: Opening) -> Mapping[str, Any] | None:
    if opening.greeting is not None:
        return {"greeting_type": "static", "text": opening.greeting}
    return {"greeting_type": "ai"} if opening.opens else None


def _kept(agent: Agent) -> Mapping[str, Any]:
    kept: Mapping[str, Any] = agent.extra.get(KEPT, {})
    return kept
