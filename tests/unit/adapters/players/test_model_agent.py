"""The agent under test by its model."""

from dataclasses import replace

import pytest

from sparring.adapters.players.model_agent import ModelAgent
from sparring.adapters.players.perspective import BEGINNING
from sparring.domain.agent import Agent, Tool
from sparring.domain.errors import ModelFault
from sparring.domain.outcomes import Role
from sparring.domain.scenario import Direction, Medium, Scenario
from sparring.domain.transcript import SystemMessage, ToolCall, ToolResult, Transcript
from sparring.simulation.ports import Occasion
from sparring.testing import FakeModel, FrozenClock, agent_says, user_says

AGENT = Agent(
    id="a",
    workspace="w",
    name="Airline",
    instructions="You are an airline's agent.",
    temperature=0.3,
    top_p=0.9,
    tools=(Tool(name="find"),),
)
SCENARIO = Scenario(id="s", name="Refund", persona="A hasty person.")
OCCASION = Occasion(role=Role.AGENT, scenario="Refund")


def agent_of(model, agent=AGENT, scenario=SCENARIO):
    return ModelAgent(agent, scenario, model=model, clock=FrozenClock(7.0), occasion=OCCASION)


async def test_it_answers_by_its_model_with_the_authors_prompt_and_nothing_else():
    model = FakeModel(["Hello."])
    (said,) = await agent_of(model).reply(Transcript([user_says("Hi")]))
    assert (said.text, said.calls, said.at, said.generation.model) == ("Hello.", (), 7.0, "fake:model")
    (request,) = model.requests
    assert request.system == "You are an airline's agent."
    assert [(prompt.role, prompt.text) for prompt in request.messages] == [("user", "Hi")]
    assert (request.tools, request.temperature, request.top_p) == (AGENT.tools, 0.3, 0.9)
    assert (request.schema, request.occasion) == (None, OCCASION)


async def test_its_calls_and_their_results_come_back_to_it():
    call = ToolCall(id="c1", name="find", arguments={"id": "X"})
    model = FakeModel([call, "Found."])
    agent, transcript = agent_of(model), Transcript([user_says("Find X.")])
    transcript.extend(await agent.reply(transcript))
    transcript.extend([ToolResult(call_id="c1", name="find", text="X is here")])
    await agent.reply(transcript)
    first, second = model.requests
    assert [(p.role, p.text, p.calls) for p in second.messages] == [
        ("user", "Find X.", ()),
        ("assistant", None, (call,)),
        ("tool", "X is here", ()),
    ]
    assert second.messages[0] is first.messages[0]
    assert second.system is first.system


async def test_it_is_told_to_speak_first_where_it_opens():
    model = FakeModel(["Hello, this is the airline."])
    await agent_of(model).reply(Transcript())
    assert [prompt.text for prompt in model.requests[0].messages] == [BEGINNING]


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"medium": Medium.TELEPHONY}, ["telephone call", "numbers", "has contacted you"]),
        ({"medium": Medium.SMS, "direction": Direction.OUTBOUND}, ["SMS", "You have contacted"]),
        ({"direction": Direction.OUTBOUND}, ["You have contacted"]),
    ],
)
async def test_it_is_told_where_it_is_only_where_that_is_no_chat_that_the_other_side_began(setting, words):
    model = FakeModel(["Hello."])
    await agent_of(model, scenario=replace(SCENARIO, **setting)).reply(Transcript([user_says("Hi")]))
    system = model.requests[0].system
    assert system.startswith("You are an airline's agent.\n\n")
    assert all(word in system for word in words)


async def test_system_messages_of_the_history_follow_its_prompt():
    model = FakeModel(["Hello."])
    history = [SystemMessage(text="The customer is known."), agent_says("Hi!"), user_says("Hello?")]
    await agent_of(model).reply(Transcript(history, history=3))
    assert model.requests[0].system == "You are an airline's agent.\n\nThe customer is known."


@pytest.mark.parametrize("nothing", ["", " \n"])
async def test_an_answer_with_neither_words_nor_calls_is_a_fault_of_the_model(nothing):
    with pytest.raises(ModelFault, match="The agent's model 'fake:model'") as caught:
        await agent_of(FakeModel([nothing])).reply(Transcript([user_says("Hi")]))
    assert (caught.value.reason, caught.value.retryable) == ("empty", True)


async def test_nothing_about_the_user_reaches_it():
    model = FakeModel(["Hello."])
    await agent_of(model).reply(Transcript([user_says("Hi")]))
    assert "hasty" not in model.requests[0].system


class Streaming(FakeModel):
    """Tells its replies letter by letter."""

    async def stream(self, request, on_text):
        reply = await self.complete(request)
        for letter in reply.text:
            on_text(letter)
        return reply


@pytest.mark.parametrize(("kind", "pieces"), [(Streaming, ["H", "i"]), (FakeModel, [])])
async def test_a_model_that_can_stream_does_where_somebody_follows(kind, pieces):
    told = []
    agent = ModelAgent(
        AGENT, SCENARIO, model=kind(["Hi"]), clock=FrozenClock(), occasion=OCCASION, on_text=told.append
    )
    (said,) = await agent.reply(Transcript([user_says("Hello")]))
    assert (said.text, told) == ("Hi", pieces)
