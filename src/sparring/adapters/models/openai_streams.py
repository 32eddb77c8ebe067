"""Streamed answers of the OpenAI chat-completions wire, put together to the whole answers that they spell out."""

from __future__ import annotations

from typing import Any

from sparring.adapters.models.events import events

_LISTS_OF_PARTS = ("content", "reasoning_details", "annotations")


def parse_stream(text: str) -> dict[str, Any]:
    """Server-sent events to the payload that the same answer has when it is not streamed.

    An error in the middle of the stream is the payload's `error`. Lines that are no data are passed over, and a
    stream that breaks off gives what had come.
    """
    payload: dict[str, Any] = {}
    message: dict[str, Any] = {"role": "assistant"}
    choice: dict[str, Any] = {"index": 0, "message": message, "finish_reason": None}
    for chunk in events(text):
        _fold_fields(payload, chunk, skipped=("choices", "object", "usage", "obfuscation"))
        if isinstance(usage := chunk.get("usage"), dict):
            payload["usage"] = usage
        for part in chunk.get("choices") or []:
            if isinstance(part, dict) and part.get("index", 0) == 0:
                _fold_fields(choice, part, skipped=("delta", "index"))
                _fold_delta(message, part.get("delta") or {})
    return payload | {"object": "chat.completion", "choices": [choice]}


def _fold_fields(target: dict[str, Any], fields: dict[str, Any], *, skipped: tuple[str, ...]) -> None:
    """The last value that says something wins."""
    for name, value in fields.items():
        if name not in skipped and (value is not None or name not in target):
            target[name] = value


def _fold_delta(message: dict[str, Any], delta: dict[str, Any]) -> None:
    for name, value in delta.items():
        held = message.get(name)
        if name == "tool_calls":
            for part in value or []:
                _fold_call(message.setdefault("tool_calls", []), part)
        elif value is None:
            message.setdefault(name, None)
        elif name in _LISTS_OF_PARTS and (isinstance(value, list) or isinstance(held, list)):
            message[name] = _parts(held) + _parts(value)
        elif isinstance(value, str) and isinstance(held, str) and name not in ("role", "channel"):
            message[name] = held + value
        else:
            message[name] = value


def _fold_call(calls: list[dict[str, Any]], part: dict[str, Any]) -> None:
    """A part goes on with the last call of its index, unless it brings an id of its own: then it begins a call."""
    index, id = part.get("index"), part.get("id")
    call = next((call for call in reversed(calls) if index is None or call["index"] == index), None)
    if call is None or (id and call.get("id", id) != id):
        call = {"index": len(calls) if index is None else index, "function": {}}
        calls.append(call)
    for name, value in part.items():
        if name == "function":
            _fold_function(call["function"], value or {})
        elif name != "index" and value not in (None, ""):
            call[name] = value


def _fold_function(function: dict[str, Any], part: dict[str, Any]) -> None:
    if part.get("name"):
        function["name"] = part["name"]
    arguments = part.get("arguments")
    if isinstance(arguments, str):
        function["arguments"] = function.get("arguments", "") + arguments
    elif arguments is not None:
        function["arguments"] = arguments


def _parts(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [{"type": "text", "text": value}] if value else []
