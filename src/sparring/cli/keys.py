"""API keys: made, listed and revoked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sparring.bootstrap.keys import make_key
from sparring.bootstrap.services import open_services
from sparring.cli.terminal import note, say
from sparring.domain.errors import Conflict, NotFound
from sparring.settings import read_settings
from sparring.simulation.store import ApiKey


async def create(*, name: str, read_only: bool, as_json: bool, database: str | None) -> int:
    """Make a key and print its secret, once."""
    async with open_services(read_settings(database_url=database)) as services:
        secret, key = make_key(
            services.clock,
            await services.store.first_workspace(),
            name=name,
            role="read" if read_only else "write",
        )
        await services.store.save_key(key)
    if as_json:
        say(json.dumps({**_shown(key), "key": secret}))
    else:
        say(secret)
        note(f"Key {name!r} is made. It is shown this once; send it as X-API-Key.")
    return 0


async def listing(*, as_json: bool, database: str | None) -> int:
    """List the keys, without their secrets."""
    async with open_services(read_settings(database_url=database)) as services:
        keys = await services.store.keys(await services.store.first_workspace())
    if as_json:
        say(json.dumps([_shown(key) for key in keys]))
        return 0
    if not keys:
        say("No keys yet. Make one: sparring keys create --name NAME")
        return 0
    longest = max(len(key.name) for key in keys)
    for key in keys:
        state = "revoked" if key.revoked_at is not None else "active"
        say(f"{key.id}  …{key.hint}  {key.name:<{longest}}  {key.role:<5}  {_date(key.created_at)}  {state}")
    return 0


async def revoke(text: str, *, database: str | None) -> int:
    """Revoke a key by its id or its last four characters."""
    async with open_services(read_settings(database_url=database)) as services:
        keys = await services.store.keys(await services.store.first_workspace())
        found = [key for key in keys if key.revoked_at is None and text.lstrip("…") in (key.id, key.hint)]
        if not found:
            raise NotFound("active key", text)
        if len(found) > 1:
            raise Conflict(f"{len(found)} keys end with {text!r}; name one by its id.")
        await services.store.save_key(replace(found[0], revoked_at=services.clock.now()))
    say(f"Key {found[0].name!r} is revoked.")
    return 0


def _shown(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "role": key.role,
        "hint": key.hint,
        "created_at": _date(key.created_at),
        "revoked": key.revoked_at is not None,
    }


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")
