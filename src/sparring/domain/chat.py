"""A conversation of an agent with a person, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sparring.domain.agent import Agent
from sparring.domain.mocks import ToolMock
from sparring.domain.transcript import Message


class ChatStatus(StrEnum):
    """How a chat stands."""

    IN_PROGRESS = "in_progress"
    ENDED = "ended"
    ERROR = "error"
    """The agent could not answer the last message; the next one is answered together with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The world of a scenario, in which a person takes the simulated user's place."""

    scenario: str
    """The id."""
    name: str
    """The scenario's."""
    mocks: Mapping[str, ToolMock] = field(default_factory=dict)
    """They win over the agent's own, and over addresses that a chat would really call."""
    state: Mapping[str, Any] = field(default_factory=dict)
    """As the chat begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A conversation with a person in the user's place. What was said is in its journal."""

    id: str
    workspace: str
    agent: Agent
    """As it was when it last had something to do here."""
    variables: Mapping[str, Any] = field(default_factory=dict)
    """They fill the agent's texts anew at each turn."""
    setting: Setting | None = None
    """None: tools are answered by the agent's own mocks."""
    previous: str | None = None
    """The chat, or the trial, whose messages the agent has as context."""
    history: int = 0
    """How many of the first messages in the journal are those."""
    status: ChatStatus = ChatStatus.IN_PROGRESS
    error: str | None = None
    """Why the last message has no answer."""
    alias: str | None = None
    created_at: float = 0.0
    updated_at: float = 0.0
    ended_at: float | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """A chat and all its messages."""

    chat: Chat
    messages: Sequence[Message]
