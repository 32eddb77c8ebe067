"""Pausing, resuming, budgets, trials that are played again and more of them: what every store keeps to."""

import asyncio
from dataclasses import replace

import pytest

from sparring.domain.errors import Conflict, NotFound, NotNow
from sparring.domain.outcomes import Cause, Lifecycle, Outcome
from sparring.domain.simulation import plan, to_play_again, with_more_trials
from sparring.domain.transcript import AgentMessage, Generation, ToolResult, UserMessage

from .records import ELSEWHERE, HERE, a_scenario, a_simulation, planned

ID = a_simulation().id
REQUEST = "paused on request"


def one(trials=3, **changes):
    return a_simulation(scenarios=(a_scenario(trials=trials),), **changes)


def an_id(number):
    return f"{number:024x}"


def over(trial, outcome=Outcome.PASSED, **costs):
    return replace(
        trial,
        status=Lifecycle.COMPLETED,
        outcome=outcome,
        completed_at=1_700_000_009.0,
        costs=costs or trial.costs,
    )


def agent(cost):
    return AgentMessage(text="Yes.", generation=Generation(provider="p", model="m", cost=cost))


def user(cost):
    return UserMessage(text="Hello.", generation=Generation(provider="p", model="m", cost=cost))


async def submitted(store, *simulations):
    for simulation in simulations:
        await store.save_simulation(simulation, planned(simulation))


async def found(store, id=ID):
    return await store.find_simulation(None, id)


class TestPausing:
    async def test_no_trial_of_a_paused_simulation_is_taken_and_others_are(self, store):
        await submitted(store, one(), one(id=an_id(2)))
        paused = await store.pause(HERE, ID, REQUEST)
        assert (paused.status, paused.status_reason, paused.completed_at) == (Lifecycle.PAUSED, REQUEST, None)
        assert await found(store) == paused
        assert {trial.simulation for trial in await store.claim(10)} == {an_id(2)}
        assert list(await store.claim(10, simulation=ID)) == []
        assert await store.progress(ID) == {Lifecycle.QUEUED: 3}

    async def test_a_trial_that_runs_goes_on_to_its_end_and_the_rest_waits(self, store):
        await submitted(store, one())
        (running,) = await store.claim(1)
        await store.pause(None, ID, REQUEST)
        assert not await store.is_cancelled(ID)
        assert await store.save_trial(replace(running, attempt=2)) is None
        assert await store.save_trial(over(running)) is None
        assert (await found(store)).status is Lifecycle.PAUSED
        assert list(await store.claim(10)) == []

    async def test_a_paused_simulation_whose_last_trial_ends_is_completed(self, store):
        await submitted(store, one(trials=1))
        (running,) = await store.claim(1)
        await store.pause(HERE, ID, REQUEST)
        done = await store.save_trial(over(running))
        assert (done.status, done.status_reason) == (Lifecycle.COMPLETED, None)

    async def test_a_resumed_simulation_is_where_it_was(self, store, clock):
        await submitted(store, one(), one(id=an_id(2)))
        began = clock.now()
        await store.claim(1, simulation=ID)
        for id, status, started in ((ID, Lifecycle.RUNNING, began), (an_id(2), Lifecycle.QUEUED, None)):
            await store.pause(HERE, id, REQUEST)
            resumed = await store.resume(HERE, id)
            assert (resumed.status, resumed.status_reason, resumed.started_at) == (status, None, started)
        assert len(await store.claim(10)) == 5

    async def test_what_a_stopped_process_left_running_waits_while_it_is_paused(self, store):
        await submitted(store, one())
        await store.claim(1)
        await store.pause(HERE, ID, REQUEST)
        assert await store.release_running() == 1
        assert list(await store.claim(10)) == []
        await store.resume(HERE, ID)
        assert [trial.number for trial in await store.claim(10)] == [1, 2, 3]

    async def test_a_paused_simulation_can_be_cancelled(self, store):
        await submitted(store, one())
        await store.pause(HERE, ID, REQUEST)
        cancelled = await store.cancel(HERE, ID)
        assert (cancelled.status, cancelled.status_reason) == (Lifecycle.CANCELLED, None)
        assert cancelled.completed_at is not None

    async def test_what_stands_or_is_over_cannot_be_paused_and_what_runs_not_resumed(self, store):
        await submitted(store, one(trials=2))
        with pytest.raises(NotNow, match="is queued, not paused; there is nothing to resume"):
            await store.resume(HERE, ID)
        await store.pause(HERE, ID, REQUEST)
        with pytest.raises(NotNow, match="is paused already"):
            await store.pause(HERE, ID, REQUEST)
        await store.resume(HERE, ID)
        first, second = await store.claim(2)
        with pytest.raises(NotNow, match="is running, not paused"):
            await store.resume(HERE, ID)
        await store.save_trial(over(first))
        await store.save_trial(over(second))
        with pytest.raises(NotNow, match="is already completed; there is nothing to pause"):
            await store.pause(HERE, ID, REQUEST)
        with pytest.raises(NotNow, match="is already completed; there is nothing to resume"):
            await store.resume(HERE, ID, max_cost=1.0)

    async def test_what_is_being_cancelled_is_neither_paused_nor_resumed(self, store):
        await submitted(store, one())
        await store.claim(1)
        await store.cancel(HERE, ID)
        with pytest.raises(NotNow, match="already cancelled; there is nothing to pause"):
            await store.pause(HERE, ID, REQUEST)
        with pytest.raises(NotNow, match="was cancelled; it plays no more"):
            await store.resume(HERE, ID, max_cost=5.0)
        assert (await found(store)).max_cost is None

    @pytest.mark.parametrize("workspace", [ELSEWHERE, HERE])
    async def test_anothers_simulation_is_not_found(self, store, workspace):
        await submitted(store, one())
        id = ID if workspace == ELSEWHERE else "unknown"
        with pytest.raises(NotFound):
            await store.pause(workspace, id, REQUEST)
        with pytest.raises(NotFound):
            await store.resume(workspace, id)

    async def test_of_many_who_pause_at_once_one_does_it(self, store):
        await submitted(store, one())
        told = []

        async def pause(reason):
            try:
                await store.pause(HERE, ID, reason)
            except Conflict:
                return
            told.append(reason)

        async with asyncio.TaskGroup() as group:
            for number in range(10):
                group.create_task(pause(f"reason {number}"))
        assert told == [(await found(store)).status_reason]

    async def test_what_a_running_simulation_waits_for_is_told_and_taken_back(self, store):
        await submitted(store, one())
        waiting = "waiting for openai: 503 since 12:05"
        await store.explain(ID, waiting)
        assert ((await found(store)).status, (await found(store)).status_reason) == (Lifecycle.QUEUED, waiting)
        await store.explain(ID, None)
        assert (await found(store)).status_reason is None
        await store.pause(HERE, ID, REQUEST)
        await store.explain(ID, waiting)
        assert (await found(store)).status_reason == REQUEST
        await store.explain("unknown", waiting)

    async def test_a_reason_goes_with_the_end(self, store):
        await submitted(store, one(trials=1))
        (trial,) = await store.claim(1)
        await store.explain(ID, "waiting for openai: 503 since 12:05")
        assert (await store.save_trial(over(trial))).status_reason is None


class TestDeciding:
    TOLD = "Decided: pass^1 is above 0.9."

    async def test_outcomes_are_told_in_the_order_of_the_trials(self, store):
        await submitted(store, a_simulation())
        first, second, third = await store.claim(3)
        await store.save_trial(over(second, Outcome.FAILED))
        await store.save_trial(over(first))
        assert list(await store.outcomes(ID)) == [
            (first.scenario, Outcome.PASSED),
            (second.scenario, Outcome.FAILED),
            (third.scenario, None),
            *((trial.scenario, None) for trial in planned(a_simulation())[3:]),
        ]
        assert list(await store.outcomes(an_id(9))) == []

    async def test_what_waits_is_cancelled_with_the_reason_and_what_runs_goes_on_to_its_end(self, store):
        await submitted(store, one(), one(id=an_id(2)))
        (running,) = await store.claim(1, simulation=ID)
        assert await store.decide(ID, self.TOLD) is None
        assert not await store.is_cancelled(ID)
        now = await found(store)
        assert (now.status, now.status_reason, now.completed_at) == (Lifecycle.RUNNING, self.TOLD, None)
        done = await store.save_trial(over(running))
        assert (done.status, done.status_reason) == (Lifecycle.COMPLETED, self.TOLD)
        assert await found(store) == done
        ended = [(trial.status, trial.outcome, trial.error) for trial in await store.trials(ID)]
        cancelled = (Lifecycle.CANCELLED, Outcome.CANCELLED, self.TOLD)
        assert ended == [(Lifecycle.COMPLETED, Outcome.PASSED, None), cancelled, cancelled]
        assert await store.progress(an_id(2)) == {Lifecycle.QUEUED: 3}

    async def test_where_nothing_runs_the_simulation_is_completed_at_once(self, store):
        await submitted(store, one())
        (running,) = await store.claim(1)
        await store.save_trial(over(running))
        done = await store.decide(ID, self.TOLD)
        assert (done.status, done.status_reason) == (Lifecycle.COMPLETED, self.TOLD)
        assert done.completed_at is not None

    async def test_it_is_decided_once(self, store):
        await submitted(store, one())
        (running,) = await store.claim(1)
        await store.decide(ID, self.TOLD)
        await store.decide(ID, "Decided: the contrary.")
        await store.explain(ID, "waiting for openai")
        done = await store.save_trial(over(running))
        assert done.status_reason == self.TOLD, "whatever it has waited for since"
        assert await store.decide(ID, "Decided: too late.") is None
        assert (await found(store)).status_reason == self.TOLD

    async def test_what_is_paused_can_be_decided_and_what_is_cancelled_not(self, store):
        await submitted(store, one(), one(id=an_id(2)))
        (first,) = await store.claim(1, simulation=ID)
        (second,) = await store.claim(1, simulation=an_id(2))
        await store.pause(HERE, ID, REQUEST)
        await store.decide(ID, self.TOLD)
        assert (await store.save_trial(over(first))).status_reason == self.TOLD
        await store.cancel(HERE, an_id(2))
        assert await store.decide(an_id(2), self.TOLD) is None
        cancelled = await store.save_trial(over(second))
        assert (cancelled.status, cancelled.status_reason) == (Lifecycle.CANCELLED, None)

    async def test_of_many_who_decide_at_once_one_completes_it(self, store):
        await submitted(store, one())
        done = await asyncio.gather(*(store.decide(ID, f"Decided: {n}.") for n in range(8)))
        assert sum(simulation is not None for simulation in done) == 1

    async def test_more_trials_are_played_after_it_was_decided_and_the_decision_stays(self, store):
        await submitted(store, one())
        await store.decide(ID, self.TOLD)
        wider = with_more_trials(await found(store), 4)
        going = await store.add_trials(wider, plan(wider, [an_id(50)], have={wider.scenarios[0].id: 3}))
        assert going.status_reason is None
        await store.decide(ID, "Decided: once more.")
        (added,) = await store.claim(10)
        assert (await store.save_trial(over(added))).status_reason == self.TOLD


class TestSpending:
    async def test_nothing_is_spent_before_the_first_message(self, store):
        await submitted(store, one())
        assert await store.spent(ID) == {"agent": 0.0, "user": 0.0, "judge": 0.0}

    async def test_what_runs_counts_by_role_beside_what_is_over(self, store):
        await submitted(store, one(trials=4), one(id=an_id(2)))
        first, second, third = await store.claim(3, simulation=ID)
        await store.save_trial(over(first, agent=1.0, user=0.25, judge=0.5))
        await store.journal(second).append(
            0, [user(0.125), agent(0.5), ToolResult(call_id="1", name="x", text="")]
        )
        await store.save_trial(replace(third, costs={"judge": 2.0}))
        await store.journal(third).append(0, [AgentMessage(text="A greeting that no model made.")])
        (other,) = await store.claim(1, simulation=an_id(2))
        await store.journal(other).append(0, [agent(100.0)])
        assert await store.spent(ID) == {"agent": 1.5, "user": 0.375, "judge": 2.5}

    async def test_only_the_current_take_of_a_running_trial_is_read(self, store):
        await submitted(store, one())
        (trial,) = await store.claim(1)
        await store.journal(trial).append(0, [agent(1.0)])
        anew = replace(trial, take=2, costs={"agent": 1.0})
        await store.save_trial(anew)
        await store.journal(anew).append(0, [agent(0.25)])
        assert (await store.spent(ID))["agent"] == 1.25

    async def test_a_message_of_unknown_price_makes_its_role_unknown(self, store):
        await submitted(store, one())
        first, second, _ = await store.claim(3)
        await store.journal(first).append(0, [user(0.5), agent(None), agent(1.0)])
        assert await store.spent(ID) == {"agent": None, "user": 0.5, "judge": 0.0}
        await store.save_trial(over(second, user=None))
        assert (await store.spent(ID))["user"] is None

    async def test_what_went_back_to_the_queue_still_counts(self, store):
        await submitted(store, one())
        (trial,) = await store.claim(1)
        await store.journal(trial).append(0, [agent(1.0)])
        await store.release_running()
        assert (await store.spent(ID))["agent"] == 1.0

    @pytest.mark.parametrize("cancelled_first", [True, False])
    async def test_what_was_interrupted_and_then_cancelled_keeps_what_it_has_cost(self, store, cancelled_first):
        await submitted(store, one())
        (trial,) = await store.claim(1)
        await store.save_trial(replace(trial, costs={"judge": 0.25}))
        await store.journal(trial).append(0, [user(0.5), agent(1.0)])
        steps = [store.release_running, lambda: store.cancel(HERE, ID)]
        for step in reversed(steps) if cancelled_first else steps:
            await step()
        assert await store.spent(ID) == {"agent": 1.0, "user": 0.5, "judge": 0.25}
        first, second, _ = await store.trials(ID)
        assert (first.outcome, first.costs) == (Outcome.CANCELLED, {"agent": 1.0, "user": 0.5, "judge": 0.25})
        assert (second.outcome, second.costs) == (Outcome.CANCELLED, {})
        assert (await found(store)).completed_at is not None


class TestBudgets:
    async def test_the_trial_that_reaches_the_budget_pauses_the_simulation(self, store):
        await submitted(store, one(trials=4, max_cost=1.0), one(id=an_id(2)))
        first, second = await store.claim(2, simulation=ID)
        await store.save_trial(over(first, agent=0.5, user=None))
        assert (await found(store)).status is Lifecycle.RUNNING
        assert await store.save_trial(over(second, agent=0.25, judge=0.25)) is None
        paused = await found(store)
        assert (paused.status, paused.max_cost) == (Lifecycle.PAUSED, 1.0)
        assert paused.status_reason == "the budget of $1.00 is spent; it was paused at $1.00"
        assert {trial.simulation for trial in await store.claim(10)} == {an_id(2)}

    async def test_a_trial_that_is_saved_twice_counts_once(self, store):
        await submitted(store, one(trials=4, max_cost=1.0))
        first, _ = await store.claim(2)
        await store.save_trial(over(first, agent=0.75))
        await store.save_trial(over(first, agent=0.75))
        assert (await found(store)).status is Lifecycle.RUNNING

    async def test_what_runs_counts_when_budgets_are_looked_at(self, store):
        await submitted(store, one(trials=4, max_cost=1.0), one(id=an_id(2), max_cost=1.0))
        first, second, third = await store.claim(3, simulation=ID)
        await store.save_trial(over(first, agent=0.5))
        await store.journal(second).append(0, [agent(0.25)])
        assert list(await store.keep_to_budgets()) == []
        await store.save_trial(replace(third, costs={"judge": 0.125}))
        await store.journal(third).append(0, [user(0.125)])
        assert list(await store.keep_to_budgets()) == [ID]
        assert (await found(store)).status is Lifecycle.PAUSED
        assert list(await store.keep_to_budgets()) == []

    async def test_nothing_is_paused_that_has_nothing_in_the_queue(self, store):
        await submitted(store, one(trials=2, max_cost=1.0))
        first, second = await store.claim(2)
        await store.journal(first).append(0, [agent(5.0)])
        assert list(await store.keep_to_budgets()) == []
        await store.save_trial(over(second, agent=5.0))
        assert (await found(store)).status is Lifecycle.RUNNING
        assert (await store.save_trial(over(first, agent=5.0))).status is Lifecycle.COMPLETED

    async def test_a_spent_simulation_goes_on_with_a_larger_budget_only(self, store):
        await submitted(store, one(max_cost=1.0))
        (trial,) = await store.claim(1)
        await store.save_trial(over(trial, agent=1.5))
        for budget in (None, 1.25, 1.5):
            with pytest.raises(NotNow, match=r"has spent \$1.50, and its budget would be \$1"):
                await store.resume(HERE, ID, max_cost=budget)
        assert ((await found(store)).status, (await found(store)).max_cost) == (Lifecycle.PAUSED, 1.0)
        resumed = await store.resume(HERE, ID, max_cost=2.0)
        assert (resumed.status, resumed.max_cost, resumed.status_reason) == (Lifecycle.RUNNING, 2.0, None)
        (trial,) = await store.claim(1)
        await store.save_trial(over(trial, agent=0.5))
        assert (await found(store)).status_reason.startswith(
            "the budget of $2.00 is spent; it was paused at $2.00"
        )

    async def test_a_running_simulation_takes_another_budget(self, store):
        await submitted(store, one(trials=4))
        (trial,) = await store.claim(1)
        await store.save_trial(over(trial, agent=1.0))
        (trial,) = await store.claim(1)
        await store.journal(trial).append(0, [agent(0.5)])
        with pytest.raises(NotNow, match=r"has spent \$1.50"):
            await store.resume(HERE, ID, max_cost=1.5)
        assert (await found(store)).max_cost is None
        assert (await store.resume(HERE, ID, max_cost=1.75)).status is Lifecycle.RUNNING
        await store.save_trial(over(trial, agent=0.75))
        assert (await found(store)).status is Lifecycle.PAUSED


class TestPlayingAgain:
    async def ended(self, store, *outcomes, **changes):
        await submitted(store, one(trials=len(outcomes), **changes))
        for trial, outcome in zip(await store.claim(10), outcomes, strict=True):
            await store.journal(trial).append(0, [agent(0.5)])
            cause = Cause.PROVIDER if outcome is Outcome.ERROR else None
            await store.save_trial(
                replace(over(trial, outcome, agent=0.5), cause=cause, error=cause and "Broken.")
            )
        return await store.trials(ID)

    async def test_what_errored_waits_again_and_the_rest_is_as_it_was(self, store):
        passed, errored = await self.ended(store, Outcome.PASSED, Outcome.ERROR)
        again = to_play_again(errored, {"agent": 0.5})
        assert await store.play_again(ID, [again]) == 1
        simulation = await found(store)
        assert (simulation.status, simulation.completed_at) == (Lifecycle.RUNNING, None)
        assert await store.find_trial(HERE, passed.id) == passed
        assert await store.find_trial(HERE, errored.id) == again
        (claimed,) = await store.claim(10)
        assert (claimed.id, claimed.take, claimed.attempt) == (errored.id, 1, 1)
        assert list(await store.journal(claimed).load()) == [agent(0.5)]
        done = await store.save_trial(over(claimed, agent=0.75))
        assert done.status is Lifecycle.COMPLETED
        assert (await store.spent(ID))["agent"] == 1.25

    async def test_a_trial_that_is_not_errored_any_more_is_left_alone(self, store):
        _, errored = await self.ended(store, Outcome.PASSED, Outcome.ERROR)
        again = to_play_again(errored, {})
        assert await store.play_again(ID, [again]) == 1
        assert await store.play_again(ID, [again]) == 0
        (claimed,) = await store.claim(10)
        await store.save_trial(over(claimed))
        assert await store.play_again(ID, [again]) == 0
        assert (await found(store)).completed_at is not None

    async def test_it_plays_while_others_still_run_and_waits_while_it_is_paused(self, store):
        await submitted(store, one(trials=4))
        errored, _ = await store.claim(2)
        await store.save_trial(over(errored, Outcome.ERROR))
        await store.pause(HERE, ID, REQUEST)
        assert await store.play_again(ID, [to_play_again(over(errored, Outcome.ERROR), {})]) == 1
        assert ((await found(store)).status, (await found(store)).status_reason) == (Lifecycle.PAUSED, REQUEST)
        await store.resume(HERE, ID)
        assert [trial.number for trial in await store.claim(10)] == [1, 3, 4]

    async def test_what_was_cancelled_plays_no_more(self, store):
        await submitted(store, one())
        (errored,) = await store.claim(1)
        await store.save_trial(over(errored, Outcome.ERROR))
        await store.cancel(HERE, ID)
        with pytest.raises(NotNow, match="was cancelled"):
            await store.play_again(ID, [to_play_again(errored, {})])
        assert await store.play_again("unknown", []) == 0

    async def test_the_budget_holds_for_it_too(self, store):
        _, errored = await self.ended(store, Outcome.PASSED, Outcome.ERROR, max_cost=0.5)
        await store.play_again(ID, [to_play_again(errored, {"agent": 0.5})])
        assert (await found(store)).status is Lifecycle.PAUSED
        assert list(await store.claim(10)) == []
        await store.resume(HERE, ID, max_cost=1.25)
        (claimed,) = await store.claim(10)
        assert list(await store.keep_to_budgets()) == []
        await store.save_trial(over(claimed, agent=0.75))
        assert (await store.spent(ID))["agent"] == 1.25


class TestMoreTrials:
    def wider(self, simulation, trials):
        have = {scenario.id: scenario.trials for scenario in simulation.scenarios}
        wider = with_more_trials(simulation, trials)
        count = sum(scenario.trials - have[scenario.id] for scenario in wider.scenarios)
        return wider, plan(wider, [an_id(500 + number) for number in range(count)], have=have)

    async def test_a_finished_simulation_gets_trials_and_keeps_its_own(self, store):
        await submitted(store, one(trials=2))
        for trial in await store.claim(10):
            await store.save_trial(over(trial))
        kept = await store.trials(ID)
        widened = await store.add_trials(*self.wider(await found(store), 5))
        assert (widened.status, widened.completed_at) == (Lifecycle.RUNNING, None)
        assert [scenario.trials for scenario in widened.scenarios] == [5]
        assert await found(store) == widened
        assert list(await store.trials(ID))[:2] == list(kept)
        assert [trial.number for trial in await store.claim(10)] == [3, 4, 5]

    async def test_the_trials_are_those_that_would_have_been_asked_for_at_once(self, store):
        await submitted(store, one(trials=2))
        await store.add_trials(*self.wider(await found(store), 4))
        at_once = planned(one(trials=4))
        together = [(trial.number, trial.seed, trial.scenario) for trial in await store.trials(ID)]
        assert together == [(trial.number, trial.seed, trial.scenario) for trial in at_once]

    async def test_scenarios_with_fewer_trials_catch_up_after_what_there_was(self, store):
        scenarios = (a_scenario(an_id(8), trials=4), a_scenario(an_id(9), trials=1))
        await submitted(store, a_simulation(scenarios=scenarios))
        (first,) = await store.claim(1)
        await store.add_trials(*self.wider(await found(store), 3))
        claimed = [(trial.number, trial.scenario[-1]) for trial in await store.claim(10)]
        assert claimed == [(1, "9"), (2, "8"), (3, "8"), (4, "8"), (2, "9"), (3, "9")]
        await store.release_running()
        assert (await store.claim(1))[0].id == first.id

    async def test_what_is_queued_stays_queued_and_what_is_paused_stays_paused(self, store):
        await submitted(store, one(trials=1), one(id=an_id(2), trials=1))
        assert (await store.add_trials(*self.wider(await found(store), 2))).status is Lifecycle.QUEUED
        await store.pause(HERE, ID, REQUEST)
        wider, trials = self.wider(await found(store), 3)
        widened = await store.add_trials(wider, [replace(trial, id=an_id(900)) for trial in trials])
        assert (widened.status, widened.status_reason) == (Lifecycle.PAUSED, REQUEST)
        assert await store.progress(ID) == {Lifecycle.QUEUED: 3}

    async def test_of_two_who_ask_at_once_one_is_refused(self, store):
        await submitted(store, one(trials=2))
        read = await found(store)
        await store.add_trials(*self.wider(read, 4))
        with pytest.raises(NotNow, match="more trials in the meantime"):
            await store.add_trials(*self.wider(read, 8))
        assert [scenario.trials for scenario in (await found(store)).scenarios] == [4]
        assert len(await store.trials(ID)) == 4

    async def test_what_was_cancelled_or_is_gone_gets_none(self, store):
        simulation = one(trials=1)
        with pytest.raises(NotFound):
            await store.add_trials(*self.wider(simulation, 2))
        await submitted(store, simulation)
        await store.cancel(HERE, ID)
        with pytest.raises(NotNow, match="was cancelled"):
            await store.add_trials(*self.wider(simulation, 2))

    async def test_a_spent_budget_holds_for_them(self, store):
        await submitted(store, one(trials=1, max_cost=1.0))
        (trial,) = await store.claim(1)
        await store.save_trial(over(trial, agent=2.0))
        widened = await store.add_trials(*self.wider(await found(store), 2))
        assert (widened.status, widened.completed_at) == (Lifecycle.PAUSED, None)
        assert widened.status_reason.startswith("the budget of $1.00 is spent; it was paused at $2.00")
