"""Streamed answers of Google's generateContent wire, put together to the whole answers that they spell out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sparring.adapters.models.events import events
from sparring.adapters.models.said import mapping, objects


def parse_stream(text: str) -> dict[str, Any]:
    """Server-sent events to the payload that the same answer has when it is not streamed."""
    return together(events(text))


def together(chunks: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Parts of an answer, in order, as one. The last value of a field wins, the parts of the content add up."""
    payload: dict[str, Any] = {}
    candidate: dict[str, Any] = {}
    content: dict[str, Any] = {}
    parts: list[dict[str, Any]] = []
    for chunk in chunks:
        payload |= {name: value for name, value in chunk.items() if name != "candidates"}
        for told in objects(chunk.get("candidates")):
            if told.get("index", 0) != 0:
                continue
            candidate |= {name: value for name, value in told.items() if name != "content"}
            content |= {name: value for name, value in mapping(told.get("content")).items() if name != "parts"}
            for part in objects(mapping(told.get("content")).get("parts")):
                _add(parts, part)
    if candidate or parts:
        payload["candidates"] = [candidate | {"content": content | {"parts": parts}}]
    return payload


def _add(parts: list[dict[str, Any]], part: dict[str, Any]) -> None:
    """Text goes on with the text before it. A part with a signature stays by itself, as the provider demands."""
    last = parts[-1] if parts else {}
    plain = {"text"} if not part.get("thought") else {"text", "thought"}
    if set(part) == plain == set(last) and isinstance(part["text"], str) and isinstance(last["text"], str):
        last["text"] += part["text"]
    else:
        parts.append(dict(part))
