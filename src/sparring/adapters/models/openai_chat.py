"""Models that speak the OpenAI chat-completions wire."""

from __future__ import annotations

import asyncio
from typing import Any

from sparring.adapters.models.exchange import Answer, Exchange
from sparring.adapters.models.failures import WHO, fault, of_error
from sparring.adapters.models.openai_answers import Said, loads, read_answer
from sparring.adapters.models.openai_requests import Encoder, Habits
from sparring.adapters.models.openai_streams import parse_stream
from sparring.adapters.models.prices import Prices, nearest_models
from sparring.domain.errors import ModelFault
from sparring.domain.outcomes import Role
from sparring.domain.transcript import Generation
from sparring.simulation.ports import ModelReply, ModelRequest

PATH = "/chat/completions"


class OpenAIChat:
    """One model behind `/chat/completions`."""

    def __init__(
        self, exchange: Exchange, prices: Prices, *, name: str, model: str, tier: str | None = None
    ) -> None:
        """Take the way to the provider.

        Args:
            name: as it was asked for.
            model: as it goes out.
            tier: the service tier to ask for.
        """
        self.name = name
        self.provider = exchange.provider.name
        self.model = model
        self.tier = tier
        self._exchange = exchange
        self._provider = exchange.provider
        self._prices = prices
        self._url = exchange.address(PATH)
        self._habits = Habits.expected(model, self._provider.structured)
        self._encoder = Encoder(provider=self._provider.name, model=model, tier=tier, habits=self._habits)

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Answer once, as `ChatModel` says.

        A parameter that the model refuses by name is left out and asked for again at once, and from then on not
        sent at all.
        """
        while True:
            answer = await self._exchange.ask(self._url, self._encoder.body(request), _decode)
            if answer.failure is None:
                return await self._reply(answer, request)
            if not self._habits.learn(answer.failure, request):
                raise await self._fault(answer, request.occasion.role)

    async def _reply(self, answer: Answer, request: ModelRequest) -> ModelReply:
        said = read_answer(answer.payload, position=len(request.messages))
        role = request.occasion.role
        self._check(said, role)
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
        if said.finish == "length":
            tokens = f" after {said.usage.output} tokens" if said.usage else ""
            raise self._unusable(
                "length",
                role,
                f"reached its limit{tokens} (finish_reason length), so that its answer is cut off",
                "Take a model with a larger limit, or ask for shorter answers.",
            )
        if said.finish == "content_filter":
            raise self._unusable(
                "content_filter",
                role,
                "was stopped by the provider's content filter (finish_reason content_filter)",
                "Reword what trips it, or take a model without that filter.",
            )
        if (said.refusal or said.finish == "refusal") and (
            role is not Role.AGENT or not (said.refusal or said.text)
        ):
            words = said.refusal or said.text or "no reason given"
            raise self._unusable(
                "refusal", role, f"refused: {words[:400]}", "Take another model for this role, or reword the task."
            )
        if not said.calls and not (said.text or "").strip() and not said.refusal:
            raise self._unusable(
                "empty", role, f"answered with neither text nor tool calls (finish_reason {said.finish})", ""
            )

    def _unusable(self, reason: str, role: Role, happened: str, advice: str) -> ModelFault:
        return ModelFault(
            f"{WHO[role]} {self._provider.name}:{self.model} {happened}. {advice}".rstrip(),
            provider=self._provider.name,
            model=self.model,
            reason=reason,
            status=200,
        )

    async def _fault(self, answer: Answer, role: Role) -> ModelFault:
        assert answer.failure is not None
        near: list[str] = []
        if answer.failure.status == 404:
            near = await asyncio.to_thread(nearest_models, self._provider.base_url, self.model)
        return fault(
            answer.failure,
            provider=self._provider,
            model=self.model,
            role=role,
            tries=answer.tries,
            elapsed=answer.elapsed,
            near=near,
        )

    async def _cost(self, said: Said, model: str) -> float | None:
        if said.cost is not None:
            return said.cost
        return await self._prices.cost(self._provider.base_url, model, said.tier or self.tier, said.usage)

    def _signed(self, said: Said) -> dict[str, Any] | None:
        """The opaque parts, with whose they are: no other provider may be sent them."""
        if said.opaque is None:
            return None
        return {"wire": "openai", "provider": self._provider.name, **said.opaque}


def without_fence(text: str) -> str:
    """A structured answer without the code fence that some models put around it."""
    stripped = text.strip()
    if not (stripped.startswith("```") and stripped.endswith("```") and "\n" in stripped):
        return text
    return stripped[stripped.index("\n") + 1 : -3].strip()


def _decode(body: bytes, content_type: str) -> Any:
    """JSON, or the events of a server that streams unasked."""
    if content_type.startswith("text/event-stream"):
        return parse_stream(body.decode("utf-8", "replace"))
    return loads(body)
