"""Chats with a person, as they go out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sparring.dialects.sigmamind import chat_wire, wire
from sparring.dialects.sigmamind.translate import transcripts
from sparring.dialects.spelling import CHAT, spell, timestamp
from sparring.domain.chat import Chat
from sparring.domain.errors import InvalidInput
from sparring.domain.transcript import AgentMessage, Message, ToolResult

SCRIPTED = "scripted"
"""The provider of the messages that a script gave."""


def chat_record(chat: Chat, messages: Sequence[Message], *, agent: wire.AgentSummary) -> chat_wire.ChatRecord:
    """A chat with all that was said in it."""
    items = chat_items(chat, messages)
    record = chat_wire.ChatRecord(
        chatId=spell(CHAT, chat.id, chat.alias),
        agent=agent,
        createdAt=timestamp(chat.created_at),
        status=chat.status.value,
        transcript=transcripts.as_lines(items),
        response=_last_reply(items),
        messages=items,
        dynamicVariables=dict(chat.variables),
        error=chat.error,
        cost=_cost(messages[chat.history :]),
    )
    if _is_scripted(chat, messages):
        record["scripted"] = True
    return record


def chat_reply(chat: Chat, messages: Sequence[Message], *, agent: wire.AgentSummary) -> chat_wire.ChatReply:
    """What the agent answered to the last message."""
    reply = chat_wire.ChatReply(
        chatId=spell(CHAT, chat.id, chat.alias),
        createdAt=timestamp(chat.created_at),
        status=chat.status.value,
        response=_last_reply(chat_items(chat, messages)),
        agent=agent,
        error=chat.error,
    )
    if _is_scripted(chat, messages):
        reply["scripted"] = True
    return reply


def chat_items(chat: Chat, messages: Sequence[Message]) -> list[wire.ChatItem]:
    """What was said in a chat, without what it was given of an earlier one."""
    spoken = transcripts.spoken(messages, user_tokens=(), agent_tokens=())
    return [transcripts.item(chat.id, place, role, text) for place, role, text in spoken if place >= chat.history]


def event_of(chat: Chat, place: int, message: Message) -> tuple[str, Mapping[str, Any]]:
    """The name and the data under which a message of the agent's side is streamed."""
    if isinstance(message, ToolResult):
        return "tool_result", {
            "id": message.call_id,
            "name": message.name,
            "content": message.text,
            "isError": message.is_error,
            "source": message.source,
        }
    assert isinstance(message, AgentMessage)
    text = (message.text or "").strip()
    return "message", {
        "item": transcripts.item(chat.id, place, "assistant", text) if text else None,
        "toolCalls": [{"id": call.id, "name": call.name, "arguments": call.arguments} for call in message.calls],
    }


def changed_variables(variables: Mapping[str, Any], body: chat_wire.UpdateChat) -> Mapping[str, Any]:
    """A chat's variables after an update: set key by key, none once null was sent.

    Raises:
        InvalidInput: they have become too many.
    """
    if "dynamic_variables" not in body.model_fields_set:
        return variables
    if body.dynamic_variables is None:
        return {}
    merged = {**variables, **body.dynamic_variables}
    if len(merged) > chat_wire.MAX_VARIABLES:
        raise InvalidInput(
            f"A chat has at most {chat_wire.MAX_VARIABLES} dynamicVariables; it would now have {len(merged)}.",
            field="dynamicVariables",
        )
    return merged


def _last_reply(items: Sequence[wire.ChatItem]) -> list[wire.ChatItem]:
    """What the agent said since the last message of the person's."""
    start = max((place for place, item in enumerate(items, 1) if item["role"] == "user"), default=0)
    return list(items[start:])


def _cost(messages: Sequence[Message]) -> float | None:
    """USD of the agent's model, None where a price is not known."""
    made = [message.generation for message in messages if isinstance(message, AgentMessage)]
    costs = [generation.cost for generation in made if generation is not None]
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None


def _is_scripted(chat: Chat, messages: Sequence[Message]) -> bool:
    made = (message.generation for message in messages[chat.history :] if isinstance(message, AgentMessage))
    return any(generation is not None and generation.provider == SCRIPTED for generation in made)
