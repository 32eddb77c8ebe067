"""The adapters that each contract is checked against."""

import pytest

from sparring.adapters.store import open_store
from sparring.testing import FrozenClock, MemoryStore


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def place(request, tmp_path):
    """Where a store keeps things: the URL of a new database, or None for the memory."""
    if request.param == "postgres":
        return request.getfixturevalue("postgres_url")
    return f"sqlite:///{tmp_path / 'store.db'}" if request.param == "sqlite" else None


@pytest.fixture
async def store(place, clock):
    opened = MemoryStore(clock) if place is None else await open_store(place, clock)
    yield opened
    await opened.close()
