"""Answers of an agent as server-sent events, told while it speaks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import orjson
from fastapi import Request, Response
from starlette.responses import StreamingResponse

from sparring.dialects.sigmamind.translate.chats import event_of
from sparring.dialects.spelling import CHAT, spell, timestamp
from sparring.domain.chat import Chat, Talk
from sparring.domain.errors import SparringError
from sparring.domain.transcript import Message
from sparring.simulation.chats import Listener

EVENT_STREAM = "text/event-stream"

log = logging.getLogger("sparring.server")

_playing: set[asyncio.Task[None]] = set()
"""Turns go on to their end when nobody listens any more."""


def asks_for_stream(request: Request) -> bool:
    """Whether a request wants its answer as events."""
    wanted = (part.partition(";")[0].strip().lower() for part in request.headers.get("accept", "").split(","))
    return EVENT_STREAM in wanted


async def streamed(
    play: Callable[[Listener], Awaitable[Talk]],
    show: Callable[[Talk], Mapping[str, Any]],
    *,
    status: int,
) -> Response:
    """The answer as events: `chat`, then `text`, `message` and `tool_result` as they come, then `done`.

    What is refused before the message is stored is raised, as for an answer in one piece.
    """
    frames: asyncio.Queue[bytes | SparringError | None] = asyncio.Queue()

    def begun(chat: Chat) -> None:
        told = {"chatId": spell(CHAT, chat.id, chat.alias), "createdAt": timestamp(chat.created_at)}
        frames.put_nowait(_frame("chat", told))

    def message(chat: Chat, place: int, said: Message) -> None:
        frames.put_nowait(_frame(*event_of(chat, place, said)))

    def text(piece: str) -> None:
        frames.put_nowait(_frame("text", {"delta": piece}))

    async def turn() -> None:
        try:
            talk = await play(Listener(begun=begun, message=message, text=text))
            frames.put_nowait(_frame("done", show(talk)))
        except SparringError as error:
            frames.put_nowait(error)
        except Exception:
            log.exception("A streamed answer broke off.")
            frames.put_nowait(SparringError("Something went wrong in this server."))
        finally:
            frames.put_nowait(None)

    task = asyncio.create_task(turn())
    _playing.add(task)
    task.add_done_callback(_playing.discard)
    first = await frames.get()
    if isinstance(first, SparringError):
        raise first
    return StreamingResponse(
        _told(first, frames), status, media_type=EVENT_STREAM, headers={"Cache-Control": "no-store"}
    )


async def _told(
    frame: bytes | SparringError | None, frames: asyncio.Queue[bytes | SparringError | None]
) -> AsyncIterator[bytes]:
    while frame is not None:
        yield _frame("error", {"message": str(frame)}) if isinstance(frame, SparringError) else frame
        frame = await frames.get()


def _frame(event: str, data: Mapping[str, Any]) -> bytes:
    return b"event: " + event.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n"
