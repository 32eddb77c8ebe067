"""Simulations, their trials, and chance."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.domain import chance
from sparring.domain.agent import Agent, Tool
from sparring.domain.errors import InvalidInput
from sparring.domain.outcomes import Cause, Lifecycle, Outcome, Termination
from sparring.domain.scenario import Expectations, Instructions, Scenario
from sparring.domain.simulation import (
    Models,
    Simulation,
    Trial,
    budget_spent,
    plan,
    to_play_again,
    trial_count,
    with_more_trials,
)

AGENT = Agent(id="a", workspace="w", name="a", tools=(Tool(name="look", description="Looks."),))


def simulation(*trials, seed=7):
    scenarios = tuple(Scenario(id=f"id{n}", name=f"name{n}", trials=count) for n, count in enumerate(trials))
    return Simulation(
        id="s", workspace="w", agent=AGENT, scenarios=scenarios, models=Models(user="u", judge="j"), seed=seed
    )


def test_every_scenario_begins_before_any_is_played_again():
    planned = plan(simulation(2, 1, 3), [f"t{n}" for n in range(6)])
    assert [(t.id, t.scenario, t.number) for t in planned] == [
        ("t0", "id0", 1), ("t1", "id1", 1), ("t2", "id2", 1), ("t3", "id0", 2), ("t4", "id2", 2), ("t5", "id2", 3),
    ]  # fmt: skip
    assert {t.simulation for t in planned} == {"s"}
    assert plan(simulation(), []) == ()


@given(st.lists(st.integers(0, 4), max_size=5))
def test_a_plan_holds_every_trial_of_every_scenario_once(trials):
    asked = simulation(*trials)
    count = trial_count(asked.scenarios)
    planned = plan(asked, [str(n) for n in range(count)])
    assert sorted((t.scenario, t.number) for t in planned) == sorted(
        (f"id{n}", number) for n, most in enumerate(trials) for number in range(1, most + 1)
    )


def test_a_plan_takes_exactly_one_id_for_each_trial():
    with pytest.raises(ValueError, match="longer"):
        plan(simulation(2), ["only"])


def test_seeds_follow_from_the_simulations_seed_and_nothing_that_is_minted():
    ids = ["a", "b"]
    seeds = [t.seed for t in plan(simulation(2), ids)]
    assert len(set(seeds)) == 2
    assert [t.seed for t in plan(replace(simulation(2), id="other"), ["c", "d"])] == seeds
    assert [t.seed for t in plan(simulation(2, seed=8), ids)] != seeds


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(2, 6))
def test_a_plan_of_what_is_lacking_holds_the_trials_of_a_plan_at_once_that_there_are_not_yet(trials, most):
    asked = simulation(*trials)
    if most <= min(trials):
        return
    wider = with_more_trials(asked, most)
    have = {scenario.id: scenario.trials for scenario in asked.scenarios}
    added = plan(wider, [str(n) for n in range(trial_count(wider.scenarios) - sum(trials))], have=have)
    at_once = plan(wider, [str(n) for n in range(trial_count(wider.scenarios))])
    lacking = [(t.scenario, t.number, t.seed) for t in at_once if t.number > have[t.scenario]]
    assert [(t.scenario, t.number, t.seed) for t in added] == lacking
    assert [s.trials for s in wider.scenarios] == [max(count, most) for count in trials]


@pytest.mark.parametrize(
    ("trials", "asked", "words"),
    [
        ((4, 4), 4, "are 4 trials of each already, and 4 were asked for"),
        ((4, 8), 3, "are 4 to 8 trials of each already, and 3 were asked for"),
        ((4,), 101, "at most 100 trials of each; 101 were"),
        ((4,) * 200, 60, "at most 10,000 trials in all; this would come to 12,000"),
    ],
)
def test_more_trials_are_more_than_there_are_and_within_bounds(trials, asked, words):
    with pytest.raises(InvalidInput, match=words) as refused:
        with_more_trials(simulation(*trials), asked)
    assert refused.value.field == "num_trials"


@pytest.mark.parametrize(
    ("cause", "take", "costs"),
    [
        (Cause.PROVIDER, 3, {"agent": 0.5, "user": 0.0, "judge": 2.0}),
        (Cause.LIMIT, 3, {"agent": 0.5, "user": 0.0, "judge": 2.0}),
        (Cause.MOCK_GAP, 4, {"agent": 1.5, "user": None, "judge": 2.0}),
    ],
)
def test_a_trial_that_is_played_again_keeps_its_journal_unless_a_mock_was_missing(cause, take, costs):
    errored = Trial(
        id="t", simulation="s", scenario="c", number=2, seed=9, attempt=4, take=3, alias="job",
        status=Lifecycle.COMPLETED, outcome=Outcome.ERROR, cause=cause, error="Broken.", started_at=1.0,
        completed_at=2.0, steps=7, termination=Termination.USER_STOP, warnings=("Odd.",),
        costs={"agent": 1.5, "user": None, "judge": 2.0},
    )  # fmt: skip
    again = to_play_again(errored, {"agent": 1.0, "user": None, "judge": 0.0})
    assert again == Trial(
        id="t", simulation="s", scenario="c", number=2, seed=9, take=take, alias="job", costs=costs, started_at=1.0
    )


def test_a_trial_whose_live_call_stayed_without_an_answer_begins_anew():
    errored = Trial(id="t", simulation="s", scenario="c", number=1, seed=0, cause=Cause.PROVIDER)
    assert [to_play_again(errored, {}, lost=lost).take for lost in (False, True)] == [1, 2]


def test_why_a_budget_stopped_a_simulation_is_told_in_dollars():
    assert budget_spent(5.0, 5.0312) == "the budget of $5.00 is spent; it was paused at $5.031"


def test_a_scenario_is_found_by_its_id():
    assert simulation(1, 1).scenario("id1").name == "name1"


def test_a_trial_knows_how_long_it_took_and_whether_it_is_over():
    queued = Trial(id="t", simulation="s", scenario="c", number=1, seed=0)
    assert (queued.seconds, queued.is_over, queued.cost) == (None, False, 0)
    assert replace(queued, started_at=1.0).seconds is None
    assert replace(queued, started_at=1.0, completed_at=3.5).seconds == 2.5
    assert replace(queued, status=Lifecycle.COMPLETED).is_over
    assert replace(queued, status=Lifecycle.CANCELLED).is_over
    assert not replace(queued, status=Lifecycle.RUNNING).is_over


def test_an_agent_finds_its_tools_by_name():
    assert AGENT.tool("look") is AGENT.tools[0]
    assert AGENT.tool("find") is None


def test_the_texts_with_variables_are_those_that_are_said_to_somebody():
    told = Instructions(task="task", reason="reason", known="known", unknown="unknown")
    scenario = Scenario(persona="persona", instructions=told, expect=Expectations(assertions=("A.", "B.")))
    assert scenario.texts == ("persona", "task", "reason", "known", "unknown", "A.", "B.")
    assert Scenario().texts == ()
    assert replace(AGENT, instructions="told", greeting="Hi").texts == ("told", "Hi", "Looks.", "object")
    parameters = {"type": "object", "properties": {"id": {"enum": ["A", 1]}}}
    assert Tool(name="t", description="Finds.", parameters=parameters).texts == ("Finds.", "object", "A")


def test_chance_is_the_same_on_every_machine():
    assert chance.derive(1, "a", 2) == 6104619561527858045
    assert chance.fraction(1, "a", 2) == pytest.approx(0.66186418)


@given(st.integers(), st.lists(st.text(max_size=3), max_size=3))
def test_chance_depends_on_its_seed_and_on_every_part(seed, parts):
    assert 0 <= chance.derive(seed, *parts) < 2**63
    assert 0 <= chance.fraction(seed, *parts) < 1
    assert chance.derive(seed, *parts) != chance.derive(seed + 1, *parts)
    assert chance.derive(seed, *parts) != chance.derive(seed, *parts, "more")


def test_chance_is_even():
    drawn = [chance.fraction(n, "even") for n in range(2000)]
    assert sum(drawn) / len(drawn) == pytest.approx(0.5, abs=0.03)
