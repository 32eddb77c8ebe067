"""Models behind a provider's wire: what all wires have in common."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from sparring.adapters.models.exchange import Answer, Exchange
from sparring.adapters.models.failures import WHO, Failure, fault, of_error
from sparring.adapters.models.prices import Prices, nearest_models
from sparring.adapters.models.said import Said, Stop
from sparring.domain.errors import ModelFault
from sparring.domain.outcomes import Role
from sparring.domain.transcript import Generation
from sparring.simulation.ports import ModelReply, ModelRequest


class Wire(Protocol):
    """How one model at one provider is asked, and how its answers are read. Keeps what it learns of the model."""

    tag: str
    """Marks the opaque parts of its answers."""
    path: str
    """Below the provider's base."""
    finish_field: str
    """The provider's name for why an answer ended."""

    def body(self, request: ModelRequest) -> bytes:
        """The request as it goes out."""

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
        self._prices = prices
        self._successor = successor
        self._url = exchange.address(wire.path)

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Answer once, as `ChatModel` says.

        A parameter that the model refuses by name is left out and asked for again at once, and from then on not
        sent at all.
        """
        while True:
            answer = await self._exchange.ask(self._url, self.wire.body(request), self.wire.decode)
            if answer.failure is None:
                return await self._reply(answer, request)
            if not self.wire.learn(answer.failure, request):
                raise await self._fault(answer, request.occasion.role)

    async def _reply(self, answer: Answer, request: ModelRequest) -> ModelReply:
        said = self.wire.read(answer.payload, request)
        self._check(said, request.occasion.role)
        text = said.text
        if said.refusal and not text:
            text = said.refusal
        if text and request.schema is not None:
            text = without_fence(text)
        model = said.model or self.model
        return ModelReply(
            text=text,
            calls=said.calls,
            generation=Generation(
                provider=self._provider.name,
                model=model,
                cost=await self._cost(said, model),
                usage=said.usage,
                seconds=answer.seconds,
                finish=said.finish,
                opaque=self._signed(said),
            ),
        )

    def _check(self, said: Said, role: Role) -> None:
        """Raise for what cannot be used. An agent that refuses has said so; a user or a judge has failed."""
        if said.error is not None or said.finish == "error":
            error = said.error or "the answer ended with an error"
            failure = of_error(error, status=200, retry_after=None, secrets=self._exchange.secrets)
            raise fault(failure, provider=self._provider, model=self.model, role=role)
        if said.stop is Stop.LENGTH:
            tokens = f" after {said.usage.output} tokens" if said.usage else ""
            raise self._unusable(
                said,
                role,
                f"reached its limit{tokens} ({self._ended(said)}), so that its answer is cut off",
                "Take a model with a larger limit, or ask for shorter answers.",
            )
        if said.stop is Stop.FILTERED:
            raise self._unusable(
                said,
                role,
                f"was stopped by the provider's content filter ({self._ended(said)})",
                "Reword what trips it, or take a model without that filter.",
            )
        if said.refusal or said.stop is Stop.REFUSED:
            self._check_refusal(said, role)
        if not said.calls and not (said.text or "").strip() and not said.refusal:
            happened = f"answered with neither text nor tool calls ({self._ended(said)})"
            raise self._unusable(said, role, happened, "")

    def _check_refusal(self, said: Said, role: Role) -> None:
        own = said.refusal or said.text
        if role is Role.AGENT and own:
            return
        words = self._exchange.secrets.hide(own or said.details or "no reason given")
        raise self._unusable(
            said,
            role,
            f"refused: {words[:400]}",
            "Take another model for this role, or reword the task.",
            reason=Stop.REFUSED,
        )

    def _ended(self, said: Said) -> str:
        details = self._exchange.secrets.hide(f": {said.details.rstrip('.')[:400]}" if said.details else "")
        return f"{self.wire.finish_field} {said.finish}{details}"

    def _unusable(
        self, said: Said, role: Role, happened: str, advice: str, *, reason: Stop | None = None
    ) -> ModelFault:
        return ModelFault(
            f"{WHO[role]} {self._provider.name}:{self.model} {happened}. {advice}".rstrip(),
            provider=self._provider.name,
            model=self.model,
            reason=str(reason or said.stop or "empty"),
            status=200,
        )

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

    async def _cost(self, said: Said, model: str) -> float | None:
        if said.cost is not None:
            return said.cost
        return await self._prices.cost(self._provider.base_url, model, said.tier or self.tier, said.usage)

    def _signed(self, said: Said) -> dict[str, Any] | None:
        """The opaque parts, with whose they are: no other provider may be sent them."""
        if said.opaque is None:
            return None
        return {"wire": self.wire.tag, "provider": self._provider.name, **said.opaque}


def without_fence(text: str) -> str:
    """A structured answer without the code fence that some models put around it."""
    stripped = text.strip()
    if not (stripped.startswith("```") and stripped.endswith("```") and "\n" in stripped):
        return text
    return stripped[stripped.index("\n") + 1 : -3].strip()
