"""Webhooks: who is told what, how deliveries are signed, and when they are tried again."""

import hmac
import json
from dataclasses import replace
from hashlib import sha256

import pytest

from sparring.domain.agent import Agent
from sparring.domain.chat import Chat, Talk
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Models, Simulation, Trial
from sparring.domain.webhooks import Delivery, DeliveryStatus, Event, Webhook
from sparring.simulation.heralds import PAUSES, Courier, WebhookHerald, signature
from sparring.simulation.ports import WebAnswer, WebFault
from sparring.simulation.store import Page
from sparring.testing import FrozenClock, MemoryStore

HERE = "00000000000000000000000a"
AGENT = Agent(id="0000000000000000000000a1", workspace=HERE, name="A")
HOOK = Webhook(
    id="0000000000000000000000b1",
    workspace=HERE,
    agent_id=AGENT.id,
    name="CRM",
    url="https://x.example/hook",
    events=tuple(Event),
    secret="s3cret",
)
TALK = Talk(Chat(id="0000000000000000000000c1", workspace=HERE, agent=AGENT), ())


class Wording:
    def of_chat(self, talk):
        return {"chat": talk.chat.id}

    def of_trial(self, simulation, trial):
        return {"trial": trial.id}

    def of_simulation(self, simulation, outcomes):
        return {outcome.value: count for outcome, count in outcomes.items()}

    def envelope(self, webhook, event, at, data, *, agent, workspace_alias):
        return {"event": event.value, "data": data}


class Web:
    def __init__(self, *answers):
        self.answers = list(answers)
        self.calls = []

    async def send(self, call):
        self.calls.append(call)
        answer = self.answers[len(self.calls) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer


async def told(act, *webhooks):
    """The events that were stored after an act, oldest first, and how often somebody was notified."""
    clock, notices = FrozenClock(), []
    store = MemoryStore(clock)
    for webhook in webhooks or (HOOK,):
        await store.save_webhook(webhook)
    herald = WebhookHerald(store=store, clock=clock, wording=Wording(), notice=lambda: notices.append(1))
    await act(herald, store)
    found = await store.take_deliveries(clock.now(), 100, until=clock.now())
    return [(delivery.event.value, json.loads(delivery.body)["data"]) for delivery in found], len(notices)


async def test_the_webhooks_of_an_agent_that_asked_for_an_event_are_told():
    others = (
        replace(HOOK, id="1" * 24, events=(Event.CONVERSATION_ENDED,)),
        replace(HOOK, id="2" * 24, agent_id="3" * 24),
        replace(HOOK, id="4" * 24, active=False),
        replace(HOOK, id="5" * 24, workspace="6" * 24),
    )
    events = await told(lambda herald, _: herald.chat_started(TALK), HOOK, *others)
    assert events == ([("conversation_started", {"chat": TALK.chat.id})], 1)


async def test_nobody_is_notified_where_nobody_asked():
    quiet = replace(HOOK, events=(Event.BATCH_FAILED,))
    assert await told(lambda herald, _: herald.chat_ended(TALK), quiet) == ([], 0)


@pytest.mark.parametrize(
    ("outcomes", "events"),
    [
        ((Outcome.PASSED, Outcome.PASSED), ["batch_completed"]),
        ((Outcome.PASSED, Outcome.FAILED), ["batch_completed", "batch_failed"]),
        ((Outcome.ERROR,), ["batch_completed", "batch_failed"]),
    ],
)
async def test_a_batch_is_told_at_its_end_and_once_more_where_not_all_passed(outcomes, events):
    simulation = Simulation(
        id="7" * 24,
        workspace=HERE,
        agent=AGENT,
        scenarios=(Scenario(id="8" * 24, trials=len(outcomes)),),
        models=Models(user="u", judge="j"),
    )
    trials = [
        Trial(
            id=f"{number:024x}", simulation=simulation.id, scenario="8" * 24, number=number, seed=0,
            status=Lifecycle.COMPLETED, outcome=outcome,
        )
        for number, outcome in enumerate(outcomes, 1)
    ]  # fmt: skip

    async def end(herald, store):
        await store.save_simulation(simulation, trials)
        for trial in trials:
            await herald.trial_over(simulation, trial)
        await herald.simulation_over(replace(simulation, status=Lifecycle.COMPLETED))
        await herald.simulation_over(replace(simulation, status=Lifecycle.CANCELLED))

    found, _ = await told(end)
    analysed = [event for event, _ in found if event == "conversation_analysed"]
    assert len(analysed) == sum(outcome is not Outcome.ERROR for outcome in outcomes)
    assert [event for event, _ in found if event.startswith("batch")] == events


async def delivered(*answers, tries=1, webhook=HOOK):
    clock, web = FrozenClock(1000.5), Web(*answers)
    store = MemoryStore(clock)
    await store.save_webhook(webhook)
    delivery = Delivery(id="9" * 24, webhook=HOOK.id, event=Event.BATCH_FAILED, body='{"n":"ä"}', due_at=1000.0)
    courier = Courier(store=store, web=web, clock=clock)
    moments = []
    for _ in range(tries):
        delivery = await courier.deliver(delivery)
        moments.append(delivery.due_at)
        await clock.sleep(max(0.0, delivery.due_at - clock.now()))
    assert (await store.deliveries(HOOK.id, Page()))[0] == [delivery]
    return delivery, web.calls, moments


async def test_a_delivery_is_signed_over_its_moment_and_its_body():
    delivery, (call,), _ = await delivered(WebAnswer(status=204, text=""))
    headers = dict(call.headers)
    assert (call.method, call.url, call.text, call.follows) == ("POST", HOOK.url, '{"n":"ä"}', False)
    expected = hmac.new(b"s3cret", '1000.{"n":"ä"}'.encode(), sha256).hexdigest()
    assert headers["X-Sparring-Signature"] == f"v1={expected}" == signature("s3cret", 1000, '{"n":"ä"}')
    assert headers["X-Sparring-Timestamp"] == "1000"
    assert (headers["X-Sparring-Event"], headers["X-Sparring-Delivery"]) == ("batch_failed", "9" * 24)
    assert (delivery.status, delivery.attempts, delivery.answered) == (DeliveryStatus.DELIVERED, 1, 204)


async def test_what_fails_is_tried_three_times_more_with_growing_pauses():
    answers = [
        WebAnswer(status=500, text=""),
        WebFault("No answer came within 30 s."),
        WebAnswer(status=302, text=""),
    ]
    delivery, calls, moments = await delivered(*answers, WebAnswer(status=404, text=""), tries=4)
    assert (delivery.status, delivery.attempts, delivery.answered) == (DeliveryStatus.FAILED, 4, 404)
    assert delivery.error == "The address answered 404."
    assert [dict(call.headers)["X-Sparring-Attempt"] for call in calls] == ["1", "2", "3", "4"]
    assert moments[:3] == [1000.5 + sum(PAUSES[: number + 1]) for number in range(3)]


async def test_a_later_success_forgets_the_error():
    delivery, _, _ = await delivered(WebFault("broken"), WebAnswer(status=200, text="ok"), tries=2)
    assert (delivery.status, delivery.error, delivery.attempts) == (DeliveryStatus.DELIVERED, None, 2)


async def test_a_webhook_that_is_no_longer_active_is_told_nothing():
    delivery, calls, _ = await delivered(webhook=replace(HOOK, active=False))
    assert (delivery.status, calls) == (DeliveryStatus.FAILED, [])
