"""Trials with a world, with variables of their own, and with answers that take their time."""

from dataclasses import replace

import pytest

from sparring.adapters.clock import SystemClock
from sparring.domain.agent import Agent, Tool
from sparring.domain.errors import InvalidInput
from sparring.domain.generation import Generator
from sparring.domain.matching import Matcher
from sparring.domain.mocks import Answer, Changes, Rule, ToolMock
from sparring.domain.outcomes import Cause, Outcome
from sparring.domain.scenario import (
    Expectations,
    ExpectedAction,
    ExpectedState,
    ExpectedWords,
    ExpectedWrites,
    Scenario,
)
from sparring.domain.simulation import Limits, Models, Simulation, plan
from sparring.domain.transcript import AgentMessage, ToolCall, ToolResult, UserMessage
from sparring.simulation.ports import Cast
from sparring.simulation.runner import Runner
from sparring.testing import FrozenClock, Lines, MemoryStore, agent_says, judge_finds, user_ends, user_says

CANCEL = ToolMock(
    rules=(
        Rule(
            state={"orders.{{arguments.id}}.status": Matcher(equal="open")},
            answer=Answer(
                value="{{state.orders.{{arguments.id}}}}",
                changes=Changes(set={"orders.{{arguments.id}}.status": "cancelled"}),
                delay_ms=1500,
            ),
        ),
    ),
    otherwise=Answer(value="unknown order", is_error=True),
)
SCENARIO = Scenario(
    id="s",
    name="s",
    persona="Your order is {{order}}.",
    generated={"order": Generator(pattern="[A-Z]{3}[0-9]{3}")},
    state={"orders": {"{{order}}": {"status": "open"}}},
    mocks={"cancel": CANCEL},
    expect=Expectations(
        actions=(ExpectedAction(name="cancel", arguments={"id": "{{order}}"}),),
        writes=ExpectedWrites(),
        state=(ExpectedState(path="orders.{{order}}.status", matcher=Matcher(equal="cancelled")),),
        said=(ExpectedWords(contains="{{order}} is cancelled"),),
    ),
)
SIMULATION = Simulation(
    id="b",
    workspace="w",
    agent=Agent(id="a", workspace="w", name="a", tools=(Tool(name="cancel", writes=True),)),
    scenarios=(SCENARIO,),
    models=Models(user="u", judge="j"),
    seed=3,
)


class Obliging:
    """Cancels the order that the persona of its scenario names, and says so."""

    def __init__(self, scenario):
        self.order = scenario.variables["order"]

    async def speak(self, transcript):
        return user_ends() if len(transcript) > 1 else user_says(f"Cancel {self.order}.")

    async def reply(self, transcript):
        if isinstance(transcript[len(transcript) - 1], ToolResult):
            return (agent_says(f"Your order {self.order} is cancelled."),)
        return (agent_says(None, cancel={"id": self.order}),)


class Stage:
    """A store with one simulation, and a runner that plays it with obliging players or on lines."""

    def __init__(self, simulation=SIMULATION, agent=None, clock=None):
        self.clock = clock or FrozenClock()
        self.store = MemoryStore(self.clock)
        self.simulation = simulation
        self.agent = agent
        self.runner = Runner(store=self.store, casting=self, clock=self.clock)

    def cast(self, simulation, scenario, trial):
        both = Obliging(scenario)
        return Cast(user=both, agent=self.agent or both, judge=judge_finds())

    async def play(self, trials=1):
        await self.runner.submit(self.simulation)
        for trial in await self.store.claim(trials):
            await self.runner.play(self.simulation, trial)
        return await self.store.trials("b")


async def test_a_trial_has_values_of_its_own_everywhere_the_same():
    simulation = replace(SIMULATION, scenarios=(replace(SCENARIO, trials=3),))
    stage = Stage(simulation)
    trials = await stage.play(3)
    assert [trial.outcome for trial in trials] == [Outcome.PASSED] * 3
    orders = {simulation.played(trial).variables["order"] for trial in trials}
    assert len(orders) == 3
    first = await stage.store.messages(trials[0].id)
    order = simulation.played(trials[0]).variables["order"]
    assert first[0] == replace(UserMessage(text=f"Cancel {order}."), at=first[0].at)
    assert first[2].text == '{"status":"cancelled"}'
    assert [check.kind.value for check in trials[0].verdict.checks] == ["ACTION", "WRITES", "STATE", "SAID"]


async def test_the_same_seed_plays_the_same_values_again():
    (one,), (two,) = await Stage().play(), await Stage().play()
    assert SIMULATION.played(one).variables == SIMULATION.played(two).variables


async def test_an_answer_that_takes_its_time_comes_later():
    stage = Stage()
    (trial,) = await stage.play()
    _, called, answered, *_ = await stage.store.messages(trial.id)
    assert answered.at - called.at == 1.5
    assert trial.seconds == 1.5


async def test_the_time_that_an_answer_takes_counts_for_the_trials_limit():
    simulation = replace(SIMULATION, limits=Limits(timeout=0.05))
    (trial,) = await Stage(simulation, clock=SystemClock()).play()
    assert (trial.outcome, trial.cause) == (Outcome.ERROR, Cause.LIMIT)


async def test_a_trial_that_goes_on_finds_what_was_cancelled_before():
    stage = Stage()
    await stage.runner.submit(SIMULATION)
    (trial,) = await stage.store.claim(1)
    order = SIMULATION.played(trial).variables["order"]
    call = ToolCall(id="call_1", name="cancel", arguments={"id": order})
    before = [
        user_says("Cancel it."),
        AgentMessage(text=None, calls=(call,)),
        ToolResult(call_id="call_1", name="cancel", text='{"status":"cancelled"}', source="rule 1"),
        AgentMessage(text=None, calls=(replace(call, id="call_2"),)),
    ]
    await stage.store.journal(trial).append(0, before)
    await stage.runner.play(SIMULATION, trial)
    (done,) = await stage.store.trials("b")
    messages = await stage.store.messages(trial.id)
    assert (messages[4].text, messages[4].source) == ("unknown order", "otherwise")
    assert done.outcome is Outcome.PASSED


async def test_a_write_too_many_fails():
    twice = [
        agent_says(None, cancel={"id": "{{order}}"}),
        agent_says("It is cancelled."),
    ]
    stage = Stage(agent=Lines(twice))
    (trial,) = await stage.play()
    assert trial.outcome is Outcome.FAILED
    assert {check.kind.value for check in trial.verdict.unmet} == {"ACTION", "WRITES", "STATE", "SAID"}


async def test_a_mock_that_cannot_do_what_it_says_is_the_scenarios_error_and_is_not_tried_again():
    broken = ToolMock(otherwise=Answer(value=1, changes=Changes(append={"orders": 1})))
    stage = Stage(replace(SIMULATION, scenarios=(replace(SCENARIO, mocks={"cancel": broken}),)))
    (trial,) = await stage.play()
    assert (trial.outcome, trial.cause, trial.attempt) == (Outcome.ERROR, Cause.MOCK_GAP, 1)
    assert "'orders' is an object, not a list" in trial.error


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        (
            {"generated": {"order": Generator(pattern="[")}},
            "variables",
            "In the scenario 's': The variable 'order'",
        ),
        (
            {"history": (ToolResult(call_id="c", name="t", text="x"),)},
            "history",
            "The history of 's' is impossible: message 0 is the result of a call, and none is waiting for one.",
        ),
    ],
)
async def test_a_scenario_that_cannot_be_played_is_refused_before_it_is_stored(changes, field, told):
    stage = Stage(replace(SIMULATION, scenarios=(replace(SCENARIO, **changes),)))
    with pytest.raises(InvalidInput) as caught:
        await stage.runner.submit(stage.simulation)
    assert told in str(caught.value)
    assert caught.value.field == field
    assert await stage.store.trials("b") == []


async def test_a_variable_that_only_this_trial_cannot_make_up_is_the_scenarios_error():
    far = {"order": Generator(date="+0..+999999 years", relative_to="today")}
    late = replace(SCENARIO, generated=far, variables={"today": "9999-01-01"})
    stage = Stage(replace(SIMULATION, scenarios=(late,)))
    await stage.store.save_simulation(stage.simulation, plan(stage.simulation, [stage.runner.new_id()]))
    (trial,) = await stage.store.claim(1)
    await stage.runner.play(stage.simulation, trial)
    (done,) = await stage.store.trials("b")
    assert (done.outcome, done.cause) == (Outcome.ERROR, Cause.MOCK_GAP)
    assert "outside of the years" in done.error
