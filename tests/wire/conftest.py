"""A provider on the loopback interface."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from provider_door import Door

from sparring.testing.clock import FrozenClock


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
