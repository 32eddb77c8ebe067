"""A crash after any message changes nothing, whatever the two sides say and do."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.domain import chance
from sparring.domain.agent import Agent, Tool, ToolKind
from sparring.domain.matching import Matcher
from sparring.domain.mocks import Answer, Rule, ToolMock
from sparring.domain.outcomes import Termination
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Limits
from sparring.domain.transcript import (
    AgentMessage,
    Side,
    SystemMessage,
    ToolCall,
    ToolResult,
    Transcript,
    UserMessage,
)
from sparring.domain.turns import END_TOOL
from sparring.simulation import trial as trials
from sparring.testing import FrozenClock

MOCKS = {
    "look": ToolMock(
        rules=(Rule(when={"id": Matcher(equal=1)}, answer=Answer(value="one {{arguments.id}}"), times=1),),
        sequence=(Answer(value="first"), Answer(value="second", is_error=True)),
        otherwise=Answer(value={"left": "{{name}}"}),
    ),
    "fail": ToolMock(otherwise=Answer(value="no", is_error=True)),
}
AGENT = Agent(
    id="a", workspace="w", name="a", greeting="Hi {{name}}!", tools=(Tool(name="hang_up", kind=ToolKind.END),)
)


class Journal:
    """A journal that knows where its appends begin."""

    def __init__(self, stored=()):
        self.stored = list(stored)
        self.starts = []

    async def load(self):
        return list(self.stored)

    async def append(self, position, messages):
        assert position == len(self.stored)
        self.starts.append(position)
        self.stored.extend(messages)


class Whim:
    """Either side, by whim: what it says follows from a seed and the length of the conversation so far."""

    def __init__(self, seed):
        self.seed = seed
        self.asked = []

    async def speak(self, transcript):
        self.asked.append(len(transcript))
        dice = self._dice(transcript, "user")
        if dice < 0.06:
            return UserMessage(text="Bye. ###STOP###")
        if dice < 0.12:
            return UserMessage(text=None, calls=self._calls(transcript, [END_TOOL, "look"]))
        if dice < 0.25:
            return UserMessage(text="Wait.", calls=self._calls(transcript, ["look", "unknown"]))
        return UserMessage(text=f"Line {len(transcript)} \0")

    async def reply(self, transcript):
        self.asked.append(len(transcript))
        dice = self._dice(transcript, "agent")
        if dice < 0.05:
            return (AgentMessage(text="Bye.", calls=self._calls(transcript, ["hang_up", "look"])),)
        if dice < 0.6:
            return (
                AgentMessage(
                    text=None, calls=self._calls(transcript, ["look", "look", "look", "fail", "unknown"])
                ),
            )
        if dice < 0.7:
            call = ToolCall(id="own", name="own")
            result = ToolResult(call_id="own", name="own", text="done", source="agent")
            return (AgentMessage(text=None, calls=(call,)), result, AgentMessage(text="Did it myself."))
        return (AgentMessage(text=f"Line {len(transcript)}"),)

    def _dice(self, transcript, *parts):
        return chance.fraction(self.seed, len(transcript), *parts)

    def _calls(self, transcript, names):
        count = 1 + chance.derive(self.seed, len(transcript), "count") % 3
        return tuple(
            ToolCall(
                id="" if self.seed % 2 else f"{len(transcript)}.{n}",
                name=names[chance.derive(self.seed, len(transcript), "name", n) % len(names)],
                arguments={"id": n},
                malformed="{" if chance.fraction(self.seed, len(transcript), "malformed", n) < 0.1 else None,
            )
            for n in range(count)
        )


HISTORIES = st.sampled_from(
    [
        (),
        (SystemMessage(text="Friday."),),
        (UserMessage(text="Hello."),),
        (AgentMessage(text=None, calls=(ToolCall(id="h", name="look"), ToolCall(id="i", name="fail"))),),
        (UserMessage(text="Bye. ###STOP###"), AgentMessage(text="No, wait!")),
    ]
)
STAGES = st.builds(
    lambda history, greets, max_steps, max_errors: trials.set_stage(
        AGENT if greets else replace(AGENT, greeting=None),
        Scenario(id="s", name="s", mocks=MOCKS, variables={"name": "Bo"}, history=history),
        Limits(max_steps=max_steps, max_errors=max_errors),
    ),
    HISTORIES,
    st.booleans(),
    st.integers(1, 60),
    st.integers(1, 12),
)
SEEDS = st.integers(0, 10**6)


@pytest.fixture(scope="module")
def loop():
    with asyncio.Runner() as runner:
        yield runner


async def converse(stage, seed, stored=()):
    user, agent, journal = Whim(seed), Whim(seed), Journal(stored)
    transcript, reason = await trials.converse(stage, user=user, agent=agent, journal=journal, clock=FrozenClock())
    assert list(transcript) == journal.stored
    return journal, reason, sorted(user.asked + agent.asked)


@given(STAGES, SEEDS)
def test_a_crash_after_any_message_changes_nothing(loop, stage, seed):
    whole, reason, asked = loop.run(converse(stage, seed))
    assert len(asked) == len(set(asked))
    for stored in [*whole.starts, len(whole.stored)]:
        again, reason_again, asked_again = loop.run(converse(stage, seed, whole.stored[:stored]))
        assert again.stored == whole.stored
        assert reason_again is reason
        assert asked_again == [position for position in asked if position >= stored]


@given(STAGES, SEEDS)
def test_every_tool_call_is_answered_once_and_in_order(loop, stage, seed):
    journal, reason, _ = loop.run(converse(stage, seed))
    waiting = []
    for message in journal.stored:
        match message:
            case UserMessage() | AgentMessage():
                assert waiting == []
                side = Side.USER if isinstance(message, UserMessage) else Side.AGENT
                waiting = [(call.id, call.name, side) for call in message.calls]
            case ToolResult():
                assert waiting.pop(0) == (message.call_id, message.name, message.side)
    assert all((name, side) == (END_TOOL, Side.USER) for _, name, side in waiting)
    assert not waiting or reason is Termination.USER_STOP


@given(STAGES, SEEDS)
def test_a_limit_ends_a_conversation_exactly_where_it_is_reached(loop, stage, seed):
    journal, reason, _ = loop.run(converse(stage, seed))
    rules, history = stage.rules, len(stage.history)
    for end in journal.starts:
        before = Transcript(journal.stored[:end], history=history)
        if before.pending is None and end > history:
            assert before.steps < rules.max_steps
            assert before.errors_in_a_row < rules.max_errors
    whole = Transcript(journal.stored, history=history)
    if reason is Termination.MAX_STEPS:
        assert whole.steps >= rules.max_steps
    if reason is Termination.TOO_MANY_ERRORS:
        assert whole.errors_in_a_row >= rules.max_errors


@given(STAGES, SEEDS)
def test_nothing_is_stored_that_a_database_refuses(loop, stage, seed):
    journal, _, _ = loop.run(converse(stage, seed))
    assert not any("\0" in str(message.text) for message in journal.stored)
    assert all(message.at is not None for message in journal.stored[len(stage.history) :])
