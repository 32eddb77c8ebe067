"""Streamed answers of the OpenAI responses wire, put together to the whole answers that they spell out."""

from __future__ import annotations

from typing import Any

from sparring.adapters.models.events import events
from sparring.adapters.models.said import mapping, objects

_SPELT = {
    "response.output_text.delta": ("output_text", "text"),
    "response.refusal.delta": ("refusal", "refusal"),
    "response.reasoning_text.delta": ("reasoning_text", "text"),
}


def parse_stream(text: str) -> dict[str, Any]:
    """Server-sent events to the payload that the same answer has when it is not streamed.

    The last event holds all of it. An error in the middle is the payload's `error`; a stream that breaks off gives
    the items that had come, the last of them as far as it was spelt.
    """
    payload: dict[str, Any] = {}
    items: dict[int, dict[str, Any]] = {}
    for event in events(text):
        kind = event.get("type")
        index = event.get("output_index", 0)
        if isinstance(response := event.get("response"), dict):
            payload = dict(response)
        if kind == "error":
            payload["error"] = event.get("error") or event
        elif kind in ("response.output_item.added", "response.output_item.done"):
            items[index] = dict(mapping(event.get("item")))
        elif kind == "response.function_call_arguments.delta" and index in items:
            items[index]["arguments"] = str(items[index].get("arguments") or "") + str(event.get("delta") or "")
        elif kind in _SPELT and index in items:
            _spell(items[index], kind, event)
    if not objects(payload.get("output")):
        payload["output"] = [items[index] for index in sorted(items)]
    return payload


def _spell(item: dict[str, Any], kind: str, event: dict[str, Any]) -> None:
    type, field = _SPELT[kind]
    content = item["content"] = list(objects(item.get("content")))
    while len(content) <= event.get("content_index", 0):
        content.append({"type": type, field: ""})
    part = content[event.get("content_index", 0)]
    part[field] = str(part.get(field) or "") + str(event.get("delta") or "")
