"""A simulation that ends once its threshold is decided."""

from dataclasses import replace

import pytest

from sparring.domain.agent import Agent
from sparring.domain.errors import InvalidInput
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.scenario import Expectations, Scenario
from sparring.domain.simulation import Models, Simulation, Threshold
from sparring.simulation.heralds import Herald
from sparring.simulation.ports import Cast
from sparring.simulation.runner import LOOKS, Runner
from sparring.testing import FrozenClock, Lines, MemoryStore, agent_says, judge_finds, user_ends, user_says

SCENARIO = Scenario(id="s", name="s", expect=Expectations(assertions=("A.",)), trials=40)
SIMULATION = Simulation(
    id="b",
    workspace="w",
    agent=Agent(id="a", workspace="w", name="a"),
    scenarios=(SCENARIO,),
    models=Models(user="u", judge="j"),
    until=Threshold(1, 0.5),
)


class Witness(Herald):
    """Remembers what it was told."""

    def __init__(self):
        self.trials = 0
        self.completed = []

    async def trial_over(self, simulation, trial):
        self.trials += 1

    async def simulation_over(self, simulation):
        self.completed.append(simulation)


class Stage:
    """A runner whose trials pass or fail by their number, played one after another."""

    def __init__(self, passes=lambda number: True, simulation=SIMULATION):
        self.passes = passes
        self.simulation = simulation
        self.store = MemoryStore(FrozenClock())
        self.herald = Witness()
        self.runner = Runner(self.store, self, FrozenClock(), self.herald)

    def cast(self, simulation, scenario, trial):
        finding = "met" if self.passes(trial.number) else "not_met"
        return Cast(
            user=Lines([user_says("Hi."), user_ends()]),
            agent=Lines([agent_says("Hello.")]),
            judge=judge_finds(finding),
        )

    async def play(self, at_once=1):
        """Play until nothing is left; the simulation as it is then, and the outcomes of its trials."""
        await self.runner.submit(self.simulation)
        while claimed := await self.store.claim(at_once):
            for trial in claimed:
                await self.runner.play(self.simulation, trial)
        ended = [trial.outcome for trial in await self.store.trials(self.simulation.id)]
        return await self.store.find_simulation(None, self.simulation.id), ended


async def test_it_ends_as_soon_as_its_threshold_is_decided_and_says_so():
    stage = Stage()
    done, ended = await stage.play()
    played = ended.count(Outcome.PASSED)
    assert 4 <= played <= 10
    assert ended[played:] == [Outcome.CANCELLED] * (40 - played)
    assert (done.status, done.is_decided) == (Lifecycle.COMPLETED, True)
    assert done.status_reason.startswith("Decided: pass^1 is above 0.5; 1.00 in")
    assert stage.herald.completed == [done], "it is told once"
    assert stage.herald.trials == played


async def test_what_is_at_play_is_played_to_its_end():
    done, ended = await Stage().play(at_once=20)
    assert ended.count(Outcome.PASSED) == 20
    assert ended.count(Outcome.CANCELLED) == 20
    assert done.status is Lifecycle.COMPLETED


async def test_without_a_decision_all_trials_are_played_and_nothing_is_said():
    near = replace(SIMULATION, scenarios=(replace(SCENARIO, trials=4),), until=Threshold(1, 0.6))
    done, ended = await Stage(lambda number: number in (1, 3, 4), near).play()
    assert Outcome.CANCELLED not in ended
    assert (done.status_reason, done.is_decided) == (None, False)


async def test_a_simulation_without_such_a_threshold_is_not_looked_at():
    stage = Stage(simulation=replace(SIMULATION, until=None))

    async def outcomes(simulation_id):
        raise AssertionError

    stage.store.outcomes = outcomes
    _, ended = await stage.play()
    assert ended == [Outcome.PASSED] * 40


@pytest.mark.slow
async def test_a_large_simulation_is_looked_at_a_bounded_number_of_times():
    large = replace(SIMULATION, scenarios=(replace(SCENARIO, trials=3 * LOOKS),), until=Threshold(1, 0.5))
    stage, looks = Stage(lambda number: number % 2, large), 0
    look = stage.store.outcomes

    async def outcomes(simulation_id):
        nonlocal looks
        looks += 1
        return await look(simulation_id)

    stage.store.outcomes = outcomes
    await stage.play(at_once=50)
    assert 0 < looks <= LOOKS


async def test_a_threshold_that_can_never_be_decided_is_refused():
    few = replace(SIMULATION, scenarios=(SCENARIO, replace(SCENARIO, id="t", name="t", trials=3)))
    with pytest.raises(InvalidInput, match=r"pass\^4 is decided by 4 trials of each scenario, and 't' has fewer"):
        await Stage(simulation=replace(few, until=Threshold(4, 0.5))).play()
