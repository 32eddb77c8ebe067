"""A scenario of a chat: what was asked for, what the tools said, and what is expected of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sparring.domain.agent import Agent
from sparring.domain.chat import Talk
from sparring.domain.recounting import recounted
from sparring.domain.scenario import Expectations, ExpectedAction, Scenario
from sparring.domain.transcript import AgentMessage, Message, Transcript

_QUOTED = 500
"""Characters of the agent's last words that are expected where nobody says better what is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a model makes of a conversation."""

    task: str
    """What the user wants and does."""
    known: str | None = None
    """The facts that the user gave."""
    assertions: tuple[str, ...] = ()
    """What a good agent does in such a conversation."""


def retold(talk: Talk, draft: Draft | None, *, id: str, now: float) -> Scenario:
    """The scenario of a chat. What the agent changed with success is expected again.

    Args:
        draft: what else is expected, and the task; without one both are in the words of the chat.
    """
    chat = talk.chat
    transcript = Transcript(talk.messages[chat.history :])
    scenario = recounted(transcript, variables=chat.variables)
    if (setting := chat.setting) is not None:
        scenario = replace(scenario, mocks={**scenario.mocks, **setting.mocks}, state=setting.state)
    told = scenario.instructions
    if draft is not None:
        told = replace(told, task=draft.task, known=draft.known)
    expected = draft.assertions if draft is not None else _closing(transcript.messages)
    return replace(
        scenario,
        id=id,
        workspace=chat.workspace,
        agent_id=chat.agent.id,
        instructions=told,
        expect=Expectations(assertions=expected, actions=_writes(transcript, chat.agent)),
        created_at=now,
        updated_at=now,
    )


def _closing(messages: Sequence[Message]) -> tuple[str, ...]:
    said = [message.text for message in messages if isinstance(message, AgentMessage) and message.text]
    if not said:
        return ()
    closing = " ".join(said[-1].split())[:_QUOTED]
    return (f"The agent comes to what it said in the chat that this was made of: {closing}",)


def _writes(transcript: Transcript, agent: Agent) -> tuple[ExpectedAction, ...]:
    results = transcript.results()
    expected = []
    for index, message in enumerate(transcript):
        calls = message.calls if isinstance(message, AgentMessage) else ()
        for position, call in enumerate(calls):
            tool, answered = agent.tool(call.name), results.get((index, position))
            if tool is not None and tool.writes and answered is not None and not answered[1].is_error:
                expected.append(ExpectedAction(name=call.name, arguments=dict(call.arguments)))
    return tuple(expected)
