"""The check for agents of one's own."""

import asyncio

import pytest

from sparring.domain.errors import AgentFault
from sparring.domain.transcript import AgentMessage, ToolCall, ToolResult, UserMessage
from sparring.testing import Lines, agent_says, check_agent, user_says


class Agent:
    """An agent whose reply is made by a function."""

    def __init__(self, made):
        self.made = made

    async def reply(self, transcript):
        return self.made(transcript)


async def test_an_agent_that_keeps_to_the_port_is_told_what_was_checked():
    def made(transcript):
        if isinstance(transcript[-1], UserMessage):
            return [agent_says(None, look={"id": 1})]
        return [agent_says("Nothing there.")]

    checked = await check_agent(lambda: Agent(made))
    assert [sentence.split(" ", 2)[1] for sentence in checked] == [
        "answers",
        "gives",
        "messages",
        "goes",
        "goes",
        "holds",
    ]
    assert "restart" in checked[4]


async def test_a_class_makes_an_adapter_for_each_conversation():
    class Echo:
        async def reply(self, transcript):
            return [agent_says(f"You said {transcript[-1].text}")]

    assert "holds two conversations" in (await check_agent(Echo))[-1]


async def test_an_adapter_itself_is_checked_in_one_conversation():
    assert len(await check_agent(Lines([agent_says("Hi!")] * 3))) == 4


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (lambda _: [], "gave no message"),
        (lambda _: "Hello", "must be a list of messages, not str"),
        (lambda _: [AgentMessage(text=" ")], "neither text nor a tool call"),
        (lambda _: [user_says("Hi")], "gave a UserMessage"),
        (lambda _: [ToolResult(call_id="1", name="x", text="")], "no call is waiting"),
        (lambda _: [agent_says(None, look={"id": {1}})], "'look' are no JSON"),
        (lambda _: [AgentMessage(text=None, calls=(ToolCall(id="", name="x"),))], "needs an id of its own"),
        (lambda _: [agent_says(None, look={})], "20 times in a row"),
        (lambda transcript: transcript.extend([user_says("!")]) or [agent_says("Hi")], "changed the transcript"),
        (lambda _: 1 / 0, "raised ZeroDivisionError: division by zero. An adapter raises AgentFault"),
        (lambda _: (_ for _ in ()).throw(AgentFault("The line is dead.")), "The line is dead."),
    ],
)
async def test_what_breaks_the_port_is_told_in_a_sentence(made, told):
    with pytest.raises(AssertionError, match=told):
        await check_agent(
            Agent(lambda transcript: list(made(transcript)) if told == "The line is dead." else made(transcript))
        )


async def test_a_slow_agent_and_one_that_is_not_async_are_told():
    class Slow:
        async def reply(self, transcript):
            await asyncio.Event().wait()

    class Sync:
        def reply(self, transcript):
            return [agent_says("Hi")]

    with pytest.raises(AssertionError, match=r"within 0\.01 s"):
        await check_agent(Slow(), timeout=0.01)
    with pytest.raises(AssertionError, match="must be an async method"):
        await check_agent(Sync())
