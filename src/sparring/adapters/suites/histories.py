"""Messages that a conversation begins with, in the form of the Eqho and tau2 wires."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sparring.adapters.suites.places import Fields, Place
from sparring.domain.transcript import (
    AgentMessage,
    Message,
    Side,
    SystemMessage,
    ToolCall,
    ToolResult,
    UserMessage,
)

MESSAGE = ("role", "content", "tool_calls", "id", "error", "requestor")
CALL = ("id", "name", "arguments", "requestor")


class Speaker(StrEnum):
    """The roles of the wires."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


def read_history(place: Place | None) -> tuple[Message, ...]:
    """The messages, every call answered in order; those that are left at the end get their results in the trial."""
    if place is None:
        return ()
    read: list[Message] = []
    pending: list[tuple[ToolCall, Side]] = []
    for item in place.items("a list of messages: {role, content}"):
        fields = item.fields(*MESSAGE, required=("role",))
        role = fields.chosen("role", Speaker)
        if role is None:
            continue
        if role is Speaker.TOOL:
            read.extend(_answer(fields, pending))
            continue
        if pending and role is not Speaker.SYSTEM:
            item.wrong(f"the call of {pending[0][0].name!r} before it has no message of the role tool.")
            pending.clear()
        read.append(_spoken(fields, role, pending))
    return tuple(read)


def _answer(fields: Fields, pending: list[tuple[ToolCall, Side]]) -> list[Message]:
    """The result for the next call that waits for one."""
    if not pending:
        fields.place.wrong("a message of the role tool answers a call, and there is none before it.")
        return []
    call, side = pending.pop(0)
    id = fields.text("id", blank=True)
    if id is not None and id != call.id:
        fields.place.wrong(f"this answers the call {id!r}, but {call.id!r} is the next to be answered.")
    asked = fields.chosen("requestor", Side)
    if asked is not None and asked is not side:
        fields.place.wrong(f"the requestor is {asked.value!r}, but the call was made by {side.value!r}.")
    text = fields.text("content", blank=True) or ""
    is_error = bool(fields.boolean("error"))
    return [ToolResult(call_id=call.id, name=call.name, text=text, is_error=is_error, side=side)]


def _spoken(fields: Fields, role: Speaker, pending: list[tuple[ToolCall, Side]]) -> Message:
    text = fields.text("content", blank=True)
    if role is Speaker.SYSTEM:
        if text is None:
            fields.place.wrong("a message of the role system needs its content.")
        return SystemMessage(text=text or "")
    side = Side.USER if role is Speaker.USER else Side.AGENT
    calls = []
    for number, place in enumerate(fields.items("tool_calls", "a list of calls: {id, name, arguments}"), 1):
        call = _read_call(place, side, number)
        if call is not None:
            calls.append(call)
            pending.append((call, side))
    if text is None and not calls:
        fields.place.wrong("expected content or tool_calls, came neither.")
    message = UserMessage if side is Side.USER else AgentMessage
    return message(text=text, calls=tuple(calls))


def _read_call(place: Place, side: Side, number: int) -> ToolCall | None:
    fields = place.fields(*CALL, required=("name",))
    name = fields.text("name")
    asked = fields.chosen("requestor", Side)
    if asked is not None and asked is not side:
        place.wrong(f"the requestor is {asked.value!r}, but the message is of {side.value!r}.")
    arguments: dict[str, Any] = {
        key: value.value() for key, value in fields.entries("arguments", "a mapping of arguments").items()
    }
    if name is None:
        return None
    id = fields.text("id", blank=True)
    return ToolCall(id=f"call_{number}" if id is None else id, name=name, arguments=arguments)
