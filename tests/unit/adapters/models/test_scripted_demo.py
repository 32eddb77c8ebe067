"""The bundled scripts play their scenarios through, judged, with evidence that stands there."""

from collections import Counter
from dataclasses import replace

import pytest

from sparring.adapters import bundled
from sparring.adapters.clock import SystemClock
from sparring.adapters.mock_llm import create_app, running
from sparring.adapters.models.catalogue import Catalogue
from sparring.adapters.models.provider import openai
from sparring.adapters.models.scripted import scripted_model
from sparring.adapters.players.casting import ModelCasting
from sparring.adapters.suites.reading import load_suite
from sparring.domain.agent import Agent
from sparring.domain.chance import derive
from sparring.domain.evaluation import CheckKind, Finding
from sparring.domain.outcomes import Outcome, Termination
from sparring.domain.scenario import Expectations, Instructions, Scenario
from sparring.domain.simulation import Models, Simulation, Trial
from sparring.domain.transcript import AgentMessage, UserMessage
from sparring.simulation import trial as trials
from sparring.testing import FrozenClock

SEEDS = 40


class Journal:
    def __init__(self):
        self.stored = []

    async def load(self):
        return list(self.stored)

    async def append(self, position, messages):
        assert position == len(self.stored)
        self.stored.extend(messages)


class Scripts:
    def model(self, name):
        return scripted_model(name)


async def play(agent, scenario, *, user, judge, seed=0, number=1, models=None):
    simulation = Simulation(
        id="b", workspace="w", agent=agent, scenarios=(scenario,), models=Models(user=user, judge=judge)
    )
    trial = Trial(
        id="t", simulation="b", scenario=scenario.id, number=number, seed=derive(seed, scenario.name, number)
    )
    journal, clock = Journal(), FrozenClock()
    cast = ModelCasting(models or Scripts(), clock).cast(simulation, scenario, trial)
    done = await trials.play(simulation, scenario, trial, cast=cast, journal=journal, clock=clock)
    return done, journal.stored


@pytest.fixture(scope="module")
def suite():
    return load_suite(bundled.AIRLINE_SUITE)


async def play_all(suite, *, seed, numbers):
    for scenario in suite.scenarios:
        for number in range(1, numbers + 1):
            done, stored = await play(
                suite.agent,
                scenario,
                user=suite.user_model,
                judge=suite.judge_model,
                seed=seed,
                number=number,
            )
            yield scenario, done, stored


def test_the_demos_suite_has_no_doubtful_spot(suite):
    assert suite.warnings == ()
    assert len(suite.scenarios) == 8
    assert {scenario.trials for scenario in suite.scenarios} == {4}
    assert {suite.agent.model, suite.user_model, suite.judge_model} == {"scripted:airline"}


async def test_the_demo_gives_these_figures_in_every_run(suite):
    passed = Counter()
    async for scenario, done, _ in play_all(suite, seed=0, numbers=4):
        passed[scenario.name] += done.outcome is Outcome.PASSED
    assert passed == {
        "Refund refused outside the policy": 2,
        "Cancellation within the policy": 4,
        "Wrong passenger name": 3,
        "Angry customer after a delay": 0,
        "Reservation number unknown": 3,
        "Fee for an extra bag": 2,
        "Somebody else's booking": 3,
        "Out of scope": 4,
    }


@pytest.mark.slow
async def test_under_any_seed_the_demo_ends_well_and_is_judged(suite):
    lengths = set()
    for seed in range(SEEDS):
        async for scenario, done, stored in play_all(suite, seed=seed, numbers=1):
            where = f"{scenario.name}, seed {seed}"
            assert done.outcome in (Outcome.PASSED, Outcome.FAILED), where
            assert done.termination is Termination.USER_STOP, where
            assert done.warnings == (), where
            assert done.verdict is not None
            for check in done.verdict.checks:
                if check.kind is CheckKind.ASSERTION:
                    assert check.evidence, where
                    assert "{{" not in check.reason, where
            lengths.add(len(stored))
    assert lengths <= set(range(6, 17))


async def test_the_same_trial_is_word_for_word_the_same(suite):
    first, second = [], []
    for talk in (first, second):
        async for _, done, stored in play_all(suite, seed=7, numbers=1):
            talk.append((done, stored))
    assert first == second


async def test_conversations_of_one_scenario_differ(suite):
    scenario = suite.scenarios[0]
    spoken = set()
    for seed in range(12):
        _, stored = await play(suite.agent, scenario, user="airline", judge="airline", seed=seed)
        spoken.add(tuple(m.text for m in stored if isinstance(m, UserMessage | AgentMessage)))
    assert len(spoken) > 6


async def test_every_message_has_a_price(suite):
    done, _ = await play(suite.agent, suite.scenarios[0], user="airline", judge="airline")
    assert all(cost is not None and cost > 0 for cost in done.costs.values())
    assert set(done.costs) == {"agent", "user", "judge"}


SUBSCRIPTION = Scenario(
    id="s",
    name="Angry Customer - Cancellation Flow",
    instructions=Instructions(task="You are an angry customer who wants to cancel their subscription."),
    variables={"customer_name": "John Doe", "account_status": "active"},
    expect=Expectations(
        assertions=(
            "The agent should acknowledge the cancellation request, present retention alternatives, and confirm "
            "the cancellation if the customer insists.",
        )
    ),
)
OLDER = replace(
    SUBSCRIPTION,
    instructions=Instructions(task="You are an angry customer who wants to cancel his subscription. "),
    expect=Expectations(
        assertions=(
            "Agent should acknowledge the request, offer alternatives, and confirm cancellation if the user "
            "insists.",
        )
    ),
)
AGENT = Agent(id="a", workspace="w", name="New AI Agent", model="scripted:subscription")


async def test_the_angry_customer_of_the_documents_gets_four_of_five():
    outcomes = []
    for number in range(1, 6):
        done, _ = await play(AGENT, SUBSCRIPTION, user="subscription", judge="subscription", number=number)
        outcomes.append(done.outcome)
    assert outcomes == [Outcome.PASSED] * 4 + [Outcome.FAILED]


@pytest.mark.parametrize("scenario", [SUBSCRIPTION, OLDER], ids=["newer page", "older page"])
@pytest.mark.parametrize("greeting", [None, "Hi, how can I help?"])
async def test_the_angry_customer_is_judged_by_what_was_said(scenario, greeting):
    agent = replace(AGENT, greeting=greeting, instructions="Help {{customer_name}}.")
    outcomes = Counter()
    for seed in range(SEEDS):
        done, stored = await play(agent, scenario, user="subscription", judge="subscription", seed=seed)
        check = done.verdict.checks[0]
        text = " ".join(m.text or "" for m in stored if isinstance(m, AgentMessage))
        both = "months" in text and "I have cancelled your subscription" in text
        assert check.finding is (Finding.MET if both else Finding.NOT_MET)
        assert "Made up" not in check.reason
        assert "John Doe" in text or "right" in text
        outcomes[done.outcome] += 1
    assert outcomes[Outcome.PASSED] > outcomes[Outcome.FAILED] > 0


@pytest.mark.parametrize("name", ["subscription", "polite"])
async def test_any_other_test_case_plays_through_and_says_that_its_verdict_is_made_up(name):
    scenario = Scenario(
        id="x",
        name="Shoes",
        instructions=Instructions(task="You want to return a pair of shoes."),
        expect=Expectations(assertions=("The agent names the address.", "The agent is polite.")),
    )
    done, stored = await play(replace(AGENT, model=name), scenario, user=name, judge=name)
    assert (done.outcome, done.termination, len(stored)) == (Outcome.PASSED, Termination.USER_STOP, 7)
    assert all("without having weighed it" in check.reason for check in done.verdict.checks)


async def test_the_demo_plays_over_the_wire_as_well(suite):
    app = create_app(scripted_model("airline").script)
    async with running(app) as base_url:
        catalogue = Catalogue([openai(base_url=base_url)], clock=SystemClock())
        try:
            for scenario in suite.scenarios:
                done, _ = await play(
                    replace(suite.agent, model="openai:agent"),
                    scenario,
                    user="openai:user",
                    judge="openai:judge",
                    models=catalogue,
                )
                assert done.outcome in (Outcome.PASSED, Outcome.FAILED), scenario.name
                assert done.termination is Termination.USER_STOP
        finally:
            await catalogue.close()
