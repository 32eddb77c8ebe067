"""Who is told what has happened, and how the webhooks among them are told: stored first, then signed and sent."""

from __future__ import annotations

import hmac
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Protocol

from sparring.domain import ids
from sparring.domain.agent import Agent
from sparring.domain.chat import Talk
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.simulation import Simulation, Trial
from sparring.domain.webhooks import Delivery, DeliveryStatus, Event, WebCall, Webhook
from sparring.simulation.ports import Clock, WebCaller, WebFault
from sparring.simulation.store import Page, Store

PAUSES = (5.0, 30.0, 120.0)
"""Seconds before each further attempt at a delivery."""

HEADER = "X-Sparring"
"""Begins the names of the headers of a delivery."""

_MOST = 1000
_JUDGED = (Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE)


class Herald:
    """Is told what happens with agents; this one tells nobody."""

    async def chat_started(self, talk: Talk) -> None:
        """A chat was made, and its first message answered."""

    async def chat_ended(self, talk: Talk) -> None:
        """A chat is over."""

    async def trial_over(self, simulation: Simulation, trial: Trial) -> None:
        """A trial is over, judged or not."""

    async def simulation_over(self, simulation: Simulation) -> None:
        """The last trial of a simulation is over."""


class Wording(Protocol):
    """What a webhook is told, in the words of its dialect."""

    def of_chat(self, talk: Talk) -> Mapping[str, Any]:
        """A chat."""

    def of_trial(self, simulation: Simulation, trial: Trial) -> Mapping[str, Any]:
        """A trial that was judged."""

    def of_simulation(self, simulation: Simulation, outcomes: Mapping[Outcome, int]) -> Mapping[str, Any]:
        """A simulation that is over, and how many of its trials ended how."""

    def envelope(
        self,
        webhook: Webhook,
        event: Event,
        at: float,
        data: Mapping[str, Any],
        *,
        agent: Agent,
        workspace_alias: str | None,
    ) -> Mapping[str, Any]:
        """The whole body of a delivery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookHerald(Herald):
    """Stores a delivery for each webhook that asked for an event."""

    store: Store
    clock: Clock
    wording: Wording
    notice: Callable[[], None] = lambda: None
    """Called when something new waits to be sent."""

    async def chat_started(self, talk: Talk) -> None:
        """Tell of a chat that began."""
        await self._tell(talk.chat.agent, Event.CONVERSATION_STARTED, lambda: self.wording.of_chat(talk))

    async def chat_ended(self, talk: Talk) -> None:
        """Tell of a chat that ended."""
        await self._tell(talk.chat.agent, Event.CONVERSATION_ENDED, lambda: self.wording.of_chat(talk))

    async def trial_over(self, simulation: Simulation, trial: Trial) -> None:
        """Tell of a conversation that was judged."""
        if trial.outcome in _JUDGED:
            await self._tell(
                simulation.agent,
                Event.CONVERSATION_ANALYSED,
                lambda: self.wording.of_trial(simulation, trial),
            )

    async def simulation_over(self, simulation: Simulation) -> None:
        """Tell of a simulation that came to its end; one that was cancelled tells nothing."""
        agent = simulation.agent
        if simulation.status is not Lifecycle.COMPLETED or not await self._webhooks(agent):
            return
        trials = await self.store.trials(simulation.id)
        outcomes = Counter(trial.outcome for trial in trials if trial.outcome is not None)
        data = self.wording.of_simulation(simulation, outcomes)
        await self._tell(agent, Event.BATCH_COMPLETED, lambda: data)
        if set(outcomes) - {Outcome.PASSED}:
            await self._tell(agent, Event.BATCH_FAILED, lambda: data)

    async def _webhooks(self, agent: Agent) -> Sequence[Webhook]:
        found, _ = await self.store.webhooks(agent.workspace, Page(size=_MOST), agent_id=agent.id, active=True)
        return found

    async def _tell(self, agent: Agent, event: Event, data: Callable[[], Mapping[str, Any]]) -> None:
        asked = [one for one in await self._webhooks(agent) if event in one.events]
        if not asked:
            return
        now, told = self.clock.now(), data()
        alias = (await self.store.workspaces()).get(agent.workspace)
        for webhook in asked:
            body = self.wording.envelope(webhook, event, now, told, agent=agent, workspace_alias=alias)
            await self.store.save_delivery(
                Delivery(
                    id=ids.mint(int(now), self.clock.entropy(8)),
                    webhook=webhook.id,
                    event=event,
                    body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
                    due_at=now,
                    created_at=now,
                    updated_at=now,
                )
            )
        self.notice()


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """Makes one attempt at a delivery, and stores what came of it."""

    store: Store
    web: WebCaller
    clock: Clock

    async def deliver(self, delivery: Delivery) -> Delivery:
        """Sign it, send it; what fails is due again after a pause, and has failed after the last."""
        webhook = await self.store.find_webhook(None, delivery.webhook)
        if webhook is None or not webhook.active:
            return await self._keep(delivery, DeliveryStatus.FAILED, error="The webhook is no longer active.")
        status, error = None, None
        try:
            answer = await self.web.send(_request(webhook, delivery, int(self.clock.now())))
            status = answer.status
            if not 200 <= status < 300:
                error = f"The address answered {status}."
        except WebFault as fault:
            error = str(fault)
        tried = replace(delivery, attempts=delivery.attempts + 1, answered=status)
        if error is None:
            return await self._keep(tried, DeliveryStatus.DELIVERED)
        if tried.attempts > len(PAUSES):
            return await self._keep(tried, DeliveryStatus.FAILED, error=error)
        later = replace(tried, due_at=self.clock.now() + PAUSES[tried.attempts - 1])
        return await self._keep(later, DeliveryStatus.PENDING, error=error)

    async def _keep(self, delivery: Delivery, status: DeliveryStatus, *, error: str | None = None) -> Delivery:
        kept = replace(delivery, status=status, error=error, updated_at=self.clock.now())
        await self.store.save_delivery(kept)
        return kept


def signature(secret: str, timestamp: int, body: str) -> str:
    """HMAC-SHA256 over the timestamp, a full stop and the body, as `v1=` and 64 hex digits."""
    digest = hmac.new(secret.encode(), f"{timestamp}.{body}".encode(), sha256)
    return f"v1={digest.hexdigest()}"


def _request(webhook: Webhook, delivery: Delivery, now: int) -> WebCall:
    headers = (
        ("Content-Type", "application/json"),
        (f"{HEADER}-Event", delivery.event.value),
        (f"{HEADER}-Delivery", delivery.id),
        (f"{HEADER}-Attempt", str(delivery.attempts + 1)),
        (f"{HEADER}-Timestamp", str(now)),
        (f"{HEADER}-Signature", signature(webhook.secret, now, delivery.body)),
    )
    return WebCall(method="POST", url=webhook.url, headers=headers, text=delivery.body, follows=False)
