"""Submitting simulations, and playing a trial to the end of its last attempt."""

import asyncio
from dataclasses import replace

import pytest

from sparring.domain import ids
from sparring.domain.agent import Agent
from sparring.domain.errors import (
    AgentFault,
    Conflict,
    Interrupted,
    InvalidInput,
    JudgeFault,
    ModelFault,
    NotConfigured,
    StaleAppend,
    StoreError,
)
from sparring.domain.evaluation import Finding
from sparring.domain.mocks import Answer, Rule, ToolMock
from sparring.domain.outcomes import Cause, Lifecycle, Outcome, Termination
from sparring.domain.scenario import Expectations, Instructions, Scenario
from sparring.domain.simulation import MAX_ATTEMPTS, Limits, Models, Simulation
from sparring.domain.transcript import AgentMessage, Generation, ToolCall
from sparring.simulation.ports import Cast, Judgement
from sparring.simulation.runner import Runner
from sparring.testing import (
    FrozenClock,
    Lines,
    MemoryStore,
    agent_says,
    assessed,
    judge_finds,
    user_ends,
    user_says,
)

SCENARIO = Scenario(id="s", name="s", expect=Expectations(assertions=("A.",)))
SIMULATION = Simulation(
    id="b",
    workspace="w",
    agent=Agent(id="a", workspace="w", name="a"),
    scenarios=(SCENARIO,),
    models=Models(user="u", judge="j"),
)
COST = Generation(provider="p", model="m", cost=1.0)
TALK = [replace(user_says("Hi."), generation=COST), replace(user_ends(), generation=COST)]
REPLIES = [replace(agent_says("Hello."), generation=COST)]


def provider_fault(message="The provider is down.", *, retryable=True):
    return ModelFault(message, provider="p", model="m", reason="refused", retryable=retryable)


class Judge:
    """Gives its findings in order, one a time it is asked, each at a price; an exception is raised."""

    def __init__(self, *findings, cost=1.0):
        self.findings = list(findings)
        self.cost = cost

    async def assess(self, transcript):
        found = self.findings.pop(0)
        if isinstance(found, Exception):
            raise found
        made = Generation(provider="p", model="m", cost=self.cost)
        return Judgement(assessments=(assessed(found),), generations=(made,))


class Stage:
    """A store with one simulation, and a runner that plays it with the given players."""

    def __init__(self, user=TALK, agent=REPLIES, judge=None, scenario=SCENARIO, simulation=SIMULATION):
        self.clock = FrozenClock()
        self.store = MemoryStore(self.clock)
        self.simulation = replace(simulation, scenarios=(scenario,))
        self.user = Lines(user) if isinstance(user, list) else user
        self.agent = Lines(agent) if isinstance(agent, list) else agent
        self.judge = judge or Judge(*[Finding.MET] * 9)
        self.casts = []
        self.runner = Runner(store=self.store, casting=self, clock=self.clock)

    def cast(self, simulation, scenario, trial):
        self.casts.append((trial.attempt, trial.take))
        return Cast(user=self.user, agent=self.agent, judge=self.judge)

    async def claim(self):
        await self.runner.submit(self.simulation)
        (trial,) = await self.store.claim(9)
        return trial

    async def play(self, **more):
        """Play the only trial; what is stored of it."""
        trial = await self.claim()
        await self.runner.play(self.simulation, trial, **more)
        return await self.store.find_trial("w", trial.id)


async def test_a_simulation_is_stored_with_all_its_trials():
    stage = Stage(scenario=replace(SCENARIO, trials=3))
    planned = await stage.runner.submit(stage.simulation)
    assert [trial.number for trial in planned] == [1, 2, 3]
    assert len({trial.id for trial in planned}) == 3
    assert await stage.store.trials("b") == list(planned)
    assert {trial.status for trial in planned} == {Lifecycle.QUEUED}


@pytest.mark.parametrize("scenarios", [(), (replace(SCENARIO, trials=0),)])
async def test_a_simulation_without_a_trial_is_refused(scenarios):
    stage = Stage()
    with pytest.raises(InvalidInput, match="nothing to play"):
        await stage.runner.submit(replace(SIMULATION, scenarios=scenarios))
    assert await stage.store.find_simulation("w", "b") is None


async def test_an_idempotency_key_makes_one_simulation():
    stage = Stage()
    first = replace(SIMULATION, idempotency_key="once")
    await stage.runner.submit(first)
    with pytest.raises(Conflict):
        await stage.runner.submit(replace(first, id="c"))
    assert await stage.store.find_simulation("w", "c") is None


def test_new_ids_hold_the_moment_and_differ():
    runner = Stage().runner
    first, second = runner.new_id(), runner.new_id()
    assert ids.minted_at(first) == int(FrozenClock().now())
    assert first != second


async def test_a_trial_is_played_stored_and_completes_its_simulation():
    stage = Stage()
    trial = await stage.claim()
    completed = await stage.runner.play(stage.simulation, trial)
    assert completed.id == "b"
    assert completed.status is Lifecycle.COMPLETED
    done = await stage.store.find_trial("w", trial.id)
    assert (done.outcome, done.attempt, done.take) == (Outcome.PASSED, 1, 1)
    assert done.costs == {"user": 2.0, "agent": 1.0, "judge": 1.0}


async def test_only_the_last_trial_completes_the_simulation():
    stage = Stage(scenario=replace(SCENARIO, trials=2))
    await stage.runner.submit(stage.simulation)
    first, second = await stage.store.claim(2)
    assert await stage.runner.play(stage.simulation, first) is None
    assert (await stage.runner.play(stage.simulation, second)).id == "b"


async def test_a_providers_fault_goes_on_from_the_journal():
    stage = Stage(agent=[provider_fault(), provider_fault(), *REPLIES])
    done = await stage.play()
    assert (done.outcome, done.attempt, done.take) == (Outcome.PASSED, 3, 1)
    assert stage.casts == [(1, 1), (2, 1), (3, 1)]
    assert (stage.user.asked, stage.agent.asked) == (2, 3)
    assert done.costs == {"user": 2.0, "agent": 1.0, "judge": 1.0}


async def test_a_fault_that_stays_is_an_error_after_three_more_attempts():
    stage = Stage(agent=[provider_fault(f"Down {n}.") for n in range(9)])
    done = await stage.play()
    assert (done.status, done.outcome, done.cause) == (Lifecycle.COMPLETED, Outcome.ERROR, Cause.PROVIDER)
    assert (done.error, done.attempt) == ("Down 3.", MAX_ATTEMPTS)
    assert (done.verdict, done.termination, done.steps) == (None, None, 1)
    assert done.costs == {"user": 1.0, "agent": 0.0, "judge": 0.0}
    assert done.completed_at == stage.clock.now()
    assert stage.agent.asked == 4


async def test_a_fault_that_no_retry_can_help_ends_the_trial_at_once():
    stage = Stage(agent=[provider_fault("No such key.", retryable=False)])
    done = await stage.play()
    assert (done.outcome, done.attempt, done.error) == (Outcome.ERROR, 1, "No such key.")


async def test_a_fault_of_the_agents_own_code_has_the_agent_as_its_cause():
    done = await Stage(agent=[AgentFault("It raised.", retryable=False)]).play()
    assert (done.outcome, done.cause) == (Outcome.ERROR, Cause.AGENT)


async def test_a_simulated_user_that_stays_silent_is_the_cause_itself():
    done = await Stage(user=[user_says(" ")]).play()
    assert (done.outcome, done.cause, done.attempt) == (Outcome.ERROR, Cause.SIMULATED_USER, MAX_ATTEMPTS)


async def test_a_fault_may_name_another_cause_than_its_kind():
    fault = provider_fault(retryable=False)
    fault.cause = Cause.SIMULATED_USER
    assert (await Stage(user=[fault]).play()).cause is Cause.SIMULATED_USER


async def test_a_judges_fault_judges_again_without_playing():
    stage = Stage(
        judge=Judge(JudgeFault("Unreadable.", cost=0.25), JudgeFault("Unreadable.", cost=0.5), Finding.MET)
    )
    done = await stage.play()
    assert (done.outcome, done.attempt, done.take) == (Outcome.PASSED, 3, 1)
    assert (stage.user.asked, stage.agent.asked) == (2, 1)
    assert done.costs == {"user": 2.0, "agent": 1.0, "judge": 1.75}


async def test_a_judge_that_never_gives_a_verdict_is_an_error_with_all_its_costs():
    stage = Stage(judge=Judge(*[JudgeFault("Unreadable.", cost=0.25)] * 9))
    done = await stage.play()
    assert (done.outcome, done.cause, done.verdict, done.attempt) == (
        Outcome.ERROR,
        Cause.JUDGE,
        None,
        MAX_ATTEMPTS,
    )
    assert done.costs == {"user": 2.0, "agent": 1.0, "judge": 1.0}


async def test_a_judgement_of_unknown_price_makes_the_judges_cost_unknown():
    done = await Stage(judge=Judge(JudgeFault("Unreadable.", cost=None), Finding.MET)).play()
    assert done.costs == {"user": 2.0, "agent": 1.0, "judge": None}


async def test_the_judges_model_failing_judges_again_without_playing():
    stage = Stage(judge=Judge(provider_fault(), Finding.MET))
    done = await stage.play()
    assert (done.outcome, done.attempt, stage.agent.asked) == (Outcome.PASSED, 2, 1)


CALLS = [
    replace(AgentMessage(text=None, calls=(ToolCall(id="c", name="look", arguments={"id": 1}),)), generation=COST),
    *REPLIES,
]


async def test_a_mock_gap_begins_anew_and_stays_an_error_with_the_costs_of_all_takes():
    stage = Stage(agent=CALLS, judge=Judge(*[Finding.NOT_MET] * 9, cost=0.5))
    done = await stage.play()
    assert (done.outcome, done.cause, done.verdict) == (Outcome.ERROR, Cause.MOCK_GAP, None)
    assert (done.attempt, done.take) == (4, 4)
    assert stage.casts == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert "mocks: {look: {rules: [{when: {id: 1}, returns: {}}]}}" in done.error
    assert done.costs == {"user": 8.0, "agent": 8.0, "judge": 2.0}
    assert len(done.warnings) == 1
    assert len(await stage.store.messages(done.id)) == 5


async def test_a_mock_gap_that_another_take_avoids_is_judged_on_that_take():
    class Wavers:
        takes = 0

        async def reply(self, transcript):
            spoken = sum(isinstance(message, AgentMessage) for message in transcript)
            self.takes += spoken == 0
            return (CALLS[spoken] if self.takes == 1 else REPLIES[0],)

    stage = Stage(agent=Wavers(), judge=Judge(Finding.NOT_MET, Finding.NOT_MET))
    done = await stage.play()
    assert (done.outcome, done.attempt, done.take, done.warnings) == (Outcome.FAILED, 2, 2, ())
    assert done.costs == {"user": 4.0, "agent": 3.0, "judge": 2.0}
    assert len(await stage.store.messages(done.id)) == 3


async def test_a_trial_that_passed_keeps_its_verdict_over_a_gap():
    done = await Stage(agent=CALLS).play()
    assert (done.outcome, done.attempt) == (Outcome.PASSED, 1)
    assert "No mock is defined" in done.warnings[0]


async def test_a_mock_that_runs_out_starts_full_in_another_take():
    once = ToolMock(rules=(Rule(answer=Answer(value="once"), times=1),))
    scenario = replace(SCENARIO, mocks={"look": once})
    stage = Stage(agent=[CALLS[0], CALLS[0], *REPLIES], judge=Judge(*[Finding.NOT_MET] * 9), scenario=scenario)
    done = await stage.play()
    assert done.cause is Cause.MOCK_GAP
    sources = [m.source for m in await stage.store.messages(done.id) if hasattr(m, "source")]
    assert sources == ["rule 1", "unmocked"]


async def test_a_model_that_is_not_configured_is_an_error_at_once():
    class Unset(Stage):
        def cast(self, simulation, scenario, trial):
            raise NotConfigured("Set OPENAI_API_KEY.")

    done = await Unset().play()
    assert (done.outcome, done.cause, done.error, done.attempt) == (
        Outcome.ERROR, Cause.PROVIDER, "Set OPENAI_API_KEY.", 1,
    )  # fmt: skip


async def test_a_mistake_of_this_programs_is_told_so_that_it_can_be_found():
    class Broken:
        async def reply(self, transcript):
            return 1 / 0

    done = await Stage(agent=Broken()).play()
    assert (done.outcome, done.attempt) == (Outcome.ERROR, 1)
    assert done.error.startswith(
        "Internal error: ZeroDivisionError: division by zero (reply in test_runner.py, line "
    )
    assert done.costs["user"] == 1.0


async def test_the_wall_clock_limit_is_an_error_without_a_termination():
    class Hangs:
        async def reply(self, transcript):
            await asyncio.Event().wait()

    stage = Stage(agent=Hangs(), simulation=replace(SIMULATION, limits=Limits(timeout=0.01)))
    done = await stage.play()
    assert (done.outcome, done.cause, done.termination) == (Outcome.ERROR, Cause.LIMIT, None)
    assert (done.attempt, done.costs["user"]) == (1, 1.0)


@pytest.mark.parametrize("error", [Interrupted("Stopping."), StoreError("Full."), StaleAppend("Lost.")])
async def test_what_is_no_fault_of_the_trial_passes_through_and_leaves_it_as_it_is(error):
    stage = Stage(agent=[error])
    trial = await stage.claim()
    with pytest.raises(type(error)):
        await stage.runner.play(stage.simulation, trial)
    assert await stage.store.find_trial("w", trial.id) == trial


async def test_a_cancelled_task_leaves_its_trial_for_later():
    started = asyncio.Event()

    class Waits:
        async def reply(self, transcript):
            started.set()
            await asyncio.Event().wait()

    stage = Stage(agent=Waits())
    trial = await stage.claim()
    task = asyncio.create_task(stage.runner.play(stage.simulation, trial))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await stage.store.find_trial("w", trial.id) == trial
    assert len(await stage.store.messages(trial.id)) == 1


async def test_a_process_that_stops_between_attempts_leaves_the_trial_for_later():
    stage = Stage(agent=[provider_fault(), *REPLIES])
    trial = await stage.claim()

    def proceed():
        if stage.agent.asked:
            raise Interrupted("Stopping.")
        return True

    with pytest.raises(Interrupted):
        await stage.runner.play(stage.simulation, trial, proceed=proceed)
    assert await stage.store.find_trial("w", trial.id) == trial
    done_in = await stage.runner.play(stage.simulation, trial)
    assert done_in.status is Lifecycle.COMPLETED
    assert stage.user.asked == 2


async def test_a_simulation_cancelled_between_attempts_cancels_the_trial():
    stage = Stage(agent=[provider_fault()])
    done = await stage.play(proceed=lambda: not stage.agent.asked)
    assert (done.status, done.outcome, done.termination) == (
        Lifecycle.CANCELLED, Outcome.CANCELLED, Termination.CANCELLED,
    )  # fmt: skip
    assert (done.attempt, done.cause, done.error, done.costs["user"]) == (1, None, None, 1.0)


async def test_a_simulation_cancelled_before_the_first_move_plays_nothing():
    stage = Stage()
    done = await stage.play(proceed=lambda: False)
    assert (done.outcome, stage.user.asked, stage.agent.asked) == (Outcome.CANCELLED, 0, 0)


async def test_a_gap_of_a_cancelled_simulation_is_not_played_again():
    stage = Stage(agent=CALLS, judge=Judge(Finding.NOT_MET, cost=0.5))
    done = await stage.play(proceed=lambda: bool(stage.judge.findings))
    assert (done.outcome, done.take) == (Outcome.CANCELLED, 1)
    assert done.costs == {"user": 2.0, "agent": 2.0, "judge": 0.5}


async def test_a_trial_that_ended_in_an_error_carries_its_warnings_once():
    scenario = replace(SCENARIO, instructions=Instructions(task="{{who}}"))
    done = await Stage(agent=[provider_fault() for _ in range(9)], scenario=scenario).play()
    assert done.warnings == ("No variable answers {{who}}; it stays as it is written.",)


async def test_the_public_judge_and_lines_play_a_trial_of_their_own():
    stage = Stage(judge=judge_finds(JudgeFault("Once."), Finding.NOT_MET))
    done = await stage.play()
    assert (done.outcome, stage.judge.asked) == (Outcome.FAILED, 2)
