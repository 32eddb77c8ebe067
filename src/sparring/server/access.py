"""The access log: a line for each request, without its query, which may hold a secret."""

from __future__ import annotations

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sparring.server.auth import caller_of
from sparring.simulation.ports import Clock

log = logging.getLogger("sparring.access")


class AccessLog:
    """Logs what was asked and answered, at the level `info`."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        """Stand around an application."""
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http" or not log.isEnabledFor(logging.INFO):
            await self._app(scope, receive, send)
            return
        began, status = self._clock.now(), 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            seconds = self._clock.now() - began
            caller = caller_of(scope)
            facts = {
                "method": scope["method"],
                "path": scope["path"],
                "status": status,
                "seconds": round(seconds, 4),
            }
            facts |= {"workspace": caller.workspace} if caller is not None else {}
            log.info("%s %s %d", scope["method"], scope["path"], status, extra={"facts": facts})
