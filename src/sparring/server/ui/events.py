"""Server-sent events: how a page hears that it would look different now."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse


def event(name: str, data: object) -> str:
    """One event."""
    return f"event: {name}\ndata: {data}\n\n"


def event_stream(events: AsyncIterator[str]) -> StreamingResponse:
    """An answer that goes on as long as there are events."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)
