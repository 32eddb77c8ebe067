"""API keys: who asks, and what they may do. Nothing else of a request is read before this is known."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from sparring.dialects.spelling import WORKSPACE, spell
from sparring.server.errors import refusal
from sparring.server.services import Services

METRICS = "/metrics"

API_PREFIXES = ("/v1", "/sigmamind/v1", "/eqho/v1")

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_UNKNOWN = "This needs a valid API key, in the header X-API-Key or as Authorization: Bearer."
_READ_ONLY = "This API key may read only; a key with the role `write` is needed for this."
_CALLER = "sparring.caller"
_ALIASES_AGE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks."""

    workspace: str
    """The id."""
    workspace_name: str
    """The id as this dialect spells it."""
    key: str
    """Digest of the secret: what requests are counted by."""
    may_write: bool


async def _caller(request: Request) -> Caller:
    caller: Caller = request.scope[_CALLER]
    return caller


KnownCaller = Annotated[Caller, Depends(_caller)]


class KeyCheck:
    """Lets requests to the API through that carry a valid key."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        """Stand before an application."""
        self._app = app
        self._services = services
        self._store = services.store
        self._fixed = _digest(services.api_key.encode()) if services.api_key else None
        self._aliases: dict[str, str | None] = {}
        self._aliases_until = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or not _is_guarded(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        caller = await self._known(_secret(headers))
        clock = self._services.clock
        if caller is None:
            challenge = {"WWW-Authenticate": "Bearer"}
            await refusal(scope["path"], 401, _UNKNOWN, clock, challenge)(scope, receive, send)
        elif not caller.may_write and scope["method"] not in _READING:
            await refusal(scope["path"], 403, _READ_ONLY, clock)(scope, receive, send)
        else:
            scope[_CALLER] = caller
            await self._app(scope, receive, send)

    async def _known(self, secret: bytes) -> Caller | None:
        if not secret:
            return None
        digest = _digest(secret)
        if self._fixed is not None and hmac.compare_digest(self._fixed, digest):
            return await self._in_workspace(await self._store.first_workspace(), key=digest, may_write=True)
        key = await self._store.find_key(digest)
        if key is None or not hmac.compare_digest(key.digest, digest) or key.revoked_at is not None:
            return None
        return await self._in_workspace(key.workspace, key=digest, may_write=key.role != "read")

    async def _in_workspace(self, workspace: str, *, key: str, may_write: bool) -> Caller:
        now = self._services.clock.now()
        if workspace not in self._aliases or now >= self._aliases_until:
            self._aliases = dict(await self._store.workspaces())
            self._aliases_until = now + _ALIASES_AGE
        name = spell(WORKSPACE, workspace, self._aliases.get(workspace))
        return Caller(workspace=workspace, workspace_name=name, key=key, may_write=may_write)


def caller_of(scope: Scope) -> Caller | None:
    """Who sent a request, where that had to be known."""
    caller: Caller | None = scope.get(_CALLER)
    return caller


def _is_guarded(path: str) -> bool:
    return path == METRICS or any(path == prefix or path.startswith(f"{prefix}/") for prefix in API_PREFIXES)


def _secret(headers: Headers) -> bytes:
    """The secret of a request, byte for byte; empty where there is none."""
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    secret = headers.get("x-api-key") or (bearer if scheme.lower() == "bearer" else "")
    return secret.strip().encode("latin-1")


def _digest(secret: bytes) -> str:
    return sha256(secret).hexdigest()
