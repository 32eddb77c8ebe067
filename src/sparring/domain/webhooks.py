"""Calls of web addresses: those that a tool makes for the agent, and those that tell what has happened."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from sparring.domain import templates
from sparring.domain.agent import Agent, Tool, ToolKind
from sparring.domain.scenario import Scenario
from sparring.domain.templates import Scope

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""That a tool's address may be asked by."""

MAX_URL = 1024
"""Characters of a tool's address, its placeholders not filled in."""

SAFE_METHODS = frozenset({"GET", "HEAD"})
"""May be called twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebCall:
    """One request to a web address, ready to be sent."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None
    """A JSON value; None for none."""
    text: str | None = None
    """The JSON as it is to be sent, byte for byte, in place of `body`."""
    follows: bool = True
    """Whether a redirect is followed; otherwise it is the answer."""


class MissingValues(Exception):
    """Placeholders of a tool that nothing answers."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"No value was given for {', '.join(names)}.")


def web_call(tool: Tool, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> WebCall:
    """The request that a call of a webhook tool stands for.

    A conversation's variables win over what the model says, so that a model cannot put another key or account in
    their place. In the address a value is one part of it, whatever it holds; only a variable that the address
    begins with may be a base address.

    Raises:
        MissingValues: the model left something out.
    """
    told = tool.extra
    url, scopes = str(told.get("url", "")), (variables, arguments)
    headers, query = (_pairs(told.get(name)) for name in ("headers", "queryParams"))
    body = told.get("bodyParams")
    if missing := templates.unknown(request_texts(tool), *scopes):
        raise MissingValues(missing)
    method = str(told.get("method") or "GET")
    return WebCall(
        method=method,
        url=_filled_url(url, variables, scopes),
        headers=tuple((key, templates.fill(value, *scopes)) for key, value in headers),
        query=tuple((key, templates.fill(value, *scopes)) for key, value in query),
        body=templates.put_in(body, *scopes) if body is not None else None,
    )


def request_texts(tool: Tool) -> Iterator[str]:
    """The texts of the request that a call of a tool stands for, in which values are put in."""
    yield str(tool.extra.get("url", ""))
    for name in ("headers", "queryParams"):
        yield from (value for _, value in _pairs(tool.extra.get(name)))
    yield from templates.texts_in(tool.extra.get("bodyParams"), keys=True)


def webhook_tools(agent: Agent) -> dict[str, Tool]:
    """The agent's tools that have an address, by name."""
    return {tool.name: tool for tool in agent.tools if tool.kind is ToolKind.WEBHOOK and tool.extra.get("url")}


def live_tools(agent: Agent, scenario: Scenario) -> dict[str, Tool]:
    """The agent's tools that a trial of the scenario may really call: live ones that no mock answers."""
    if scenario.variables_answer_tools and scenario.variables:
        return {}
    mocked = {*agent.mocks, *scenario.mocks}
    return {name: tool for name, tool in webhook_tools(agent).items() if tool.live and name not in mocked}


def offered(agent: Agent, called: Container[str], variables: Mapping[str, Any]) -> Agent:
    """The agent whose model is not asked for what the conversation's variables answer in the tools really called."""
    tools = tuple(_offered(tool, variables) if tool.name in called else tool for tool in agent.tools)
    return replace(agent, tools=tools)


def _offered(tool: Tool, variables: Mapping[str, Any]) -> Tool:
    properties = tool.parameters.get("properties", {})
    known = [name for name in properties if name in variables]
    if not known:
        return tool
    left = {name: value for name, value in properties.items() if name not in known}
    required = [name for name in tool.parameters.get("required", ()) if name not in known]
    kept = {key: value for key, value in tool.parameters.items() if key != "required"}
    parameters = {**kept, "properties": left, **({"required": required} if required else {})}
    return replace(tool, parameters=parameters)


def _filled_url(url: str, variables: Mapping[str, Any], scopes: tuple[Scope, ...]) -> str:
    base, end, rest = url.partition("}}")
    if end and base.startswith("{{"):
        begun = templates.fill(base + end, variables)
        if begun != base + end:
            return begun + _encoded(rest, scopes)
    return _encoded(url, scopes)


def _encoded(url: str, scopes: tuple[Scope, ...]) -> str:
    return templates.fill(url, *scopes, shown=lambda value: quote(templates.as_text(value), safe=""))


def _pairs(items: Any) -> list[tuple[str, str]]:
    return [(str(item["key"]), str(item["value"])) for item in items or ()]


class Event(StrEnum):
    """What a webhook can be told."""

    CONVERSATION_STARTED = "conversation_started"
    CONVERSATION_ENDED = "conversation_ended"
    CONVERSATION_ANALYSED = "conversation_analysed"
    """A conversation of a simulation has been judged."""
    BATCH_COMPLETED = "batch_completed"
    """A simulation has come to its end, however it went."""
    BATCH_FAILED = "batch_failed"
    """Beside it, where not every trial passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address that is told what happens with an agent."""

    id: str
    workspace: str
    agent_id: str
    name: str
    url: str
    events: tuple[Event, ...]
    secret: str
    """What its deliveries are signed with."""
    active: bool = True
    alias: str | None = None
    created_at: float = 0.0
    updated_at: float = 0.0


class DeliveryStatus(StrEnum):
    """How a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    """It was tried as often as it is worth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to one webhook."""

    id: str
    webhook: str
    event: Event
    body: str
    """The JSON that is sent, byte for byte the same at each attempt."""
    status: DeliveryStatus = DeliveryStatus.PENDING
    attempts: int = 0
    due_at: float = 0.0
    """Not before this moment is it tried next, in unix seconds."""
    answered: int | None = None
    """The HTTP status of the last answer; None where none came."""
    error: str | None = None
    created_at: float = 0.0
    updated_at: float = 0.0
