"""One trial at a time is taken and put back, as an engine does that is told of each."""

from dataclasses import replace

import pytest

from sparring.domain.errors import StaleAppend
from sparring.domain.outcomes import Lifecycle, Outcome

from .records import HERE, a_simulation, planned


async def submitted(store):
    simulation = a_simulation(
        alias=None,
        idempotency_key=None,
        status=Lifecycle.QUEUED,
        started_at=None,
        completed_at=None,
        max_cost=None,
    )
    trials = planned(simulation)
    await store.save_simulation(simulation, trials)
    return simulation.id, [trial.id for trial in trials]


async def test_a_queued_trial_is_taken_and_its_simulation_runs(store):
    simulation, trials = await submitted(store)
    taken = await store.take(trials[-1])
    assert (taken.id, taken.status) == (trials[-1], Lifecycle.RUNNING)
    assert (await store.find_simulation(None, simulation)).status is Lifecycle.RUNNING
    assert trials[-1] not in {trial.id for trial in await store.claim(100)}


async def test_one_that_was_left_running_is_taken_over_as_it_is(store, clock):
    _, trials = await submitted(store)
    first = await store.take(trials[0])
    await clock.sleep(60)
    assert await store.take(trials[0]) == replace(first, claim=first.claim + 1)


async def test_who_had_a_trial_before_it_was_taken_over_stores_nothing_more(store):
    _, trials = await submitted(store)
    before = await store.take(trials[0])
    now = await store.take(trials[0])
    with pytest.raises(StaleAppend, match="taken over"):
        await store.save_trial(replace(before, status=Lifecycle.COMPLETED, outcome=Outcome.FAILED))
    await store.release(before.id, before.claim)
    assert await store.find_trial(HERE, now.id) == now
    await store.save_trial(replace(now, status=Lifecycle.COMPLETED, outcome=Outcome.PASSED))
    assert (await store.find_trial(HERE, now.id)).outcome is Outcome.PASSED


async def test_one_that_was_taken_over_and_put_back_is_not_saved_either(store):
    _, trials = await submitted(store)
    before = await store.take(trials[0])
    await store.release((await store.take(trials[0])).id)
    with pytest.raises(StaleAppend, match="taken over"):
        await store.postpone(before)


async def test_what_is_over_paused_cancelled_or_unknown_is_not_taken(store):
    simulation, trials = await submitted(store)
    taken = await store.take(trials[0])
    await store.save_trial(replace(taken, status=Lifecycle.COMPLETED, outcome=Outcome.PASSED))
    assert await store.take(trials[0]) is None
    assert await store.take("f" * 24) is None
    await store.pause(HERE, simulation, "on request")
    assert await store.take(trials[1]) is None
    await store.resume(HERE, simulation)
    assert await store.take(trials[1]) is not None
    await store.cancel(HERE, simulation)
    assert await store.take(trials[1]) is None


async def test_a_trial_that_is_put_back_waits_again_and_what_is_over_stays(store):
    _, trials = await submitted(store)
    await store.take(trials[0])
    done = await store.take(trials[1])
    await store.save_trial(replace(done, status=Lifecycle.COMPLETED, outcome=Outcome.PASSED))
    await store.release(trials[0])
    await store.release(trials[1])
    await store.release("f" * 24)
    assert (await store.find_trial(HERE, trials[0])).status is Lifecycle.QUEUED
    assert (await store.find_trial(HERE, trials[1])).status is Lifecycle.COMPLETED


async def test_a_trial_of_a_cancelled_simulation_is_cancelled_when_it_is_put_back(store):
    simulation, trials = await submitted(store)
    await store.take(trials[0])
    await store.cancel(HERE, simulation)
    await store.release(trials[0])
    assert (await store.find_trial(HERE, trials[0])).status is Lifecycle.CANCELLED
    found = await store.find_simulation(None, simulation)
    assert found.status is Lifecycle.CANCELLED
    assert found.completed_at is not None
