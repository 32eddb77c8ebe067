"""Messages: the conversation so far as it comes in, and transcripts as they go out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sparring.dialects.eqho.wire.scenarios import HistoryMessage
from sparring.dialects.spelling import timestamp
from sparring.domain import turns
from sparring.domain.errors import InvalidInput
from sparring.domain.transcript import (
    AgentMessage,
    Generation,
    Message,
    Side,
    SystemMessage,
    ToolCall,
    ToolResult,
    UserMessage,
    side_of,
)

_FIELD = "environment_setup.message_history"


def message_history(given: Sequence[HistoryMessage]) -> tuple[Message, ...]:
    """The conversation so far.

    Raises:
        InvalidInput: a message cannot have happened there, such as a result without its call.
    """
    messages: list[Message] = []
    waiting: list[tuple[ToolCall, Side]] = []
    for place, one in enumerate(given):
        if one.role == "tool":
            messages.append(_result(place, one, waiting))
            continue
        message = _said(place, one)
        messages.append(message)
        if isinstance(message, UserMessage | AgentMessage):
            waiting = [(call, side_of(message)) for call in message.calls]
    found = turns.history_flaw(messages)
    if found is not None:
        raise _refused(f"{_FIELD}[{found[0]}]", found[1])
    return tuple(messages)


def message_records(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Messages as they go out; `turn_idx` is the place in the transcript."""
    return [_record(place, message) for place, message in enumerate(messages)]


def _said(place: int, one: HistoryMessage) -> Message:
    field = f"{_FIELD}[{place}]"
    for name in ("id", "error") if one.role != "system" else ("id", "error", "tool_calls"):
        if getattr(one, name) not in (None, []):
            raise _refused(field, f"must not have {name}, which messages of the role {one.role} do not have")
    at = _moment(f"{field}.timestamp", one.timestamp)
    if one.role == "system":
        if one.content is None:
            raise _refused(field, "must have a content")
        return SystemMessage(text=one.content, at=at)
    kind = UserMessage if one.role == "user" else AgentMessage
    return kind(text=one.content, calls=_calls(place, one), at=at)


def _calls(place: int, one: HistoryMessage) -> tuple[ToolCall, ...]:
    calls = []
    for number, call in enumerate(one.tool_calls or ()):
        if call.requestor not in (None, one.role):
            raise _refused(
                f"{_FIELD}[{place}].tool_calls[{number}].requestor",
                f"must be the role of its message; {call.requestor!r} came",
            )
        id = f"call_{place}_{number + 1}" if call.id is None else call.id
        calls.append(ToolCall(id=id, name=call.name, arguments=call.arguments or {}))
    return tuple(calls)


def _result(place: int, one: HistoryMessage, waiting: list[tuple[ToolCall, Side]]) -> ToolResult:
    field = f"{_FIELD}[{place}]"
    if not waiting:
        raise _refused(field, "is the result of a call, and none is waiting for one")
    if one.tool_calls:
        raise _refused(field, "must not have tool_calls, which messages of the role tool do not have")
    call, side = waiting.pop(0)
    return ToolResult(
        call_id=call.id if one.id is None else one.id,
        name=call.name,
        text=one.content or "",
        is_error=bool(one.error),
        side=side if one.requestor is None else Side(one.requestor),
        at=_moment(f"{field}.timestamp", one.timestamp),
    )


def _moment(field: str, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        seconds = (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
        timestamp(seconds)  # In UTC it may be before or after all years that there are.
        return seconds
    except (ValueError, OverflowError):
        raise _refused(field, f"must be a moment in ISO 8601; {text[:60]!r} came") from None


def _record(place: int, message: Message) -> dict[str, Any]:
    dated = {"turn_idx": place, "timestamp": None if message.at is None else timestamp(message.at)}
    match message:
        case SystemMessage():
            return {"content": message.text, "role": "system", **dated}
        case ToolResult():
            return {
                "content": message.text,
                "role": "tool",
                "id": message.call_id,
                "requestor": message.side.value,
                "error": message.is_error,
                **dated,
                "name": message.name,
                "source": message.source,
            }
        case UserMessage() | AgentMessage():
            side = side_of(message)
            return {
                "content": message.text,
                "role": side.value,
                "tool_calls": [_call(call, side) for call in message.calls] or None,
                **dated,
                **_made(message.generation),
            }


def _call(call: ToolCall, side: Side) -> dict[str, Any]:
    record = {"id": call.id, "name": call.name, "arguments": call.arguments, "requestor": side.value}
    return record if call.malformed is None else {**record, "malformed": call.malformed}


def _made(generation: Generation | None) -> dict[str, Any]:
    usage = generation.usage if generation is not None else None
    return {
        "cost": generation.cost if generation is not None else None,
        "usage": None
        if usage is None
        else {
            "prompt_tokens": usage.input,
            "completion_tokens": usage.output,
            "cached_tokens": usage.cached,
            "reasoning_tokens": usage.reasoning,
        },
    }


def _refused(field: str, told: str) -> InvalidInput:
    return InvalidInput(f"{field} {told}.", field=field)
