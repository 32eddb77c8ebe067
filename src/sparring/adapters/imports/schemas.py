"""Tools guessed from calls: the least JSON Schema that fits every argument that was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sparring.domain.agent import Tool
from sparring.domain.transcript import ToolCall

_TYPES = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    type(None): "null",
    dict: "object",
    list: "array",
}


def guess_tools(calls: Sequence[ToolCall]) -> tuple[Tool, ...]:
    """A tool for every name that is called, in the order of the first calls, marked as derived."""
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for call in calls:
        by_name.setdefault(call.name, []).append(call.arguments)
    return tuple(Tool(name=name, parameters=_object(seen), derived=True) for name, seen in by_name.items())


def _schema(values: Sequence[Any]) -> dict[str, Any]:
    types = list(dict.fromkeys(_TYPES[type(value)] for value in values))
    if "number" in types and "integer" in types:
        types.remove("integer")
    schema: dict[str, Any] = {"type": types[0] if len(types) == 1 else types} if types else {}
    if "object" in types:
        schema |= _object([value for value in values if isinstance(value, dict)]) | {"type": schema["type"]}
    if "array" in types:
        schema["items"] = _schema([item for value in values if isinstance(value, list) for item in value])
    return schema


def _object(seen: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = list(dict.fromkeys(name for arguments in seen for name in arguments))
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            name: _schema([arguments[name] for arguments in seen if name in arguments]) for name in names
        },
    }
    required = [name for name in names if all(name in arguments for arguments in seen)]
    return schema | ({"required": required} if required else {})
