"""What a store keeps of simulations that say how many of their trials may be at play at once."""

from dataclasses import replace

import pytest

from sparring.domain.errors import InvalidInput
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.simulation.runner import Runner

from .records import HERE, a_scenario, a_simulation, planned


async def submitted(store, number, at_once=None, trials=3):
    simulation = a_simulation(
        id=f"{number:024x}", scenarios=(a_scenario(trials=trials, alias=None),), at_once=at_once
    )
    await store.save_simulation(simulation, planned(simulation))
    return simulation.id


async def test_how_many_may_be_at_play_is_kept(store):
    id = await submitted(store, 1, at_once=7)
    other = await submitted(store, 2)
    assert (await store.find_simulation(HERE, id)).at_once == 7
    assert (await store.find_simulation(HERE, other)).at_once is None


async def test_bounded_are_those_with_something_to_play_that_may_be_played(store):
    first, second, _ = [await submitted(store, number, at_once) for number, at_once in ((1, 2), (2, 1), (3, None))]
    assert await store.bounded() == {first: 2, second: 1}
    await store.pause(HERE, first, "on request")
    assert await store.bounded() == {second: 1}
    await store.resume(HERE, first)
    await store.cancel(HERE, second)
    assert await store.bounded() == {first: 2}
    assert len(await store.claim(3, bounded=[first], simulation=first)) == 3
    assert await store.bounded() == {}


async def test_a_claim_takes_of_bounded_simulations_only_of_those_that_are_meant(store):
    first, second, third = [
        await submitted(store, number, at_once) for number, at_once in ((1, 2), (2, 1), (3, None))
    ]
    assert {trial.simulation for trial in await store.claim(1, bounded=[second])} == {second}
    assert {trial.simulation for trial in await store.claim(100)} == {third}
    assert await store.claim(100, simulation=first) == []
    assert {trial.simulation for trial in await store.claim(100, bounded=[first, second], without=[second])} == {
        first
    }
    assert (await store.progress(second))[Lifecycle.QUEUED] == 2


async def test_one_that_is_over_is_bounded_again_with_what_is_played_again(store):
    id = await submitted(store, 1, at_once=2, trials=1)
    [trial] = await store.claim(1, bounded=[id])
    over = replace(trial, status=Lifecycle.COMPLETED, outcome=Outcome.ERROR, completed_at=1.0)
    await store.save_trial(over)
    assert await store.bounded() == {}
    await store.play_again(id, [replace(over, status=Lifecycle.QUEUED, outcome=None, completed_at=None)])
    assert await store.bounded() == {id: 2}


@pytest.mark.parametrize("at_once", [0, -1])
async def test_a_simulation_that_allows_no_trial_is_refused(store, clock, at_once):
    runner = Runner(store=store, casting=None, clock=clock)
    with pytest.raises(InvalidInput, match=f"At least 1 trial must be allowed at once, not {at_once}.") as refused:
        await runner.submit(a_simulation(at_once=at_once))
    assert refused.value.field == "at_once"
