"""Where two conversations of one scenario go different ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sparring.domain.transcript import AgentMessage, Message, ToolCall, ToolResult, UserMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The same step of both conversations, as indices of messages; None where a conversation was over."""

    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """Where two conversations first differ; None for what does not differ at all."""

    message: Place | None
    """By what a message says, calls or answers; models hardly ever say the same in the same words."""
    call: Place | None
    """By what the agent called, and with which arguments."""


def parting(before: Sequence[Message], after: Sequence[Message]) -> Parting:
    """The first places where two conversations differ, whatever the time and the price of their messages."""
    return Parting(
        message=_first([*enumerate(map(_said, before))], [*enumerate(map(_said, after))]),
        call=_first(_calls(before), _calls(after)),
    )


def _first(before: Sequence[tuple[int, Any]], after: Sequence[tuple[int, Any]]) -> Place | None:
    for was, now in zip_longest(before, after):
        if was is None or now is None or was[1] != now[1]:
            return Place(before=None if was is None else was[0], after=None if now is None else now[0])
    return None


def _said(message: Message) -> Any:
    if isinstance(message, ToolResult):
        return (ToolResult, message.name, message.text, message.is_error)
    calls = message.calls if isinstance(message, AgentMessage | UserMessage) else ()
    return (type(message), message.text or "", [_call(call) for call in calls])


def _calls(messages: Sequence[Message]) -> list[tuple[int, Any]]:
    return [
        (index, _call(call))
        for index, message in enumerate(messages)
        if isinstance(message, AgentMessage)
        for call in message.calls
    ]


def _call(call: ToolCall) -> Any:
    return (call.name, dict(call.arguments), call.malformed)
