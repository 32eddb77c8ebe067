"""What a request to an agent may be put together of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparring.adapters.players.callable_agent import AgentContext
from sparring.adapters.players.chat_messages import to_history
from sparring.domain.transcript import AgentMessage, Transcript, UserMessage

SESSION = "session"


def scope(context: AgentContext, transcript: Transcript) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Where placeholders are looked up: the names of `OF_CONVERSATION`, then the scenario's variables."""
    own = {
        "message": latest(transcript),
        "history": to_history(transcript),
        "conversation": context.conversation,
        "session": session_of(transcript),
        "mocks_url": context.mocks_url,
        "scenario": context.scenario,
        "trial": context.trial,
        "seed": context.seed,
    }
    return own, context.variables


def latest(transcript: Transcript) -> str:
    """What the user has said since the agent last spoke; empty where the agent opens."""
    said: list[str] = []
    for message in reversed(transcript.messages):
        if isinstance(message, AgentMessage):
            break
        if isinstance(message, UserMessage) and message.text:
            said.append(message.text)
    return "\n\n".join(reversed(said))


def session_of(transcript: Transcript) -> Any:
    """What the agent named as its session, or None; it is journalled with its messages."""
    for message in reversed(transcript.messages):
        if isinstance(message, AgentMessage) and message.generation is not None:
            opaque = message.generation.opaque
            if opaque is not None and SESSION in opaque:
                return opaque[SESSION]
    return None
