"""What is old goes with all that belongs to it; what is not over stays."""

from dataclasses import replace

import pytest

from sparring.domain.chat import ChatStatus
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.transcript import UserMessage
from sparring.domain.webhooks import DeliveryStatus
from sparring.simulation.store import Old, Page

from .records import HERE, a_simulation, planned
from .test_chat_store import a_chat, a_delivery, a_webhook, an_id


def waiting(number):
    return a_simulation(
        id=f"{number:024x}",
        alias=None,
        idempotency_key=None,
        status=Lifecycle.QUEUED,
        started_at=None,
        completed_at=None,
        max_cost=None,
    )


async def played(store, clock, number, at):
    """A simulation of two trials that was over at a time."""
    simulation = waiting(number)
    await store.save_simulation(simulation, planned(simulation))
    for trial in await store.claim(100, simulation=simulation.id):
        await store.journal(trial).append(0, [UserMessage(text="Hi.")])
        await clock.sleep(at - clock.now())
        await store.save_trial(replace(trial, status=Lifecycle.COMPLETED, outcome=Outcome.PASSED, completed_at=at))
    return simulation.id


@pytest.fixture
async def full(store, clock):
    """One of each that is old, that is young, and that is not over."""
    old = await played(store, clock, 0xE1, 1000.0)
    young = await played(store, clock, 0xE2, 3000.0)
    simulation = waiting(0xE3)
    await store.save_simulation(simulation, planned(simulation))
    await store.save_chat(a_chat(1, status=ChatStatus.ENDED, updated_at=1000.0))
    await store.chat_journal(an_id(1)).append(0, [UserMessage(text="Hi.")])
    await store.save_chat(a_chat(2, status=ChatStatus.ENDED, updated_at=3000.0))
    await store.save_chat(a_chat(3, updated_at=1000.0))
    await store.save_webhook(a_webhook())
    await store.save_delivery(a_delivery(1, status=DeliveryStatus.DELIVERED, updated_at=1000.0))
    await store.save_delivery(a_delivery(2, status=DeliveryStatus.FAILED, updated_at=3000.0))
    await store.save_delivery(a_delivery(3, updated_at=1000.0))
    return old, young, simulation.id


async def test_only_what_is_over_and_old_goes(store, full):
    old, young, waiting = full
    assert await store.prunable(2000.0) == Old(simulations=1, chats=1, deliveries=1)
    trials = [trial.id for trial in await store.trials(old)]
    assert await store.prune(2000.0, 10) == Old(simulations=1, chats=1, deliveries=1)
    assert await store.find_simulation(None, old) is None
    assert not [said for trial in trials for said in await store.messages(trial)]
    assert not await store.chat_journal(an_id(1)).load()
    assert {one.id for one in (await store.simulations(None, Page()))[0]} == {young, waiting}
    assert {one.id for one in (await store.chats(HERE, Page()))[0]} == {an_id(2), an_id(3)}
    assert {one.id for one in (await store.deliveries(an_id(1), Page()))[0]} == {an_id(2), an_id(3)}
    assert await store.prune(2000.0, 10) == Old()


async def test_a_part_goes_at_a_time_the_oldest_first(store, clock):
    ids = [await played(store, clock, 0xE0 + number, 1000.0 + number) for number in range(3)]
    assert await store.prune(2000.0, 2) == Old(simulations=2)
    assert [one.id for one in (await store.simulations(None, Page()))[0]] == ids[2:]
    assert await store.prune(2000.0, 2) == Old(simulations=1)
