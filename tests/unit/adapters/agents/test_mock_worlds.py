"""The mocks of a trial, served to an agent that runs its own tools."""

import socket

import aiohttp
import pytest
from agent_servers import CONTEXT

from sparring.adapters.agents.mock_worlds import MockWorlds
from sparring.adapters.agents.visiting import VisitingAgent
from sparring.domain.agent import Agent, Tool, ToolKind
from sparring.domain.endpoints import HttpEndpoint, ReplyLimits
from sparring.domain.errors import InvalidInput, NotConfigured, ScenarioFault
from sparring.domain.mocks import Answer, Changes, ToolMock
from sparring.domain.scenario import Instructions, Scenario
from sparring.domain.simulation import Limits
from sparring.domain.transcript import AgentMessage, ToolResult, Transcript
from sparring.domain.turns import flaw
from sparring.simulation.trial import set_stage
from sparring.testing import FrozenClock, agent_says, user_says

AGENT = Agent(
    id="a",
    workspace="w",
    name="Shop",
    endpoint=HttpEndpoint(url="http://x"),
    tools=(Tool(name="find"), Tool(name="hang_up", kind=ToolKind.END)),
)
SCENARIO = Scenario(
    name="Orders",
    instructions=Instructions(),
    state={"orders": []},
    mocks={
        "find": ToolMock(sequence=(Answer(value={"n": 1}), Answer(value="gone", is_error=True))),
        "order": ToolMock(
            otherwise=Answer(value="{{state.orders}}", changes=Changes(append={"orders": "{{arguments.item}}"}))
        ),
        "slow": ToolMock(otherwise=Answer(value=True, delay_ms=1500)),
        "broken": ToolMock(otherwise=Answer(value=1, changes=Changes(append={"orders.x.y": 1}))),
    },
)


class Caller:
    """An agent whose reply calls the tools that it is told to; keeps the answers."""

    def __init__(self, context, calls):
        self.url = context.mocks_url
        self.calls = calls
        self.answers = []

    async def reply(self, transcript):
        for tool, arguments in self.calls.pop(0):
            self.answers.append(await post(f"{self.url}/{tool}", arguments))
        return [agent_says("Done.")]


async def post(url, arguments):
    async with aiohttp.ClientSession() as session:
        body = {"data": arguments} if isinstance(arguments, str) else {"json": arguments}
        async with session.post(url, **body) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def worlds():
    served = MockWorlds(FrozenClock(7.0))
    yield served
    await served.close()


def visitor(worlds, *calls, limits=None):
    made = []

    def make(context):
        made.append(Caller(context, list(calls)))
        return made[0]

    agent = VisitingAgent(make, CONTEXT, set_stage(AGENT, SCENARIO, Limits()), limits or ReplyLimits(), worlds)
    return agent, made


async def talked(agent, transcript, text="Hi"):
    transcript.extend([user_says(text)])
    said = await agent.reply(transcript)
    assert flaw(said, transcript) is None
    transcript.extend(said)
    return said


async def test_calls_are_answered_by_the_rules_in_sequence_and_stand_before_what_is_said(worlds):
    agent, made = visitor(worlds, [("find", {"id": 1}), ("find", {})], [("find", {})])
    transcript = Transcript()
    said = await talked(agent, transcript)
    assert made[0].answers == [(200, {"n": 1}), (422, {"error": "gone"})]
    assert [type(message).__name__ for message in said] == [*["AgentMessage", "ToolResult"] * 2, "AgentMessage"]
    assert said[0].calls[0].arguments == {"id": 1}
    assert [m.source for m in said if isinstance(m, ToolResult)] == ["sequence 1", "sequence 2"]
    await talked(agent, transcript)
    status, told = made[0].answers[-1]
    assert (status, told) == (422, {"error": "No mock is defined for this call of 'find'."})
    assert transcript[-2].source == "unmocked"
    assert len({call.id for _, call, _ in transcript.calls()}) == 3


async def test_the_world_is_the_trials_own_and_goes_on_from_turn_to_turn(worlds):
    one, ones = visitor(worlds, [("order", {"item": "a"})], [("order", {"item": "b"})])
    other, others = visitor(worlds, [("order", {"item": "z"})])
    transcript = Transcript()
    await talked(one, transcript)
    await talked(other, Transcript())
    await talked(one, transcript)
    assert ones[0].answers == [(200, ["a"]), (200, ["a", "b"])]
    assert others[0].answers == [(200, ["z"])]


async def test_a_trial_that_goes_on_after_a_crash_finds_its_world_as_it_was(worlds):
    agent, _ = visitor(worlds, [("order", {"item": "a"})])
    transcript = Transcript()
    await talked(agent, transcript)
    again, made = visitor(worlds, [("order", {"item": "b"})])
    await talked(again, Transcript(transcript.messages))
    assert made[0].answers == [(200, ["a", "b"])]


async def test_arguments_that_are_no_object_fail_as_those_of_a_model_do(worlds):
    agent, made = visitor(worlds, [("find", "[1"), ("find", "")])
    said = await talked(agent, Transcript())
    assert made[0].answers[0][0] == 422
    assert said[0].calls[0].malformed == "[1"
    assert said[2].calls[0].arguments == {}


async def test_arguments_that_are_too_large_are_no_call(worlds):
    agent, made = visitor(worlds, [("find", {"id": "x" * 1_000_001})])
    said = await talked(agent, Transcript())
    told = "The arguments are larger than 1,000,000 bytes, which is the most that is taken."
    assert made[0].answers == [(413, {"error": told})]
    assert [message.text for message in said] == ["Done."]


async def test_a_call_that_ends_the_conversation_goes_with_the_last_words(worlds):
    agent, _ = visitor(worlds, [("hang_up", {}), ("find", {})])
    said = await talked(agent, Transcript())
    assert [call.name for m in said if isinstance(m, AgentMessage) for call in m.calls] == ["find", "hang_up"]
    assert (said[-2].text, said[-1].source) == ("Done.", "end")


async def test_a_call_between_turns_stands_at_the_beginning_of_the_next_reply(worlds):
    agent, made = visitor(worlds, [], [("order", {"item": "b"})])
    transcript = Transcript()
    await talked(agent, transcript)
    assert await post(f"{made[0].url}/order", {"item": "a"}) == (200, ["a"])
    said = await talked(agent, transcript)
    assert [m.calls[0].arguments for m in said if isinstance(m, AgentMessage) and m.calls] == [
        {"item": "a"},
        {"item": "b"},
    ]
    assert made[0].answers == [(200, ["a", "b"])]


async def test_an_address_cannot_be_guessed_and_dies_with_the_trial(worlds):
    agent, made = visitor(worlds, [])
    await talked(agent, Transcript())
    url = made[0].url
    assert len(url.rpartition("/")[2]) == 40
    assert (await post(f"{url[:-1]}x/find", {}))[0] == 404
    agent.leave()
    status, told = await post(f"{url}/find", {})
    assert (status, told) == (404, {"error": "No trial is played at this address, or no longer."})
    assert (await post(url, {}))[0] == 404


async def test_delays_are_waited_for_and_calls_are_counted(worlds):
    agent, made = visitor(worlds, [("slow", {})] * 3, limits=ReplyLimits(max_calls=2))
    await talked(agent, Transcript())
    assert [status for status, _ in made[0].answers] == [200, 200, 429]


async def test_a_mock_that_cannot_do_what_it_says_is_the_scenarios_fault(worlds):
    agent, made = visitor(worlds, [("broken", {})])
    with pytest.raises(ScenarioFault, match="cannot change the state"):
        await talked(agent, Transcript())
    assert made[0].answers[0][0] == 500


@pytest.mark.parametrize(
    ("where", "what"),
    [
        ({"host": "0.0.0.0", "port": 9000}, "SPARRING_MOCKS_URL"),
        ({"host": "::", "port": 9000}, "SPARRING_MOCKS_URL"),
        ({"url": "http://test-machine:9000"}, "SPARRING_MOCKS_PORT"),
    ],
)
def test_mocks_that_agents_could_not_be_told_of_are_refused_before_anything_is_played(where, what):
    with pytest.raises(NotConfigured, match=f"Set {what}"):
        MockWorlds(FrozenClock(), **where)


async def test_agents_are_told_the_address_that_leads_here_from_where_they_are():
    port = free_port()
    served = MockWorlds(FrozenClock(), host="0.0.0.0", port=port, url=f"http://localhost:{port}/")
    try:
        room = await served.open(set_stage(AGENT, SCENARIO, Limits()))
        assert room.url.startswith(f"http://localhost:{port}/mocks/")
        assert await post(f"{room.url}/find", {}) == (200, {"n": 1})
        with pytest.raises(InvalidInput, match=f"cannot be served on 127.0.0.1:{port}: .* port of its own"):
            await MockWorlds(FrozenClock(), port=port).open(set_stage(AGENT, SCENARIO, Limits()))
    finally:
        await served.close()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
