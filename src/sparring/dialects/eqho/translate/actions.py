"""Actions and the tools that they are to a model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sparring.dialects.eqho.translate.records import KEPT, history
from sparring.dialects.eqho.wire.actions import (
    ActionOfAgent,
    ActionRecord,
    CreateAction,
    EmbeddedAction,
    EmbeddedActionRecord,
)
from sparring.domain import templates
from sparring.domain.agent import Action, Tool, ToolKind
from sparring.domain.turns import END_TOOL
from sparring.domain.webhooks import MAX_URL, METHODS

_ENDING = ("terminate_call", "call_transfer")
_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_NAME = 64
_KINDS = {ToolKind.END: "terminate_call", ToolKind.WEBHOOK: "webhook", ToolKind.FUNCTION: "placeholder"}


def new_action(body: CreateAction, *, id: str, workspace: str, now: float) -> Action:
    """The action that a request describes."""
    told = _sent(body)
    rest = {key: value for key, value in told.items() if key not in ("parameters", "writes")}
    settings = body.settings or {}
    webhook = body.type == "webhook"
    request = _request(settings) if webhook else {}
    tool = Tool(
        name=body.slug,
        description=body.instructions,
        parameters=_parameters(body.parameters, settings),
        kind=_kind(body.type),
        writes=webhook and _method(settings) not in (None, "GET") if body.writes is None else body.writes,
        live=bool(request) and body.execution_type in (None, _LIVE),
        extra={**request, KEPT: {**rest, "action_id": id}},
    )
    return Action(id=id, workspace=workspace, name=body.name, tool=tool, created_at=now, updated_at=now)


def action_record(action: Action) -> ActionRecord:
    """An action as it goes out."""
    return {
        "_id": action.id,
        "account_id": action.workspace,
        **tool_record(action.tool, name=action.name),
        "enabled": True,
        "history": history(action),
        "parameters": action.tool.parameters,
        "writes": action.tool.writes,
    }


def action_of_agent(tool: Tool, action: Action | None, *, workspace: str) -> ActionOfAgent:
    """A tool of an agent as an action, as this agent has it; without an id where it was made in another way."""
    if action is not None:
        return {**action_record(replace(action, tool=tool))}
    return {
        "_id": None,
        "account_id": workspace,
        **tool_record(tool),
        "enabled": True,
        "history": None,
        "parameters": tool.parameters,
        "writes": tool.writes,
    }


def action_id(tool: Tool) -> str | None:
    """The id of the action that a tool was made as, or None."""
    found: str | None = _kept(tool).get("action_id")
    return found


def end_tool(given: EmbeddedAction) -> Tool:
    """The tool with which a simulated lead hangs up, whatever its type, by a name that models take."""
    name = given.slug
    if _UNFIT.search(name) or not 1 <= len(name) <= _LONGEST_NAME:
        name = _UNFIT.sub("_", name).strip("_")[:_LONGEST_NAME] or END_TOOL
    description = given.instructions or given.name
    return Tool(name=name, description=description, kind=ToolKind.END, extra={KEPT: _sent(given)})


def tool_record(tool: Tool, *, name: str | None = None) -> EmbeddedActionRecord:
    """A tool as an embedded action: as it came, with what the reference shows where nothing came."""
    kept = {key: value for key, value in _kept(tool).items() if value is not None}
    messages = kept.get("messages")
    if "action_id" in kept:
        kept |= {"slug": tool.name, "instructions": tool.description}
    return EmbeddedActionRecord(
        name=kept.get("name", name or tool.name),
        slug=kept.get("slug", tool.name),
        instructions=kept.get("instructions", tool.description),
        type=kept.get("type", _KINDS[tool.kind]),
        settings=_settings(tool, kept.get("settings", {})),
        messages=None
        if messages is None
        else {part: messages.get(part) for part in ("start", "completed", "failed", "delayed")},
        minimum_execution_time_milliseconds=kept.get("minimum_execution_time_milliseconds"),
        delayed_timing_milliseconds=kept.get("delayed_timing_milliseconds"),
        is_async=kept.get("is_async", False),
        non_live_llm_settings={**_NON_LIVE, **kept.get("non_live_llm_settings", {})},
        execution_type=kept.get("execution_type", "live"),
        response_mode=kept.get("response_mode", "interactive"),
        execution_order=kept.get("execution_order"),
    )


_LIVE = "live"

_OF_SETTINGS = {
    "method": "method",
    "url": "url",
    "headers": "headers",
    "queryParams": "queryParams",
    "query_params": "queryParams",
    "bodyParams": "bodyParams",
    "body_params": "bodyParams",
}
"""The words of a webhook's settings, and what a tool keeps them as."""

_OF_REQUEST = tuple(dict.fromkeys(_OF_SETTINGS.values()))

_NON_LIVE: Mapping[str, Any] = {
    "model": "gpt-4o-mini",
    "temperature": 0,
    "reasoning": "none",
    "text_verbosity": "low",
}


def _sent(body: EmbeddedAction) -> dict[str, Any]:
    return body.model_dump(exclude_unset=True)


def _kept(tool: Tool) -> Mapping[str, Any]:
    kept: Mapping[str, Any] = tool.extra.get(KEPT, {})
    return kept


def _settings(tool: Tool, kept: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings as they came, with what has changed in the tool's address since."""
    now = {name: tool.extra[name] for name in _OF_REQUEST if name in tool.extra}
    if now == _request(kept):
        return kept
    others = {name: value for name, value in kept.items() if name not in _OF_SETTINGS}
    return {**others, **now}


def _request(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What settings say of the request that a call stands for, in the other dialect's words; nothing where they do
    not name an address, or hold what no request can be made of."""
    told = {_OF_SETTINGS[name]: value for name, value in settings.items() if name in _OF_SETTINGS}
    told = {name: value for name, value in told.items() if value is not None}
    if "method" in told:
        told["method"] = _method(settings)
    for name in ("headers", "queryParams"):
        if name in told:
            told[name] = _pairs(told[name])
    url, body = told.get("url"), told.get("bodyParams", {})
    has_address = isinstance(url, str) and 1 <= len(url) <= MAX_URL
    return told if has_address and isinstance(body, Mapping) and None not in told.values() else {}


def _method(settings: Mapping[str, Any]) -> str | None:
    method = settings.get("method")
    return method.upper() if isinstance(method, str) and method.upper() in METHODS else None


def _pairs(given: Any) -> list[dict[str, str]] | None:
    """Headers or query parameters: a list of `{key, value}`, or an object."""
    if isinstance(given, Mapping):
        return [{"key": key, "value": templates.as_text(value)} for key, value in given.items()]
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        return None
    if not all(isinstance(one.get(part), str) for one in given for part in ("key", "value")):
        return None
    return [{"key": one["key"], "value": one["value"]} for one in given]


def _kind(type: str) -> ToolKind:
    if type in _ENDING:
        return ToolKind.END
    return ToolKind.WEBHOOK if type == "webhook" else ToolKind.FUNCTION


def _parameters(given: Mapping[str, Any] | None, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    if given is not None:
        return {"type": "object", "properties": {}, **given}
    names = list(dict.fromkeys(name for text in templates.texts_in(settings) for name in templates.names(text)))
    schema: dict[str, Any] = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
    return {**schema, "required": names} if names else schema
