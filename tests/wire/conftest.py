"""A provider on the loopback interface."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from provider_door import KEY, Door

from sparring.adapters.models.catalogue import Catalogue
from sparring.adapters.models.provider import Provider
from sparring.simulation.ports import ModelReply, ModelRequest
from sparring.testing.clock import FrozenClock

Ask = Callable[..., Awaitable[ModelReply]]


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    """A server that is open."""
    door = Door()
    app = web.Application(client_max_size=10_000_000)
    app.router.add_route("*", "/{path:.*}", door.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    door.host = f"http://127.0.0.1:{runner.addresses[0][1]}"
    door.url = f"{door.host}/v1"
    yield door
    await runner.cleanup()


@pytest.fixture
def clock() -> FrozenClock:
    """Moves when somebody sleeps."""
    return FrozenClock()


@pytest.fixture
async def ask(door: Door, clock: FrozenClock) -> AsyncIterator[Ask]:
    """Asks a model at the door: takes its name, the request, the `wire`, and more fields of the provider."""
    made: dict[str, Catalogue] = {}

    async def asked(name: str, request: ModelRequest, *, wire: str, **fields: Any) -> ModelReply:
        key = f"{wire} {sorted(fields.items())}"
        if key not in made:
            base = door.url if wire.startswith("openai") else door.host
            provider = Provider(name="it", base_url=base, wire=wire, api_key=KEY, key_variable="IT_API_KEY")
            catalogue = {name: fields.pop(name) for name in ("successors", "wires") if name in fields}
            made[key] = Catalogue([replace(provider, **fields)], clock=clock, **catalogue)
        return await made[key].model(f"it:{name}").complete(request)

    yield asked
    for catalogue in made.values():
        await catalogue.close()
