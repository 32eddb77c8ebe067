"""Several processes on one PostgreSQL database: what they claim, and what they end at the same moment."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from sparring.adapters.store import open_store
from sparring.domain.agent import Agent
from sparring.domain.errors import NotNow, StaleAppend
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Models, Simulation, plan, trial_count
from sparring.domain.transcript import UserMessage
from sparring.simulation.store import Page
from sparring.testing import FrozenClock

pytestmark = pytest.mark.slow

WORKERS = 4


@pytest.fixture
async def stores(postgres_url):
    opened = [await open_store(postgres_url, FrozenClock()) for _ in range(WORKERS)]
    yield opened
    for store in opened:
        await store.close()


def a_simulation(number, trials, **more):
    return Simulation(
        id=f"{number:024x}",
        workspace="w",
        agent=Agent(id="a" * 24, workspace="w", name="Agent"),
        scenarios=(Scenario(id="c" * 24, workspace="w", name="s", trials=trials),),
        models=Models(user="u", judge="j"),
        **more,
    )


async def submitted(store, simulation):
    ids = [f"{simulation.id[-4:]}{number:020x}" for number in range(trial_count(simulation.scenarios))]
    await store.save_simulation(simulation, plan(simulation, ids))
    return simulation.id


async def each(work):
    """The results of coroutines that run at the same time."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one) for one in work]
    return [task.result() for task in tasks]


async def test_of_workers_that_claim_at_once_each_gets_others_and_together_they_get_all(stores):
    for number in range(3):
        await submitted(stores[0], a_simulation(number, 40))
    claimed = [trial.id for part in await each(stores[i % WORKERS].claim(10) for i in range(20)) for trial in part]
    assert len(claimed) == len(set(claimed)) == 120


async def test_of_trials_that_end_at_once_in_several_processes_one_completes_the_simulation(stores):
    ids = [await submitted(stores[0], a_simulation(number, 12)) for number in range(10)]
    trials = await stores[0].claim(120)

    async def end(store, trial):
        over = replace(trial, status=Lifecycle.COMPLETED, outcome=Outcome.PASSED, completed_at=1.0)
        return await store.save_trial(over)

    # In their order: the last trials of a simulation end next to each other.
    trials = sorted(trials, key=lambda trial: trial.simulation)
    completed = await each(end(stores[i % WORKERS], trial) for i, trial in enumerate(trials))
    assert sorted(simulation.id for simulation in completed if simulation is not None) == ids
    listed, _ = await stores[1].simulations("w", Page())
    assert {simulation.status for simulation in listed} == {Lifecycle.COMPLETED}


async def test_a_cancel_beside_claims_and_ends_leaves_no_simulation_open(stores):
    ids = [await submitted(stores[0], a_simulation(number, 20)) for number in range(6)]

    async def play(store):
        while trials := await store.claim(3):
            for trial in trials:
                over = replace(trial, status=Lifecycle.COMPLETED, outcome=Outcome.PASSED, completed_at=1.0)
                await store.save_trial(over)

    async def cancel(id):
        # A simulation that was quicker has nothing to cancel any more.
        with suppress(NotNow):
            await stores[0].cancel("w", id)

    async with asyncio.TaskGroup() as group:
        for store in stores[1:]:
            group.create_task(play(store))
        for id in ids:
            group.create_task(cancel(id))
    for id in ids:
        simulation = await stores[0].find_simulation("w", id)
        assert simulation.completed_at is not None
        assert set(await stores[0].progress(id)) <= {Lifecycle.COMPLETED, Lifecycle.CANCELLED}


async def test_of_two_submits_with_one_idempotency_key_one_is_refused_in_its_words(stores):
    keyed = [a_simulation(number, 1, idempotency_key="once") for number in range(2)]
    results = await asyncio.gather(
        *(submitted(stores[i], simulation) for i, simulation in enumerate(keyed)), return_exceptions=True
    )
    refused = [str(result) for result in results if isinstance(result, Exception)]
    assert refused == ["A simulation was made with the idempotency key 'once' already."]


async def test_of_a_trial_that_was_taken_over_only_the_new_worker_stores_messages(stores):
    simulation = a_simulation(1, 1)
    await submitted(stores[0], simulation)
    [trial] = await stores[0].trials(simulation.id)
    before = await stores[0].take(trial.id)
    await stores[0].journal(before).append(0, [UserMessage(text="Hello")])
    now = await stores[1].take(trial.id)
    late = [UserMessage(text="late"), UserMessage(text="later")]
    for messages in (late[:1], late):
        with pytest.raises(StaleAppend, match="taken over"):
            await stores[0].journal(before).append(1, messages)
    await stores[1].journal(now).append(1, [UserMessage(text="Still there")])
    assert [message.text for message in await stores[0].messages(trial.id)] == ["Hello", "Still there"]
