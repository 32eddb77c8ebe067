"""The shapes of chats and webhooks on this wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field, field_validator
from typing_extensions import TypedDict

from sparring.dialects.fields import choice, text
from sparring.dialects.sigmamind.wire import (
    AgentSummary,
    Chat,
    ChatItem,
    VariableName,
    WireRequest,
    Wrapper,
    left_out,
)

MAX_INPUT = 20_480
MAX_VARIABLES = 200
STATUSES = ("in_progress", "ended", "error")
EVENTS = ("conversation_started", "conversation_ended", "conversation_analysed", "batch_completed", "batch_failed")
OLD_EVENT = "conversation_analyzed"

Input = Annotated[str, *text(1, MAX_INPUT)]
ChatName = Annotated[str, *text(1, 128)]
AgentName = Annotated[str, *text(1, 64)]
Variables = Annotated[dict[VariableName, Any], Field(max_length=MAX_VARIABLES)]
ChatStatus = Annotated[str, *choice(*STATUSES, "in-progress")]
EventName = Annotated[str, *choice(*EVENTS, OLD_EVENT)]


class CreateChat(WireRequest):
    """A chat to begin."""

    agent_id: AgentName
    """The agent that answers."""
    input: Input
    """The first message."""
    dynamic_variables: Variables | None = None
    """They fill the `{{variables}}` of the agent's texts and tools."""
    previous_chat_id: ChatName | None = None
    """An earlier chat whose messages the agent has as context."""


class SendMessage(WireRequest):
    """The next message of a chat."""

    chat_id: ChatName
    input: Input


class UpdateChat(WireRequest):
    """What changes in a chat."""

    agent_id: AgentName = left_out()
    """The agent that answers from now on."""
    dynamic_variables: Variables | None = None
    """Variables to set; those that are not named stay. null takes all of them away."""


class ChatRecord(Chat):
    """A chat with a person."""

    error: str | None
    """Why the last message has no answer."""
    cost: float | None
    """USD that the agent's model cost; null where a price is not known."""


class ChatReply(TypedDict):
    """What the agent answered."""

    chatId: str
    createdAt: str
    status: Literal["in_progress", "ended", "error"]
    response: Sequence[ChatItem]
    agent: AgentSummary
    error: str | None
    scripted: NotRequired[bool]


class ChatPage(Wrapper):
    """A page of chats; both spellings of the count."""

    data: Sequence[ChatRecord | Chat]
    totalCounts: int  # noqa: N815


class CreateWebhook(WireRequest):
    """A webhook to make."""

    name: Annotated[str, *text(1, 128)]
    agent_id: AgentName
    """The agent whose events are told."""
    url: Annotated[
        str, *text(1, 2048, pattern=r"^[hH][tT][tT][pP][sS]?:[/]{2}.+", like="an http or https address")
    ]
    events: Annotated[list[EventName], Field(min_length=1)]
    secret: Annotated[str, *text(8, 256)] | None = None
    """What deliveries are signed with; left out, one is made."""

    @field_validator("events", mode="after")
    @classmethod
    def _each_once(cls, events: list[str]) -> list[str]:
        return list(dict.fromkeys("conversation_analysed" if event == OLD_EVENT else event for event in events))


class WebhookRecord(TypedDict):
    """A webhook."""

    webhookId: str
    workspaceId: str
    agentId: str
    name: str
    url: str
    events: Sequence[str]
    active: bool
    createdAt: str


class CreatedWebhook(WebhookRecord):
    """A webhook that was just made, with its secret, which is shown this once."""

    secret: str


class WebhookPage(Wrapper):
    """A page of webhooks."""

    data: Sequence[WebhookRecord]


class DeliveryRecord(TypedDict):
    """One event on its way to a webhook."""

    deliveryId: str
    webhookId: str
    event: str
    status: Literal["pending", "delivered", "failed"]
    attempts: int
    httpStatus: int | None
    error: str | None
    nextAttemptAt: str | None
    createdAt: str
    updatedAt: str
    payload: Mapping[str, Any]


class DeliveryPage(Wrapper):
    """A page of deliveries."""

    data: Sequence[DeliveryRecord]
