"""Simulations, their trials, and chance."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.domain import chance
from sparring.domain.agent import Agent, Tool
from sparring.domain.outcomes import Lifecycle
from sparring.domain.scenario import Expectations, Instructions, Scenario
from sparring.domain.simulation import Models, Simulation, Trial, plan, trial_count

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
