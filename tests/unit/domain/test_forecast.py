"""What is likely, by what was played before."""

from dataclasses import replace

from sparring.domain.agent import Agent
from sparring.domain.forecast import by_history, played_alike, wall_seconds
from sparring.domain.outcomes import Lifecycle
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Models, Simulation, Trial


def played(scenario, seconds, cost=0.5, number=1):
    return Trial(
        id=f"{scenario}-{number}",
        simulation="s",
        scenario=scenario,
        number=number,
        seed=0,
        status=Lifecycle.COMPLETED,
        costs={"agent": cost},
        started_at=100.0,
        completed_at=100.0 + seconds,
    )


def test_each_scenario_is_taken_as_it_went_and_a_new_one_as_they_all_went():
    past = [played("a", 2.0, 0.1), played("a", 4.0, 0.3, 2), played("b", 9.0, 0.8)]
    scenarios = [Scenario(id="a", trials=4), Scenario(id="new", trials=2)]
    found = by_history(scenarios, past, at_once=1)
    assert found.cost == 4 * 0.2 + 2 * 0.4
    assert found.seconds == 4 * 3.0 + 2 * 5.0


def test_trials_that_never_played_say_nothing():
    queued = Trial(id="1", simulation="s", scenario="a", number=1, seed=0)
    assert by_history([Scenario(id="a")], [queued], at_once=1) is None


def test_one_unknown_price_makes_the_price_unknown():
    found = by_history([Scenario(id="a", trials=2)], [played("a", 2.0, None)], at_once=1)
    assert (found.cost, found.seconds) == (None, 4.0)


def test_trials_at_once_share_the_time_and_none_is_shorter_than_itself():
    assert wall_seconds([(10.0, 8)], at_once=4) == 20.0
    assert wall_seconds([(10.0, 2), (30.0, 1)], at_once=100) == 30.0
    assert wall_seconds([], at_once=4) == 0.0


def test_only_the_same_agent_on_the_same_models_is_alike():
    agent = Agent(id="a", workspace="w", name="Desk", model="m", instructions="Help.")
    past = Simulation(id="1", workspace="w", agent=agent, scenarios=(), models=Models(user="u", judge="j"))
    assert played_alike(past, replace(past, id="2", seed=7))
    assert not played_alike(past, replace(past, models=Models(user="u", judge="k")))
    assert not played_alike(past, replace(past, agent=replace(agent, model="n")))
    assert not played_alike(past, replace(past, agent=replace(agent, instructions="Help more.")))
