"""Models behind the door, on the wire of chat completions."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from provider_door import KEY, Door

from sparring.adapters.models.catalogue import Catalogue
from sparring.adapters.models.provider import Provider, openai
from sparring.adapters.models.transport import Transport
from sparring.simulation.ports import ChatModel
from sparring.testing.clock import FrozenClock


@pytest.fixture
async def models(door: Door, clock: FrozenClock) -> AsyncIterator[Callable[..., ChatModel]]:
    """Makes a model at the door: by name, with the provider's fields as keywords."""
    made: list[Catalogue] = []

    def make(
        name: str = "openai:gpt-4o-mini", *, called: str = "openai", timeout: float = 30.0, **fields: Any
    ) -> ChatModel:
        provider: Provider = replace(openai(api_key=KEY, base_url=door.url), name=called, **fields)
        catalogue = Catalogue([provider], clock=clock, transport=Transport(answer_timeout=timeout))
        made.append(catalogue)
        return catalogue.model(name)

    yield make
    for catalogue in made:
        await catalogue.close()
