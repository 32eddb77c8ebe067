"""How often a key may ask, and how much it may send."""

from __future__ import annotations

from collections import deque
from math import ceil

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sparring.server.auth import caller_of
from sparring.server.errors import refusal
from sparring.simulation.ports import Clock

MAX_BODY = 10 * 1024 * 1024
MAX_DRAINED = 10 * MAX_BODY
_MINUTE = 60.0


class RateLimit:
    """At most so many requests of one key in any minute."""

    def __init__(self, app: ASGIApp, limit: int, clock: Clock) -> None:
        """Stand before an application, behind the check of keys."""
        self._app = app
        self._limit = limit
        self._clock = clock
        self._recent: dict[str, deque[float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or tell when to come again."""
        caller = caller_of(scope)
        wait = self._wait(caller.key) if caller is not None else 0.0
        if wait <= 0:
            await self._app(scope, receive, send)
            return
        seconds = ceil(wait)
        message = f"This key may send {self._limit} requests a minute. Try again in {seconds} s."
        headers = {"Retry-After": str(seconds)}
        await refusal(scope["path"], 429, message, self._clock, headers)(scope, receive, send)

    def _wait(self, key: str) -> float:
        """Seconds until the key may ask again; 0 if it may now, which is then counted."""
        now = self._clock.now()
        recent = self._recent.setdefault(key, deque(maxlen=self._limit))
        if len(recent) == self._limit and (wait := recent[0] + _MINUTE - now) > 0:
            return wait
        recent.append(now)
        return 0.0


class BodyLimit:
    """Refuses bodies over 10 MiB, whether their length is announced or not."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        """Stand before an application."""
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting what comes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        announced = headers.get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > MAX_BODY:
            if headers.get("expect", "").lower() != "100-continue":
                await _drain(receive)
            await refusal(scope["path"], 413, _TOO_LARGE, self._clock)(scope, receive, send)
            return
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > MAX_BODY:
                await _drain(receive)
                raise HTTPException(413, _TOO_LARGE)
            return message

        await self._app(scope, counted, send)


async def _drain(receive: Receive) -> None:
    """Take what is still being sent, within reason: many clients read no answer before they have sent all."""
    taken = 0
    while taken < MAX_DRAINED:
        message = await receive()
        taken += len(message.get("body", b""))
        if not message.get("more_body", False):
            return


_TOO_LARGE = "The body is larger than 10 MiB, which is the most that is taken."
