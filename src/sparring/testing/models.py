"""A model that gives the replies it is told to give, and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sparring.domain.errors import NotConfigured
from sparring.domain.transcript import Generation, ToolCall
from sparring.simulation.ports import ChatModel, ModelReply, ModelRequest


class FakeModel:
    """Gives its replies in order: a text, a ToolCall, a ModelReply, JSON (a mapping), or an exception to raise."""

    def __init__(
        self,
        replies: Iterable[str | ToolCall | ModelReply | Mapping[str, Any] | Exception],
        *,
        name: str = "fake:model",
        cost: float | None = 0.01,
    ) -> None:
        """Take the replies; each of them costs `cost` USD."""
        self.name = name
        self.requests: list[ModelRequest] = []
        """What was asked, in order."""
        self._replies = list(replies)
        self._cost = cost

    async def complete(self, request: ModelRequest) -> ModelReply:
        """The reply that is due; AssertionError where there is none left."""
        self.requests.append(request)
        assert len(self.requests) <= len(self._replies), f"{self.name} has no reply {len(self.requests)}."
        reply = self._replies[len(self.requests) - 1]
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, ModelReply):
            return reply
        made = Generation(provider="fake", model=self.name, cost=self._cost)
        if isinstance(reply, ToolCall):
            return ModelReply(text=None, calls=(reply,), generation=made)
        text = reply if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False)
        return ModelReply(text=text, generation=made)


class FakeModels:
    """Models by name."""

    def __init__(self, **models: ChatModel) -> None:
        """Take them."""
        self._models = models

    def model(self, name: str) -> ChatModel:
        """The model of that name.

        Raises:
            NotConfigured: there is none.
        """
        if name not in self._models:
            raise NotConfigured(f"There is no model {name!r} here.")
        return self._models[name]
