"""Whether an agent's adapter keeps to the port: a check for adapters of one's own."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Sequence
from typing import Any

from sparring.domain import turns
from sparring.domain.errors import SparringError
from sparring.domain.transcript import AgentMessage, Message, ToolCall, ToolResult, Transcript, UserMessage
from sparring.simulation.ports import AgentUnderTest

SAID = ("Hello.", "Can you tell me what you can do?")
_ROUNDS = 20

MakeAgent = Callable[[], AgentUnderTest]


async def check_agent(
    agent: AgentUnderTest | MakeAgent, *, messages: Sequence[str] = SAID, timeout: float = 60.0
) -> list[str]:
    """Talk to an agent as a trial does, and look at all that it answers.

    Tool calls that it leaves unanswered get an error as their result, after which it must go on.

    Args:
        agent: an adapter; better what makes a fresh one, as each trial has its own.
        messages: what is said to it, one after the other; at least one.
        timeout: seconds for each reply.

    Returns:
        What was checked, a sentence each.

    Raises:
        AssertionError: it does not keep to the port; the message says how.
    """
    assert messages, "check_agent needs at least one message to say to the agent."
    make = _maker(agent)
    first, transcript = make(), Transcript()
    for text in messages:
        await _exchange(first, transcript, text, timeout)
    checked = [
        f"It answers {len(messages)} messages in a row, each within {timeout:g} s.",
        "It gives messages of its own only, each with a text or a call, and results in the order of its calls.",
        "Its messages can be stored as JSON, and it leaves the transcript as it is.",
    ]
    if any(isinstance(message, ToolResult) for message in transcript):
        checked.append("It goes on after the results of its tool calls.")
    later = Transcript(transcript.messages)
    await _exchange(make(), later, messages[-1], timeout)
    checked.append("It goes on in a conversation that it has not seen before, as after a restart.")
    if _makes(agent):
        one, other = Transcript(), Transcript()
        async with asyncio.TaskGroup() as group:
            group.create_task(_exchange(make(), one, messages[0], timeout))
            group.create_task(_exchange(make(), other, messages[0], timeout))
        checked.append("It holds two conversations at once.")
    return checked


def _makes(agent: Any) -> bool:
    """Whether it makes adapters, as a class does, and is none itself."""
    return inspect.isclass(agent) or not hasattr(agent, "reply")


def _maker(agent: Any) -> MakeAgent:
    if _makes(agent):
        make: MakeAgent = agent
        return make
    return lambda: agent


async def _exchange(agent: AgentUnderTest, transcript: Transcript, text: str, timeout: float) -> None:
    """One message to the agent, and all that it does until it has spoken."""
    transcript.extend([UserMessage(text=text)])
    for _ in range(_ROUNDS):
        transcript.extend(await _reply(agent, transcript, timeout))
        while transcript.pending is not None:
            call, side = transcript.pending
            told = f"There is no tool {call.name!r} in this check."
            transcript.extend([ToolResult(call_id=call.id, name=call.name, text=told, is_error=True, side=side)])
        last = transcript.last_spoken
        if isinstance(last, AgentMessage) and not last.calls:
            return
    raise AssertionError(f"The agent called tools {_ROUNDS} times in a row without saying anything to {text!r}.")


async def _reply(agent: AgentUnderTest, transcript: Transcript, timeout: float) -> Sequence[Message]:
    before = tuple(transcript.messages)
    asked = agent.reply(transcript)
    assert inspect.isawaitable(asked), (
        "The agent's reply must be an async method: `async def reply(self, transcript)`."
    )
    try:
        said: Any = await asyncio.wait_for(asked, timeout)
    except TimeoutError:
        raise AssertionError(f"The agent gave no reply within {timeout:g} s.") from None
    except SparringError as error:
        raise AssertionError(f"The agent failed: {error}") from error
    except Exception as error:
        raise AssertionError(
            f"The agent raised {type(error).__name__}: {error}. An adapter raises AgentFault for what goes wrong "
            "on the agent's side."
        ) from error
    assert tuple(transcript.messages) == before, "The agent changed the transcript that it was given."
    assert isinstance(said, Sequence) and not isinstance(said, str), (
        f"The agent's reply must be a list of messages, not {type(said).__name__}."
    )
    flaw = turns.flaw(said, transcript)
    assert flaw is None, f"The agent {flaw}."
    messages: Sequence[Message] = said
    for message in messages:
        if isinstance(message, AgentMessage):
            _check_calls(message.calls)
    return messages


def _check_calls(calls: Sequence[ToolCall]) -> None:
    ids = [call.id for call in calls]
    assert all(ids) and len(set(ids)) == len(ids), (
        f"Each call of a message needs an id of its own; these came: {ids}."
    )
    for call in calls:
        try:
            json.dumps(dict(call.arguments))
        except (TypeError, ValueError) as error:
            raise AssertionError(f"The arguments of {call.name!r} are no JSON: {error}.") from None
