"""Models behind a provider's wire: what all wires have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from yarl import URL

from sparring.adapters.models.circuit import Closed
from sparring.adapters.models.exchange import Answer, Exchange
from sparring.adapters.models.failures import Failure, fault
from sparring.adapters.models.outages import outage_fault
from sparring.adapters.models.pieces import Pieces
from sparring.adapters.models.prices import Prices, nearest_models
from sparring.adapters.models.replies import Replies
from sparring.adapters.models.said import Said
from sparring.domain.errors import ModelFault
from sparring.domain.outcomes import Role
from sparring.simulation.ports import ModelReply, ModelRequest


class Wire(Protocol):
    """How one model at one provider is asked, and how its answers are read. Keeps what it learns of the model."""

    tag: str
    """Marks the opaque parts of its answers."""
    path: str
    """Below the provider's base."""
    stream_path: str
    """The same for an answer that comes in pieces."""
    finish_field: str
    """The provider's name for why an answer ended."""

    def body(self, request: ModelRequest) -> bytes:
        """The request as it goes out."""

    def streamed(self, body: bytes) -> bytes:
        """A request as it asks for an answer in pieces."""

    def piece(self, event: dict[str, Any]) -> str | None:
        """The text in one event of such an answer."""

    def decode(self, body: bytes, content_type: str) -> Any:
        """What a body holds, a stream put together; ValueError where it cannot be read."""

    def read(self, payload: dict[str, Any], request: ModelRequest) -> Said:
        """What a model said. Never fails."""

    def learn(self, failure: Failure, request: ModelRequest) -> bool:
        """Take a refusal to heart; whether the same request, encoded anew, may now be taken."""


class WiredModel:
    """One model at one provider."""

    def __init__(
        self,
        exchange: Exchange,
        wire: Wire,
        prices: Prices,
        *,
        name: str,
        model: str,
        tier: str | None = None,
        successor: str | None = None,
    ) -> None:
        """Take the way to the provider.

        Args:
            name: as it was asked for.
            model: as it goes out.
            tier: the service tier to ask for.
            successor: what to name instead once the provider does not know the model any more.
        """
        self.name = name
        self.provider = exchange.provider.name
        self.model = model
        self.tier = tier
        self.wire = wire
        self._exchange = exchange
        self._provider = exchange.provider
        self._replies = Replies(
            exchange.provider, prices, model=model, tag=wire.tag, finish_field=wire.finish_field, tier=tier
        )
        self._successor = successor
        self._lane = exchange.gate.lane(model)
        self._url = exchange.address(wire.path)
        self._stream_url = exchange.address(wire.stream_path)

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Answer once, as `ChatModel` says.

        A parameter that the model refuses by name is left out and asked for again at once, and from then on not
        sent at all.
        """
        while True:
            answer = await self._ask(self._url, self.wire.body(request), request)
            if answer.failure is None:
                return await self._reply(answer, request)
            if not self.wire.learn(answer.failure, request):
                raise await self._fault(answer, request.occasion.role)

    async def stream(self, request: ModelRequest, on_text: Callable[[str], None]) -> ModelReply:
        """The same answer, its text told while it comes. A server that refuses to stream is asked the other way."""
        wire = self.wire
        pieces = Pieces(wire.piece, on_text)
        answer = await self._ask(self._stream_url, wire.streamed(wire.body(request)), request, pieces)
        if answer.failure is None:
            return await self._reply(answer, request)
        if answer.failure.trouble is not None:
            raise await self._fault(answer, request.occasion.role)
        return await self.complete(request)

    async def _ask(self, url: URL, body: bytes, request: ModelRequest, pieces: Pieces | None = None) -> Answer:
        occasion = request.occasion
        try:
            return await self._exchange.ask(self._lane, occasion, url, body, self.wire.decode, pieces)
        except Closed as closed:
            raise outage_fault(
                closed,
                provider=self._provider,
                model=self.model,
                role=occasion.role,
                now=self._exchange.clock.now(),
            ) from None

    async def _reply(self, answer: Answer, request: ModelRequest) -> ModelReply:
        said = self.wire.read(answer.payload, request)
        self._lane.settle(answer.permit, said.usage)
        return await self._replies.reply(said, request, answer.seconds, self._lane.tally)

    async def _fault(self, answer: Answer, role: Role) -> ModelFault:
        assert answer.failure is not None
        near: list[str] = []
        unknown = answer.failure.unknown_model
        if unknown and self._successor is None:
            near = await asyncio.to_thread(nearest_models, self._provider.base_url, self.model)
        return fault(
            answer.failure,
            provider=self._provider,
            model=self.model,
            role=role,
            tries=answer.tries,
            elapsed=answer.elapsed,
            near=near,
            successor=self._successor if unknown else None,
        )
