"""Tools of an agent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sparring.domain import templates
from sparring.domain.agent import Tool, ToolKind
from sparring.domain.matching import same

_ENDING = {
    "voice_end_call": "Ends the conversation.",
    "voice_transfer_call": "Hands the conversation over to a person.",
}
_CALLED = ("function", "webhook")
_CALLABLE = (*_CALLED, *_ENDING)
_KNOWN = frozenset({"type", "name", "description", "parameters", "writes", "live"})


def tools(items: Sequence[Mapping[str, Any]], current: Sequence[Tool] = ()) -> tuple[Tool, ...]:
    """The tools that a model can be offered, in order; items of other types are left out.

    Args:
        current: those that there are; one whose item comes back as it reads stays as it is.
    """
    known = [(_item(tool), tool) for tool in current]
    taken = {item["name"] for item in items if item["type"] in _CALLED}
    found: list[Tool] = []
    for item in items:
        unchanged = next((tool for shown, tool in known if same(shown, item)), None)
        if unchanged is not None:
            found.append(unchanged)
        elif item["type"] in _CALLED:
            found.append(_called(item))
        elif item["type"] in _ENDING:
            found.append(_ending(item, taken))
            taken.add(found[-1].name)
    return tuple(found)


def tool_items(agent_tools: Sequence[Tool], kept: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The wire's items of an agent's tools: as they came where they still say the same."""
    if tools(kept) == tuple(agent_tools):
        return list(kept)
    return [_item(tool) for tool in agent_tools] + [item for item in kept if item["type"] not in _CALLABLE]


def not_callable(items: Iterable[Mapping[str, Any]]) -> list[str]:
    """The types of the items that are stored and never offered to a model."""
    return [item["type"] for item in items if item["type"] not in _CALLABLE]


def _ending(item: Mapping[str, Any], taken: set[str]) -> Tool:
    kind = item["type"]
    return Tool(
        name=_free_name(kind, taken),
        description=item.get("description") or _ENDING[kind],
        kind=ToolKind.END,
        extra={"type": kind, **_rest(item)},
    )


def _called(item: Mapping[str, Any]) -> Tool:
    webhook = item["type"] == "webhook"
    writes = item.get("writes")
    return Tool(
        name=item["name"],
        description=item.get("description") or "",
        parameters=_parameters(item),
        kind=ToolKind.WEBHOOK if webhook else ToolKind.FUNCTION,
        writes=webhook and (item.get("method") or "GET") != "GET" if writes is None else writes,
        live=webhook and bool(item.get("live")),
        extra=_rest(item),
    )


def _rest(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key not in _KNOWN}


def _parameters(item: Mapping[str, Any]) -> Mapping[str, Any]:
    given = item.get("parameters")
    if given is not None:
        return {"type": "object", "properties": {}, **given}
    parts = [item.get(key) for key in ("url", "headers", "queryParams", "bodyParams")]
    names = templates.names(json.dumps(parts, ensure_ascii=False))
    return {
        "type": "object",
        "properties": {name: {"type": "string"} for name in names},
        **({"required": names} if names else {}),
    }


def _free_name(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def _item(tool: Tool) -> dict[str, Any]:
    kinds = {ToolKind.FUNCTION: "function", ToolKind.WEBHOOK: "webhook", ToolKind.END: "voice_end_call"}
    # A webhook of the other dialect has its address elsewhere; here it would be none.
    kind = ToolKind.FUNCTION if tool.kind is ToolKind.WEBHOOK and "url" not in tool.extra else tool.kind
    item: dict[str, Any] = {"type": kinds[kind], "name": tool.name, "description": tool.description}
    if tool.kind is not ToolKind.END:
        item |= {"parameters": tool.parameters, "writes": tool.writes}
    if tool.live:
        item["live"] = True
    return {**item, **tool.extra}
