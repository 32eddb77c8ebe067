"""Who looks at a page: a signed cookie that stands for an API key.

Nothing is kept of a session. The cookie is signed with the digest of the key that it stands for, so it outlives a
restart, holds on every server of one database, and ends when the key is revoked.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sparring.server.services import Services
from sparring.simulation.store import ApiKey

AGE = 30 * 24 * 3600
"""Seconds for which a cookie is good."""

_FIXED = "fixed"
"""The id of the key that is set and not stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who looks."""

    workspace: str
    """The id."""
    key: str
    """The id of the key, by which labels are told apart."""
    name: str
    """Of the key."""
    may_write: bool
    csrf: str
    """What every form sends along, so that no other site can send one; empty where the key came in a header."""


async def visitor_of_cookie(services: Services, cookie: str) -> Visitor | None:
    """Who a cookie stands for, if it is genuine, not too old, and its key not revoked."""
    head, _, signature = cookie.rpartition(".")
    parts = head.split(".")
    if len(parts) != 3 or not parts[1].isdecimal() or float(parts[1][:12]) < services.clock.now():
        return None
    key = next((key for key in await _keys(services) if key.id == parts[0]), None)
    if key is None or not hmac.compare_digest(_signed(key, head).encode(), signature.encode()):
        return None
    return _visitor(key, csrf=_signed(key, f"form.{cookie}"))


async def visitor_of_secret(services: Services, secret: str) -> Visitor | None:
    """Who an API key stands for."""
    key = await key_of_secret(services, secret)
    return None if key is None else _visitor(key, csrf="")


async def key_of_secret(services: Services, secret: str) -> ApiKey | None:
    """The key of a secret, unless it is revoked."""
    digest = _digest(secret)
    return next((key for key in await _keys(services) if hmac.compare_digest(key.digest, digest)), None)


async def own_key(services: Services) -> ApiKey | None:
    """The key that an invitation signs in with: the oldest one of the first workspace that may write."""
    first = await services.store.first_workspace()
    fitting = (key for key in await _keys(services) if key.workspace == first and key.role != "read")
    return next(fitting, None)


def cookie_for(services: Services, key: ApiKey) -> str:
    """A new cookie for a key."""
    expires = int(services.clock.now()) + AGE
    head = f"{key.id}.{expires}.{services.clock.entropy(8).hex()}"
    return f"{head}.{_signed(key, head)}"


async def _keys(services: Services) -> Sequence[ApiKey]:
    """Every key that opens something."""
    stored = [key for key in await services.store.keys() if key.revoked_at is None]
    if not services.api_key:
        return stored
    digest, workspace = _digest(services.api_key), await services.store.first_workspace()
    fixed = ApiKey(id=_FIXED, workspace=workspace, name="SPARRING_API_KEY", digest=digest, hint="")
    return [fixed, *stored]


def _visitor(key: ApiKey, *, csrf: str) -> Visitor:
    return Visitor(workspace=key.workspace, key=key.id, name=key.name, may_write=key.role != "read", csrf=csrf)


def _signed(key: ApiKey, text: str) -> str:
    return hmac.new(key.digest.encode(), text.encode(), sha256).hexdigest()


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
