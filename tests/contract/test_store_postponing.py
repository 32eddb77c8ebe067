"""Trials that are put back in the queue, left there, or ended there: what every store keeps to."""

from dataclasses import replace

from sparring.domain.outcomes import Cause, Lifecycle, Outcome
from sparring.domain.transcript import UserMessage

from .records import HERE, a_scenario, a_simulation, planned

ID = a_simulation().id
OTHER = f"{2:024x}"


def one(trials=3, **changes):
    return a_simulation(scenarios=(a_scenario(trials=trials),), **changes)


async def submitted(store, *simulations):
    for simulation in simulations:
        await store.save_simulation(simulation, planned(simulation))


def errored(trial, **costs):
    return replace(
        trial,
        status=Lifecycle.COMPLETED,
        outcome=Outcome.ERROR,
        cause=Cause.PROVIDER,
        error="Wrong key.",
        completed_at=1_700_000_009.0,
        costs=costs,
    )


async def statuses(store):
    return [trial.status for trial in await store.trials(ID)]


class TestClaimingWithoutSome:
    async def test_no_trial_is_taken_of_the_simulations_that_are_left_out(self, store):
        await submitted(store, one(), one(id=OTHER))
        assert {trial.simulation for trial in await store.claim(10, without=[ID])} == {OTHER}
        assert await store.claim(10, without=[ID]) == []
        assert len(await store.claim(10, without=["nobody"])) == 3


class TestPostponing:
    async def test_a_postponed_trial_is_the_next_to_be_taken_with_its_journal_costs_and_beginning(
        self, store, clock
    ):
        await submitted(store, one())
        (first,) = await store.claim(1)
        await store.journal(first).append(0, [UserMessage(text="Hello.")])
        await clock.sleep(60)
        assert await store.postpone(replace(first, costs={"judge": 0.5})) is None
        assert await statuses(store) == [Lifecycle.QUEUED] * 3
        (again,) = await store.claim(1)
        assert (again.id, again.started_at, again.attempt) == (first.id, first.started_at, 1)
        assert again.costs == {"judge": 0.5}
        assert [message.text for message in await store.messages(first.id)] == ["Hello."]

    async def test_one_of_a_cancelled_simulation_is_cancelled_and_may_be_the_last(self, store):
        await submitted(store, one())
        first, second = await store.claim(2)
        await store.cancel(HERE, ID)
        assert await store.postpone(first) is None
        completed = await store.postpone(second)
        assert (completed.id, completed.status) == (ID, Lifecycle.CANCELLED)
        assert {trial.outcome for trial in await store.trials(ID)} == {Outcome.CANCELLED}

    async def test_one_of_a_paused_simulation_waits_until_that_is_resumed(self, store):
        await submitted(store, one())
        (first,) = await store.claim(1)
        await store.pause(HERE, ID, "later")
        await store.postpone(first)
        assert await store.claim(9) == []
        await store.resume(HERE, ID)
        assert (await store.claim(1))[0].id == first.id


class TestEndingWhatWaits:
    async def test_trials_in_the_queue_end_together_and_complete_their_simulation(self, store):
        await submitted(store, one())
        trials = [errored(trial, judge=0.5) for trial in await store.trials(ID)]
        completed = await store.end_queued(ID, trials)
        assert (completed.id, completed.status) == (ID, Lifecycle.COMPLETED)
        assert list(await store.trials(ID)) == trials
        assert (await store.spent(ID))["judge"] == 1.5

    async def test_one_that_runs_is_left_alone_and_the_simulation_goes_on_with_it(self, store):
        await submitted(store, one())
        (running,) = await store.claim(1)
        assert await store.end_queued(ID, [errored(trial) for trial in await store.trials(ID)]) is None
        assert await statuses(store) == [Lifecycle.RUNNING, Lifecycle.COMPLETED, Lifecycle.COMPLETED]
        assert (await store.save_trial(errored(running))).status is Lifecycle.COMPLETED

    async def test_what_a_simulation_waited_for_is_gone_once_it_is_over(self, store):
        await submitted(store, one())
        (running,) = await store.claim(1)
        await store.explain(ID, "waiting for p: 503 since 12:00 UTC")
        await store.end_queued(ID, [errored(trial) for trial in await store.trials(ID)])
        completed = await store.save_trial(errored(running))
        assert completed.status_reason is None


class TestUnfinished:
    async def test_what_waits_and_what_runs_is_counted_over_all_simulations(self, store):
        assert await store.unfinished() == {Lifecycle.QUEUED: 0, Lifecycle.RUNNING: 0}
        await submitted(store, one(), one(id=OTHER))
        (running, ended) = await store.claim(2)
        await store.save_trial(errored(ended))
        assert await store.unfinished() == {Lifecycle.QUEUED: 4, Lifecycle.RUNNING: 1}
        assert running.status is Lifecycle.RUNNING
