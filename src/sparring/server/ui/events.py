"""Server-sent events: how a page hears that it would look different now."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse


def event(name: str, data: object) -> str:
    """One event."""
    return f"event: {name}\ndata: {data}\n\n"


def event_stream(events: AsyncIterator[str], stopping: asyncio.Event) -> StreamingResponse:
    """An answer that goes on as long as there are events and the server is not stopping."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_until(stopping, events), media_type="text/event-stream", headers=headers)


async def _until(stopping: asyncio.Event, events: AsyncIterator[str]) -> AsyncIterator[str]:
    """The events that come before the server stops."""
    told = asyncio.create_task(stopping.wait())
    coming: asyncio.Task[str] | None = None
    try:
        while not told.done():
            coming = asyncio.create_task(_next(events))
            await asyncio.wait({coming, told}, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done() or not (text := coming.result()):
                return
            yield text
    finally:
        for task in (told, coming):
            if task is not None:
                task.cancel()


async def _next(events: AsyncIterator[str]) -> str:
    """The next event; nothing after the last."""
    return await anext(events, "")
