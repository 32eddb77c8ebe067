"""Server-sent events that hold JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sparring.adapters.json_answers import loads


def events(text: str) -> Iterator[dict[str, Any]]:
    """The objects of a stream, in order. Lines that are no data, and data that is no object, are passed over."""
    # Not splitlines: the data may hold other line separators of Unicode.
    for line in text.split("\n"):
        if not line.startswith("data:") or (data := line[5:].strip()) == "[DONE]":
            continue
        try:
            event = loads(data.encode("utf-8", "surrogatepass"))
        except ValueError:
            continue
        if isinstance(event, dict):
            yield event
