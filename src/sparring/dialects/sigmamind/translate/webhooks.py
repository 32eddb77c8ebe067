"""Webhooks, their deliveries, and what they are told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sparring.dialects.sigmamind import chat_wire
from sparring.dialects.sigmamind.translate.agents import agent_summary
from sparring.dialects.sigmamind.translate.batch_runs import remarks, run_status
from sparring.dialects.sigmamind.translate.chats import chat_record
from sparring.dialects.spelling import AGENT, BATCH, CASE, JOB, WEBHOOK, WORKSPACE, spell, spell_chat, timestamp
from sparring.domain.agent import Agent
from sparring.domain.chat import Talk
from sparring.domain.outcomes import Outcome
from sparring.domain.simulation import Simulation, Trial
from sparring.domain.webhooks import Delivery, DeliveryStatus, Event, Webhook


def new_webhook(
    body: chat_wire.CreateWebhook, *, id: str, workspace: str, agent_id: str, secret: str, now: float
) -> Webhook:
    """The webhook that a request describes."""
    return Webhook(
        id=id,
        workspace=workspace,
        agent_id=agent_id,
        name=body.name,
        url=body.url,
        events=tuple(Event(name) for name in body.events),
        secret=body.secret or secret,
        created_at=now,
        updated_at=now,
    )


def webhook_record(webhook: Webhook, *, workspace: str, agent: str) -> chat_wire.WebhookRecord:
    """A webhook as it goes out, without its secret.

    Args:
        workspace: spelled.
        agent: spelled.
    """
    return chat_wire.WebhookRecord(
        webhookId=spell(WEBHOOK, webhook.id, webhook.alias),
        workspaceId=workspace,
        agentId=agent,
        name=webhook.name,
        url=webhook.url,
        events=[event.value for event in webhook.events],
        active=webhook.active,
        createdAt=timestamp(webhook.created_at),
    )


def delivery_record(delivery: Delivery, webhook: Webhook) -> chat_wire.DeliveryRecord:
    """A delivery as it goes out."""
    pending = delivery.status is DeliveryStatus.PENDING
    return chat_wire.DeliveryRecord(
        deliveryId=delivery.id,
        webhookId=spell(WEBHOOK, webhook.id, webhook.alias),
        event=delivery.event.value,
        status=delivery.status.value,
        attempts=delivery.attempts,
        httpStatus=delivery.answered,
        error=delivery.error,
        nextAttemptAt=timestamp(delivery.due_at) if pending else None,
        createdAt=timestamp(delivery.created_at),
        updatedAt=timestamp(delivery.updated_at),
        payload=json.loads(delivery.body),
    )


class SigmaMindWording:
    """What webhooks are told, in this dialect's shapes."""

    def of_chat(self, talk: Talk) -> Mapping[str, Any]:
        """The chat as it reads."""
        chat = talk.chat
        return chat_record(chat, talk.messages, agent=agent_summary(chat.agent, live=True))

    def of_trial(self, simulation: Simulation, trial: Trial) -> Mapping[str, Any]:
        """The test run in short."""
        scenario = simulation.scenario(trial.scenario)
        return {
            "batchId": spell(BATCH, simulation.id, simulation.alias),
            "jobId": spell(JOB, trial.id, trial.alias),
            "chatId": spell_chat(trial.id, trial.alias),
            "testCaseId": spell(CASE, scenario.id, scenario.alias),
            "label": scenario.name,
            "status": run_status(trial),
            "isSuccessful": {Outcome.PASSED: True, Outcome.FAILED: False}.get(trial.outcome or Outcome.ERROR),
            "remarks": remarks(trial.verdict, None) if trial.verdict is not None else None,
        }

    def of_simulation(self, simulation: Simulation, outcomes: Mapping[Outcome, int]) -> Mapping[str, Any]:
        """The batch run's counts."""
        return {
            "batchId": spell(BATCH, simulation.id, simulation.alias),
            "agent": agent_summary(simulation.agent, live=True),
            "createdDate": timestamp(simulation.created_at),
            "status": simulation.status.value,
            "totalAttempts": sum(scenario.trials for scenario in simulation.scenarios),
            "successfulAttempts": outcomes.get(Outcome.PASSED, 0),
            "failedAttempts": outcomes.get(Outcome.FAILED, 0),
            "inconclusiveAttempts": outcomes.get(Outcome.INCONCLUSIVE, 0),
            "erroredAttempts": outcomes.get(Outcome.ERROR, 0),
        }

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
        """The body of a delivery."""
        return {
            "event": event.value,
            "timestamp": timestamp(at),
            "webhookId": spell(WEBHOOK, webhook.id, webhook.alias),
            "workspaceId": spell(WORKSPACE, agent.workspace, workspace_alias),
            "agentId": spell(AGENT, agent.id, agent.alias),
            "data": data,
        }
