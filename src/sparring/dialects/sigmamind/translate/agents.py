"""Agents.

What the wire tells in several places (instructions, global prompt, language, a prompt for the first message) is
one system prompt in the domain; the parts are kept beside it and given back as they came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sparring.dialects.endpoints import endpoint_record
from sparring.dialects.mock_records import mock_records, mocks
from sparring.dialects.sigmamind import wire
from sparring.dialects.sigmamind.translate import tools as tool_forms
from sparring.dialects.spelling import AGENT, spell
from sparring.domain.agent import Agent
from sparring.domain.matching import same

KEPT = "sigmamind"
"""Under this name an agent's `extra` holds the parts as they came."""

_ACTED_ON = {"llmModel": "model", "llmTemperature": "temperature", "llmTopP": "top_p", "language": "language"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What the wire tells about how the agent speaks."""

    instructions: str
    welcome_type: str | None
    welcome: str | None
    settings: Mapping[str, Any]

    @property
    def prompts_opening(self) -> bool:
        return self.welcome_type == "prompt" and bool(self.welcome)

    def domain(self) -> dict[str, Any]:
        """The same in the domain's fields."""
        starts = self.settings.get("aiStartsConversation")
        return {
            "instructions": self._composed(),
            "greeting": self.welcome or None if self.welcome_type != "prompt" else None,
            "opens": True if self.prompts_opening else starts,
            **{field: self.settings.get(key) for key, field in _ACTED_ON.items()},
        }

    def _composed(self) -> str:
        language = self.settings.get("language")
        parts = (
            self.settings.get("globalPrompt"),
            self.instructions,
            f"Speak the language of the locale {language}." if language else None,
            f"You speak first. For your first message: {self.welcome}" if self.prompts_opening else None,
        )
        return "\n\n".join(part for part in parts if part)


def new_agent(body: wire.CreateAgent, *, id: str, workspace: str, now: float) -> Agent:
    """The agent that a request describes."""
    blank = Agent(id=id, workspace=workspace, name=body.agent_name, created_at=now)
    return _changed(blank, body, set(body.model_dump(by_alias=True, exclude_unset=True)), now)


def changed_agent(agent: Agent, body: wire.UpdateAgent, *, now: float) -> Agent:
    """The agent with the fields of the body that differ from what it reads as; itself where none does."""
    seen: Mapping[str, Any] = {**agent_record(agent, workspace="")}
    sent = body.model_dump(by_alias=True, exclude_unset=True)
    if sent.get("agentSettings") is not None:
        sent["agentSettings"] = {**seen["agentSettings"], **sent["agentSettings"]}
    if "mocks" in sent:
        sent["mocks"] = mock_records(mocks(body.mocks or {}))
    fields = {name for name, value in sent.items() if not same(value, seen.get(name))}
    return replace(_changed(agent, body, fields, now), revision=agent.revision + 1) if fields else agent


def agent_record(agent: Agent, *, workspace: str, scripted: bool = False) -> wire.AgentRecord:
    """An agent as it goes out.

    Args:
        workspace: spelled.
    """
    told = _told(agent)
    items = tool_forms.tool_items(agent.tools, _kept(agent).get("tools") or ())
    record = wire.AgentRecord(
        agentId=spell(AGENT, agent.id, agent.alias),
        workspaceId=workspace,
        agentName=agent.name,
        instructions=told.instructions,
        welcomeMessageType=told.welcome_type,
        welcomeMessage=told.welcome,
        agentSettings=dict(told.settings),
        tools=items,
        mocks=mock_records(agent.mocks),
        notCallableTools=tool_forms.not_callable(items),
    )
    if agent.endpoint is not None:
        record["endpoint"] = endpoint_record(agent.endpoint)
    if scripted:
        record["scripted"] = True
    return record


def agent_summary(agent: Agent, *, live: bool, scripted: bool = False) -> wire.AgentSummary:
    """The few facts of an agent that other records carry."""
    summary = wire.AgentSummary(
        name=agent.name, agentId=spell(AGENT, agent.id, agent.alias), status="Live" if live else "Testing"
    )
    if scripted:
        summary["scripted"] = True
    return summary


def _changed(agent: Agent, body: wire.CreateAgent | wire.UpdateAgent, fields: set[str], now: float) -> Agent:
    told = _told(agent)
    kept = dict(_kept(agent))
    changes: dict[str, Any] = {"updated_at": now}
    if "agentName" in fields:
        changes["name"] = body.agent_name
    if fields & {"instructions", "welcomeMessageType", "welcomeMessage", "agentSettings"}:
        told = _retold(told, body, fields)
        changes |= told.domain()
        kept |= {
            "instructions": told.instructions,
            "welcomeMessageType": told.welcome_type,
            "welcomeMessage": told.welcome,
            "agentSettings": told.settings,
        }
    if "tools" in fields:
        items = [tool.model_dump(by_alias=True, exclude_unset=True) for tool in body.tools or ()]
        changes["tools"] = tool_forms.tools(items, agent.tools)
        kept["tools"] = items
    if "mocks" in fields:
        changes["mocks"] = mocks(body.mocks or {})
    if "endpoint" in fields:
        changes["endpoint"] = None if body.endpoint is None else body.endpoint.domain()
    return replace(agent, **changes, extra={**agent.extra, KEPT: kept})


def _retold(told: _Told, body: wire.CreateAgent | wire.UpdateAgent, fields: set[str]) -> _Told:
    settings = dict(told.settings)
    if "agentSettings" in fields:
        sent = body.agent_settings
        settings = {} if sent is None else {**settings, **sent.model_dump(by_alias=True, exclude_unset=True)}
    return _Told(
        instructions=body.instructions or "" if "instructions" in fields else told.instructions,
        welcome_type=body.welcome_message_type if "welcomeMessageType" in fields else told.welcome_type,
        welcome=body.welcome_message if "welcomeMessage" in fields else told.welcome,
        settings=settings,
    )


def _told(agent: Agent) -> _Told:
    """The parts as they came, corrected by what has changed in the agent since."""
    kept = _kept(agent)
    told = _Told(
        instructions=kept.get("instructions", ""),
        welcome_type=kept.get("welcomeMessageType"),
        welcome=kept.get("welcomeMessage"),
        settings=kept.get("agentSettings", {}),
    )
    as_told = told.domain()
    differing = {field for field, value in as_told.items() if value != getattr(agent, field)}
    if not differing:
        return told
    settings = dict(told.settings)
    for key, field in (*_ACTED_ON.items(), ("aiStartsConversation", "opens")):
        if field in differing:
            settings[key] = getattr(agent, field)
    if "instructions" in differing:
        settings.pop("globalPrompt", None)
    opening_rewritten = "instructions" in differing and told.prompts_opening
    if "greeting" in differing or opening_rewritten:
        told = replace(told, welcome=agent.greeting, welcome_type="static" if agent.greeting else None)
    return replace(
        told,
        instructions=agent.instructions if "instructions" in differing else told.instructions,
        settings={key: value for key, value in settings.items() if value is not None or key in told.settings},
    )


def _kept(agent: Agent) -> Mapping[str, Any]:
    kept: Mapping[str, Any] = agent.extra.get(KEPT, {})
    return kept
