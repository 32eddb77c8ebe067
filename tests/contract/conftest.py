"""The adapters that each contract is checked against."""

import pytest

from sparring.adapters.store import open_store
from sparring.testing import FrozenClock, MemoryStore


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture(params=["memory", "sqlite"])
async def store(request, clock, tmp_path):
    if request.param == "memory":
        opened = MemoryStore(clock)
    else:
        opened = await open_store(f"sqlite:///{tmp_path / 'store.db'}", clock)
    yield opened
    await opened.close()
