"""Control over the ports: what a person asks for, and what is then played; on both stores."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from sparring.adapters.engine import InProcessEngine
from sparring.domain.agent import Agent
from sparring.domain.errors import InvalidInput, ModelFault, NotFound, NotNow
from sparring.domain.evaluation import Finding
from sparring.domain.outcomes import Cause, Lifecycle, Outcome
from sparring.domain.scenario import Expectations, Scenario
from sparring.domain.simulation import Models, Simulation
from sparring.domain.transcript import AgentMessage, Generation
from sparring.simulation.control import Control
from sparring.simulation.ports import Cast
from sparring.simulation.runner import Runner
from sparring.testing import Lines, agent_says, judge_finds, user_ends, user_says

from .records import ELSEWHERE, HERE

PRICE = 0.5
"""USD of each trial: its agent speaks once."""


class Stage:
    """Casts a short conversation for each trial; agents fail, call what nothing answers, or wait, as told."""

    def __init__(self):
        self.failing = set()
        self.calling = set()
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked = []

    def cast(self, simulation, scenario, trial):
        user = Lines([user_says("Hello"), user_ends()])
        finding = Finding.NOT_MET if trial.number in self.calling else Finding.MET
        return Cast(user=user, agent=_Agent(self, trial), judge=judge_finds(finding))


class _Agent:
    def __init__(self, stage, trial):
        self.stage, self.trial = stage, trial

    async def reply(self, transcript):
        stage, trial = self.stage, self.trial
        stage.asked.append((trial.number, len(transcript)))
        await stage.gate.wait()
        if trial.number in stage.failing:
            raise ModelFault("Refused.", provider="p", model="m", reason="refused", retryable=False)
        if trial.number in stage.calling and len(transcript) == 1:
            return (agent_says(None, look={}),)
        return (AgentMessage(text="Yes", generation=Generation(provider="p", model="m", cost=PRICE)),)


@pytest.fixture
def stage():
    return Stage()


@pytest.fixture
def runner(store, clock, stage):
    return Runner(store=store, casting=stage, clock=clock)


@pytest.fixture
def engine(runner):
    return InProcessEngine(runner, runner.store, concurrency=1, poll=0.01)


@pytest.fixture
def control(store, clock, engine):
    return Control(store, clock, engine)


@asynccontextmanager
async def played(engine):
    await engine.start()
    try:
        yield
    finally:
        await engine.stop(grace=0)


async def submit(runner, trials, **changes):
    expected = Expectations(assertions=("It is kind.",))
    simulation = Simulation(
        id=runner.new_id(),
        workspace=HERE,
        agent=Agent(id=runner.new_id(), workspace=HERE, name="Agent"),
        scenarios=(Scenario(id=runner.new_id(), name="s", trials=trials, expect=expected),),
        models=Models(user="u", judge="j"),
        **changes,
    )
    await runner.submit(simulation)
    return simulation.id


async def until(condition):
    async with asyncio.timeout(10):
        while not (met := await condition()):
            await asyncio.sleep(0.002)
    return met


async def stands(store, id, status):
    async def at_rest():
        progress = await store.progress(id)
        simulation = await store.find_simulation(None, id)
        return simulation if simulation.status is status and not progress.get(Lifecycle.RUNNING) else None

    return await until(at_rest)


async def outcomes(store, id):
    return [trial.outcome for trial in await store.trials(id)]


async def test_a_pause_lets_running_trials_end_and_a_resume_plays_the_rest(store, runner, stage, engine, control):
    id = await submit(runner, 3)
    stage.gate.clear()
    async with played(engine):

        async def asked():
            return stage.asked

        await until(asked)
        paused = await control.pause(HERE, id)
        assert (paused.status, paused.status_reason) == (Lifecycle.PAUSED, "paused on request")
        stage.gate.set()
        await stands(store, id, Lifecycle.PAUSED)
        assert await outcomes(store, id) == [Outcome.PASSED, None, None]
        await control.resume(HERE, id)
        done = await stands(store, id, Lifecycle.COMPLETED)
    assert done.status_reason is None
    assert stage.asked == [(1, 1), (2, 1), (3, 1)]


async def test_a_budget_stops_a_simulation_and_a_larger_one_goes_on(store, runner, stage, engine, control):
    id = await submit(runner, 5, max_cost=2 * PRICE)
    async with played(engine):
        paused = await stands(store, id, Lifecycle.PAUSED)
        assert paused.status_reason == "the budget of $1.00 is spent; it was paused at $1.00"
        assert await outcomes(store, id) == [Outcome.PASSED] * 2 + [None] * 3
        assert await control.spent(id) == {"agent": 1.0, "user": 0.0, "judge": 0.0}
        with pytest.raises(NotNow, match="has spent"):
            await control.resume(HERE, id)
        await control.resume(HERE, id, max_cost=10 * PRICE)
        await stands(store, id, Lifecycle.COMPLETED)
    assert stage.asked == [(number, 1) for number in range(1, 6)]


async def test_what_running_trials_spend_keeps_further_ones_from_beginning(store, runner, stage, clock):
    """The first trial has spent the budget before it is over."""
    id = await submit(runner, 3, max_cost=PRICE)
    engine = InProcessEngine(runner, store, concurrency=2, poll=0.01)
    (first,) = await store.claim(1)
    await store.journal(first).append(
        0,
        [user_says("Hello"), AgentMessage(text="Yes", generation=Generation(provider="p", model="m", cost=PRICE))],
    )
    async with played(engine):
        await stands(store, id, Lifecycle.PAUSED)
        assert stage.asked == []
        await Control(store, clock, engine).resume(HERE, id, max_cost=9.0)
        await stands(store, id, Lifecycle.COMPLETED)
    assert stage.asked == [(2, 1), (3, 1)]


async def test_only_what_errored_is_played_again_from_its_journal(store, runner, stage, engine, control):
    id = await submit(runner, 3)
    stage.failing = {2}
    async with played(engine):
        await stands(store, id, Lifecycle.COMPLETED)
        before = await store.trials(id)
        assert [trial.outcome for trial in before] == [Outcome.PASSED, Outcome.ERROR, Outcome.PASSED]
        stage.failing, stage.asked = set(), []
        stage.gate.clear()
        again = await control.retry(HERE, id)
        assert (again.status, again.completed_at) == (Lifecycle.RUNNING, None)
        stage.gate.set()
        await stands(store, id, Lifecycle.COMPLETED)
    after = await store.trials(id)
    assert stage.asked == [(2, 1)]
    assert [trial.id for trial in after] == [trial.id for trial in before]
    assert (after[0], after[2]) == (before[0], before[2])
    assert (after[1].outcome, after[1].take, after[1].costs["agent"]) == (Outcome.PASSED, 1, PRICE)
    with pytest.raises(NotNow, match="has nothing that ended in an error"):
        await control.retry(HERE, id)


async def test_a_conversation_that_met_no_mock_begins_anew(store, runner, stage, engine, control):
    id = await submit(runner, 1)
    stage.calling = {1}
    async with played(engine):
        await stands(store, id, Lifecycle.COMPLETED)
        (errored,) = await store.trials(id)
        assert (errored.outcome, errored.cause, errored.take) == (Outcome.ERROR, Cause.MOCK_GAP, 4)
        stage.calling = set()
        await control.retry(HERE, id)
        await stands(store, id, Lifecycle.COMPLETED)
    (done,) = await store.trials(id)
    assert (done.outcome, done.take, done.attempt) == (Outcome.PASSED, 5, 1)
    assert done.costs["agent"] == 5 * PRICE
    assert [message.text for message in await store.messages(done.id)] == ["Hello", "Yes", None]


async def test_more_trials_keep_those_that_there_are(store, runner, stage, engine, control):
    id = await submit(runner, 2, seed=7)
    async with played(engine):
        await stands(store, id, Lifecycle.COMPLETED)
        kept = await store.trials(id)
        more = await control.more(HERE, id, 4)
        assert more.scenarios[0].trials == 4
        await stands(store, id, Lifecycle.COMPLETED)
    trials = await store.trials(id)
    assert list(trials[:2]) == list(kept)
    assert [trial.number for trial in trials] == [1, 2, 3, 4]
    assert await outcomes(store, id) == [Outcome.PASSED] * 4
    with pytest.raises(InvalidInput, match="are 4 trials of each already"):
        await control.more(HERE, id, 4)


async def test_a_cancel_ends_what_waits(store, runner, control):
    id = await submit(runner, 2)
    assert (await control.cancel(HERE, id)).status is Lifecycle.CANCELLED
    with pytest.raises(NotNow, match="was cancelled"):
        await control.more(HERE, id, 4)


@pytest.mark.parametrize("asked", ["cancel", "pause", "resume", "retry"])
async def test_anothers_simulation_does_not_exist(runner, control, asked):
    id = await submit(runner, 1)
    with pytest.raises(NotFound):
        await getattr(control, asked)(ELSEWHERE, id)
    with pytest.raises(NotFound):
        await control.more(ELSEWHERE, id, 2)


@pytest.mark.parametrize("budget", [0.0, -1.0, float("nan"), float("inf")])
async def test_a_budget_is_an_amount_above_nothing(runner, control, budget):
    with pytest.raises(InvalidInput, match="must be an amount above 0"):
        await submit(runner, 1, max_cost=budget)
    id = await submit(runner, 1)
    with pytest.raises(InvalidInput, match="must be an amount above 0"):
        await control.resume(HERE, id, max_cost=budget)
