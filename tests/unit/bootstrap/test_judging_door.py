"""What judging comes to before it is done, and whose expectations it takes."""

import pytest

from sparring.bootstrap.judging import by_scenario, open_court
from sparring.domain.agent import Agent
from sparring.domain.errors import InvalidInput
from sparring.domain.scenario import Expectations, Scenario
from sparring.domain.simulation import Models, Simulation
from sparring.domain.transcript import AgentMessage, ToolCall, UserMessage
from sparring.settings import Settings
from sparring.simulation.reviewing import Conversation

KIND = Expectations(assertions=("It is kind.",))
SIMULATION = Simulation(
    id="s",
    workspace="w",
    agent=Agent(id="a", workspace="w", name="A"),
    scenarios=(Scenario(id="1", name="One"), Scenario(id="2", name="Two")),
    models=Models(user="u", judge="j"),
)


def conversation(words):
    call = ToolCall(id="c", name="look", arguments={"order": "A1"})
    return Conversation(id="x", messages=(UserMessage(text=words), AgentMessage(text=None, calls=(call,))))


def court(**how):
    settings = Settings(_env_file=None, openai_api_key="k")
    return open_court(settings, how.get("model", "openai:gpt-4o"), how.get("votes", 1))


async def test_the_price_grows_with_conversations_their_length_and_votes():
    async with court() as one, court(votes=3) as three:
        price = one.price([conversation("Hi.")], KIND)
        assert (price.judgements, 0 < price.dollars < 0.05) == (1, True)
        assert one.price([conversation("Hi." * 9999)], KIND).dollars > 5 * price.dollars
        assert one.price([conversation("Hi.")] * 4, KIND).dollars == pytest.approx(4 * price.dollars, rel=0.01)
        assert three.price([conversation("Hi.")], KIND).dollars == pytest.approx(3 * price.dollars, rel=0.01)
        assert three.price([conversation("Hi.")], KIND).judgements == 3


async def test_where_there_is_no_assertion_no_judge_is_asked_and_it_costs_nothing():
    async with court() as one:
        price = one.price([conversation("Hi.")], Expectations())
    assert (price.judgements, price.dollars) == (0, 0.0)


async def test_a_judge_that_cannot_be_reached_is_told_before_anything_is_judged():
    with pytest.raises(InvalidInput, match="ANTHROPIC_API_KEY"):
        async with court(model="anthropic:claude-sonnet-4-5-20250929"):
            pass


def test_a_list_goes_for_every_scenario_and_a_suite_for_those_of_its_names():
    assert by_scenario(None, SIMULATION) == {}
    assert by_scenario(KIND, SIMULATION) == {"1": KIND, "2": KIND}
    assert by_scenario({"Two": KIND, "Three": Expectations()}, SIMULATION) == {"2": KIND}
    with pytest.raises(InvalidInput, match="none of the scenarios of this simulation: One; Two"):
        by_scenario({"Three": KIND}, SIMULATION)
