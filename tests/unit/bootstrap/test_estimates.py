"""What a simulation is likely to cost, and what its budget cannot see."""

from dataclasses import replace

import pytest

from sparring.bootstrap.estimates import budget_warnings, estimate, judging_price
from sparring.bootstrap.providers import catalogue
from sparring.domain.agent import Agent
from sparring.domain.endpoints import PythonEndpoint
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Models, Simulation
from sparring.settings import Settings
from sparring.testing import FrozenClock

NOW = 1_760_000_000.0
CHEAP, DEAR = "openai:gpt-4o-mini", "openai:gpt-4o"


@pytest.fixture
def models():
    settings = Settings(_env_file=None, openai_api_key="k", ollama_base_url="http://127.0.0.1:11434/v1")
    return catalogue(settings, FrozenClock(NOW))


def simulation(*played, model=CHEAP, judge=CHEAP, **changes):
    return Simulation(
        id="s",
        workspace="w",
        agent=Agent(id="a", workspace="w", name="A", model=model, instructions="x" * 4000),
        scenarios=tuple(Scenario(id=f"{n}", trials=trials, model=own) for n, (trials, own) in enumerate(played)),
        models=Models(user=CHEAP, judge=judge),
        **changes,
    )


def test_it_grows_with_the_trials_and_with_dearer_models(models):
    one = estimate(models, simulation((1, None)), NOW)
    assert 0 < one < 0.05
    assert estimate(models, simulation((4, None), (6, None)), NOW) == pytest.approx(10 * one)
    assert estimate(models, simulation((1, None), model=DEAR), NOW) > 5 * one


def test_a_scenario_with_a_model_of_its_own_is_priced_by_that(models):
    plain, own = simulation((1, None), (1, None)), simulation((1, None), (1, DEAR))
    assert estimate(models, own, NOW) > estimate(models, plain, NOW)


def test_scripts_cost_nothing_and_an_unlisted_price_is_no_price(models):
    scripted = replace(simulation((9, None), model="scripted:x", judge="scripted:x"), models=Models(
        user="scripted:x", judge="scripted:x"
    ))  # fmt: skip
    assert estimate(models, scripted, NOW) == 0
    assert estimate(models, simulation((1, None), judge="ollama:qwen3"), NOW) is None


def test_a_budget_names_what_it_cannot_see(models):
    unseen = simulation((1, "ollama:llama"), (2, None), judge="ollama:qwen3", max_cost=5.0)
    assert budget_warnings(models, unseen, NOW) == (
        "The budget does not count what ollama:llama costs: no list tells its price.",
        "The budget does not count what ollama:qwen3 costs: no list tells its price.",
    )
    assert budget_warnings(models, replace(unseen, max_cost=None), NOW) == ()
    assert budget_warnings(models, simulation((1, None), max_cost=5.0), NOW) == ()


def test_an_agent_that_lives_elsewhere_spends_by_itself(models):
    seen = simulation((1, None), max_cost=5.0)
    elsewhere = replace(seen, agent=replace(seen.agent, model=None, endpoint=PythonEndpoint(callable="my:agent")))
    (told,) = budget_warnings(models, elsewhere, NOW)
    assert told.startswith("The budget does not count what the agent at ")
    assert "my:agent" in told


def test_judging_costs_by_what_is_shown_and_by_how_often_it_is_judged(models):
    little = judging_price(models, CHEAP, 1000, 1, NOW)
    assert judging_price(models, CHEAP, 3000, 3, NOW) == pytest.approx(3 * little)
    assert judging_price(models, CHEAP, 100_000, 1, NOW) > 10 * little
    assert judging_price(models, DEAR, 1000, 1, NOW) > 5 * little
    assert judging_price(models, "scripted:x", 1000, 1, NOW) == 0
