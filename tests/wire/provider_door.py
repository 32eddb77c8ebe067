"""A provider on the loopback interface that plays given answers and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from sparring.domain.outcomes import Role
from sparring.simulation.ports import ModelRequest, Occasion, Prompt

KEY = "sk-test-0123456789abcdef"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer of the server."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    breaks_after: int | None = None
    """Bytes of the body after which the connection breaks."""
    hold: asyncio.Event | None = None
    """Waited for before anything is sent."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body."""
        return orjson.loads(self.raw)


def error(status: int, message: str, **fields: Any) -> Reply:
    """An error in the provider's form; keywords are `code`, `param`, `type`, or headers by their name."""
    headers = {name.replace("_", "-"): fields.pop(name) for name in list(fields) if name.startswith("retry_")}
    return Reply(status=status, body=orjson.dumps({"error": {"message": message, **fields}}), headers=headers)


def said(
    text: str | None = "Hello.", *, finish: str = "stop", model: str = "gpt-4o-mini", **message: Any
) -> Reply:
    """A good answer; keywords go into the message."""
    return payload(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "model": model,
            "choices": [
                {"index": 0, "message": {"role": "assistant", "content": text, **message}, "finish_reason": finish}
            ],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        }
    )


def payload(value: Any) -> Reply:
    """A JSON value with status 200."""
    return Reply(body=orjson.dumps(value))


class Door:
    """Plays its replies in order, the last one again and again."""

    def __init__(self) -> None:
        self.replies: list[Reply] = [said()]
        self.asked: list[Asked] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.host = ""
        self.url = ""

    def plays(self, *replies: Reply) -> None:
        """Take the replies to give."""
        self.replies = list(replies)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Play the reply that is due."""
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            headers = {name.lower(): value for name, value in request.headers.items()}
            self.asked.append(Asked(request.path_qs, headers, await request.read()))
            reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
            if reply.hold is not None:
                await reply.hold.wait()
            if reply.breaks_after is not None:
                return await self._break(request, reply)
            return web.Response(
                status=reply.status,
                body=reply.body,
                headers={"Content-Type": reply.content_type, **reply.headers},
            )
        finally:
            self.in_flight -= 1

    async def _break(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        response = web.StreamResponse(status=reply.status, headers={"Content-Length": str(len(reply.body) + 1)})
        if reply.breaks_after:
            await response.prepare(request)
            await response.write(reply.body[: reply.breaks_after])
        assert request.transport is not None
        request.transport.close()
        return response


def question(
    *texts: str, role: Role = Role.AGENT, system: str = "Be kind.", prompts: Iterable[Prompt] = (), **fields: Any
) -> ModelRequest:
    """A request with user messages; keywords are fields of the request."""
    told = [Prompt(role="user", text=text) for text in texts or ("Hi",)]
    return ModelRequest(
        system=system, messages=tuple(prompts) or tuple(told), occasion=Occasion(role=role), **fields
    )
