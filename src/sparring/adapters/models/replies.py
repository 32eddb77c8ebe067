"""From what a model said to a reply, or to the fault that it is: the same for every provider."""

from __future__ import annotations

from typing import Any

from sparring.adapters.models.failures import WHO, Secrets, fault, of_error
from sparring.adapters.models.prices import Prices
from sparring.adapters.models.provider import Provider
from sparring.adapters.models.said import Said, Stop
from sparring.adapters.models.tallies import Tally
from sparring.domain.errors import ModelFault
from sparring.domain.outcomes import Role
from sparring.domain.transcript import Generation
from sparring.simulation.ports import ModelReply, ModelRequest


class Replies:
    """Makes the replies of one model."""

    def __init__(
        self,
        provider: Provider,
        prices: Prices,
        *,
        model: str,
        tag: str,
        finish_field: str,
        tier: str | None = None,
    ) -> None:
        """Take whose they are.

        Args:
            model: as it goes out.
            tag: marks the opaque parts.
            finish_field: the provider's name for why an answer ended.
            tier: the service tier that was asked for.
        """
        self._provider = provider
        self._secrets = Secrets(provider)
        self._prices = prices
        self._model = model
        self._tag = tag
        self._finish_field = finish_field
        self._tier = tier

    async def reply(self, said: Said, request: ModelRequest, seconds: float, tally: Tally) -> ModelReply:
        """The reply to a request; what it cost is counted.

        Raises:
            ModelFault: it cannot be used; its cost is that of the answer.
        """
        model = said.model or self._model
        cost = await self._cost(said, model)
        tally.paid(cost)
        try:
            self._check(said, request.occasion.role)
        except ModelFault as unusable:
            unusable.cost = 0.0 if said.error is not None and said.usage is None else cost
            raise
        text = said.text
        if said.refusal and not text:
            text = said.refusal
        if text and request.schema is not None:
            text = without_fence(text)
        return ModelReply(
            text=text,
            calls=said.calls,
            generation=Generation(
                provider=self._provider.name,
                model=model,
                cost=cost,
                usage=said.usage,
                seconds=seconds,
                finish=said.finish,
                opaque=self._signed(said),
            ),
        )

    def _check(self, said: Said, role: Role) -> None:
        """Raise for what cannot be used. An agent that refuses has said so; a user or a judge has failed."""
        if said.error is not None or said.finish == "error":
            error = said.error or "the answer ended with an error"
            failure = of_error(error, status=200, retry_after=None, secrets=self._secrets)
            raise fault(failure, provider=self._provider, model=self._model, role=role)
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
        words = self._secrets.hide(own or said.details or "no reason given")
        raise self._unusable(
            said,
            role,
            f"refused: {words[:400]}",
            "Take another model for this role, or reword the task.",
            reason=Stop.REFUSED,
        )

    def _ended(self, said: Said) -> str:
        details = self._secrets.hide(f": {said.details.rstrip('.')[:400]}" if said.details else "")
        return f"{self._finish_field} {said.finish}{details}"

    def _unusable(
        self, said: Said, role: Role, happened: str, advice: str, *, reason: Stop | None = None
    ) -> ModelFault:
        return ModelFault(
            f"{WHO[role]} {self._provider.name}:{self._model} {happened}. {advice}".rstrip(),
            provider=self._provider.name,
            model=self._model,
            reason=str(reason or said.stop or "empty"),
            status=200,
            role=role,
        )

    async def _cost(self, said: Said, model: str) -> float | None:
        if said.cost is not None:
            return said.cost
        return await self._prices.cost(self._provider.base_url, model, said.tier or self._tier, said.usage)

    def _signed(self, said: Said) -> dict[str, Any] | None:
        """The opaque parts, with whose they are: no other provider may be sent them."""
        if said.opaque is None:
            return None
        return {"wire": self._tag, "provider": self._provider.name, **said.opaque}


def without_fence(text: str) -> str:
    """A structured answer without the code fence that some models put around it."""
    stripped = text.strip()
    if not (stripped.startswith("```") and stripped.endswith("```") and "\n" in stripped):
        return text
    return stripped[stripped.index("\n") + 1 : -3].strip()
