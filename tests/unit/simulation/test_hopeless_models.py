"""Models that cannot be asked at all, providers that are down, and answers that cost something and are lost."""

import asyncio
from dataclasses import replace

import pytest

from sparring.domain.agent import Agent
from sparring.domain.errors import ModelFault, ProviderDown
from sparring.domain.evaluation import Finding
from sparring.domain.outcomes import Cause, Lifecycle, Outcome, Role
from sparring.domain.scenario import Expectations, Scenario
from sparring.domain.simulation import Models, Simulation
from sparring.simulation.control import Control
from sparring.simulation.ports import Cast
from sparring.simulation.runner import Runner
from sparring.testing import FrozenClock, Lines, MemoryStore, agent_says, judge_finds, user_ends, user_says

SAID = "The model p:m answered 401: Wrong key. Check P_KEY."
SIMULATION = Simulation(
    id="b",
    workspace="w",
    agent=Agent(id="a", workspace="w", name="a", model="p:usual"),
    scenarios=(
        Scenario(id="s", name="s", expect=Expectations(assertions=("A.",)), trials=50),
        Scenario(id="t", name="t", model="p:other", trials=2),
    ),
    models=Models(user="u", judge="j"),
)


def wrong_key(role, **more):
    return ModelFault(
        SAID,
        provider="p",
        model="m",
        reason="refused",
        status=401,
        retryable=False,
        role=role,
        hopeless=True,
        **more,
    )


def is_down(**more):
    return ProviderDown(
        "Down.", provider="p", model="m", reason="refused", waiting="waiting for p", until=1.0, **more
    )


class Fails:
    """Raises what it is given, in any role, until it is mended."""

    def __init__(self, error):
        self.error = error
        self.asked = 0

    async def speak(self, transcript):
        self.asked += 1
        raise self.error

    reply = assess = speak


class Playing:
    """A store with a simulation, and a runner whose players can be exchanged."""

    def __init__(self):
        self.clock = FrozenClock()
        self.store = MemoryStore(self.clock)
        self.runner = Runner(store=self.store, casting=self, clock=self.clock)
        self.control = Control(self.store, self.clock, self)
        self.players = {}

    def notice(self):
        pass

    def cast(self, simulation, scenario, trial):
        players = {
            "user": Lines([user_says("Hi."), user_ends()]),
            "agent": Lines([agent_says("Hello.")]),
            "judge": judge_finds(Finding.MET),
        }
        return Cast(**(players | self.players))

    async def submit(self):
        await self.runner.submit(SIMULATION)

    async def play(self, count=1, simulation=SIMULATION):
        for trial in await self.store.claim(count):
            await self.runner.play(simulation, trial)

    async def outcomes(self):
        return [trial.outcome for trial in await self.store.trials("b")]


@pytest.fixture
async def playing():
    playing = Playing()
    await playing.submit()
    return playing


@pytest.mark.parametrize("role", [Role.USER, Role.JUDGE])
async def test_a_wrong_key_of_the_users_or_the_judges_model_fails_the_whole_simulation_at_once(playing, role):
    model = Fails(wrong_key(role))
    playing.players = {role.value: model}
    await playing.play()
    assert model.asked == 1
    trials = await playing.store.trials("b")
    assert {(trial.outcome, trial.cause, trial.error) for trial in trials} == {
        (Outcome.ERROR, Cause.PROVIDER, SAID)
    }
    simulation = await playing.store.find_simulation(None, "b")
    assert (simulation.status, simulation.completed_at) == (Lifecycle.COMPLETED, playing.clock.now())


async def test_an_agents_model_that_is_not_there_fails_only_the_scenarios_that_need_it(playing):
    playing.players = {"agent": Fails(wrong_key(Role.AGENT))}
    await playing.play()
    assert {trial.scenario for trial in await playing.store.trials("b") if trial.outcome is None} == {"t"}
    playing.players = {}
    await playing.play(9)
    assert (await playing.outcomes()).count(Outcome.PASSED) == 2
    assert (await playing.store.find_simulation(None, "b")).status is Lifecycle.COMPLETED


async def test_trials_that_run_meanwhile_stop_at_their_next_move(playing):
    meets = asyncio.Event()

    class Slow(Lines):
        async def reply(self, transcript):
            await meets.wait()
            return await super().reply(transcript)

    slow, other = await playing.store.claim(2)
    playing.players = {"agent": Slow([agent_says("Hello.")])}
    running = asyncio.create_task(playing.runner.play(SIMULATION, slow))
    await asyncio.sleep(0)
    playing.players = {"user": Fails(wrong_key(Role.USER))}
    await playing.runner.play(SIMULATION, other)
    meets.set()
    await running
    ended = await playing.store.find_trial("w", slow.id)
    assert (ended.outcome, ended.error) == (Outcome.ERROR, SAID)
    assert len(await playing.store.messages(slow.id)) == 2


async def test_once_the_key_is_mended_everything_is_played_on_request(playing):
    playing.players = {"judge": Fails(wrong_key(Role.JUDGE))}
    await playing.play()
    await playing.control.retry("w", "b")
    playing.players = {}
    await playing.play(99)
    assert set(await playing.outcomes()) == {Outcome.PASSED}


async def test_while_its_provider_is_down_a_trial_waits_in_the_queue_with_its_journal(playing):
    playing.players = {"judge": Fails(is_down())}
    with pytest.raises(ProviderDown):
        await playing.play()
    trial = (await playing.store.trials("b"))[0]
    assert (trial.status, trial.attempt, trial.outcome) == (Lifecycle.QUEUED, 1, None)
    assert len(await playing.store.messages(trial.id)) == 3
    playing.players = {"user": Fails(None), "agent": Fails(None)}
    await playing.play()
    assert (await playing.outcomes())[0] is Outcome.PASSED


async def test_a_trial_whose_simulation_was_cancelled_while_it_waited_is_cancelled(playing):
    (trial,) = await playing.store.claim(1)
    await playing.store.cancel("w", "b")
    playing.players = {"user": Fails(is_down())}
    with pytest.raises(ProviderDown):
        await playing.runner.play(SIMULATION, trial)
    assert (await playing.store.find_simulation(None, "b")).completed_at is not None


@pytest.mark.parametrize("role", list(Role))
async def test_what_an_answer_cost_that_cannot_be_used_is_counted(playing, role):
    cut_off = ModelFault(
        "Cut off.", provider="p", model="m", reason="length", retryable=False, role=role, cost=0.25
    )
    playing.players = {role.value: Fails(cut_off)}
    await playing.play()
    trial = (await playing.store.trials("b"))[0]
    assert trial.costs[role] == 0.25


async def test_what_was_lost_before_a_provider_went_down_is_counted_as_well(playing):
    playing.players = {"judge": Fails(replace_cost(is_down(role=Role.JUDGE), 0.5))}
    with pytest.raises(ProviderDown):
        await playing.play()
    assert (await playing.store.trials("b"))[0].costs == {"judge": 0.5}
    playing.players = {}
    await playing.play()
    assert (await playing.store.trials("b"))[0].costs["judge"] == 0.5


def replace_cost(fault, cost):
    fault.cost = cost
    return fault


async def test_a_trial_that_waited_with_a_part_of_its_conversation_keeps_its_costs_when_it_fails(playing):
    playing.players = {"agent": Fails(is_down())}
    with pytest.raises(ProviderDown):
        await playing.play()
    (first, second) = await playing.store.claim(2)
    await playing.store.postpone(replace(first, costs={"judge": 0.5}))
    playing.players = {"user": Fails(wrong_key(Role.USER))}
    await playing.runner.play(SIMULATION, second)
    ended = await playing.store.find_trial("w", first.id)
    assert (ended.outcome, ended.costs["judge"], ended.steps) == (Outcome.ERROR, 0.5, 1)
