"""Conversations in the chat-completions form, for agents that are Python code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sparring.domain.errors import AgentFault
from sparring.domain.templates import compact_json
from sparring.domain.transcript import (
    AgentMessage,
    Message,
    Side,
    SystemMessage,
    ToolCall,
    ToolResult,
    Transcript,
    UserMessage,
)


def to_history(transcript: Transcript) -> list[dict[str, Any]]:
    """The conversation as the agent may see it: without the tool traffic of the simulated user."""
    return [shown for message in transcript if (shown := _shown(message)) is not None]


def from_answer(answer: Any, *, at: float, calls_so_far: int) -> tuple[Message, ...]:
    """The messages that an agent's code answered with.

    Args:
        answer: a text, a message, or a list of both. A message is a mapping or an object of the chat-completions
            form (`role` assistant or tool), or an AgentMessage or ToolResult.
        at: unix seconds.
        calls_so_far: a number by which the ids of calls that came without one are told apart.

    Raises:
        AgentFault: it is no such answer, or a call in it is answered only in part.
    """
    parts = list(answer) if isinstance(answer, list | tuple) else [answer]
    if not parts:
        raise AgentFault("The agent returned an empty list; a text or a message is expected.")
    messages: list[Message] = []
    for part in parts:
        messages.append(_message(part, messages, at, f"call_{calls_so_far}_{len(messages)}"))
    return tuple(_in_order(messages))


def _shown(message: Message) -> dict[str, Any] | None:
    match message:
        case SystemMessage(text=text):
            return {"role": "system", "content": text}
        case UserMessage(text=text):
            return None if text is None else {"role": "user", "content": text}
        case AgentMessage(text=text, calls=calls):
            shown: dict[str, Any] = {"role": "assistant", "content": text}
            if calls:
                shown["tool_calls"] = [_shown_call(call) for call in calls]
            return shown
        case ToolResult():
            if message.side is Side.USER:
                return None
            return {
                "role": "tool",
                "tool_call_id": message.call_id,
                "name": message.name,
                "content": message.text,
            }


def _shown_call(call: ToolCall) -> dict[str, Any]:
    arguments = compact_json(dict(call.arguments)) if call.malformed is None else call.malformed
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}


def _message(part: Any, before: Sequence[Message], at: float, fresh_id: str) -> Message:
    if isinstance(part, str):
        return AgentMessage(text=part, at=at)
    if isinstance(part, AgentMessage | ToolResult):
        return part
    if hasattr(part, "model_dump"):
        part = part.model_dump()
    if not isinstance(part, Mapping):
        raise AgentFault(f"The agent returned {type(part).__name__}; a text or a message is expected.")
    role = part.get("role", "assistant")
    if role == "assistant":
        calls = tuple(
            _call(given, f"{fresh_id}_{number}") for number, given in enumerate(part.get("tool_calls") or ())
        )
        return AgentMessage(text=_text(part.get("content")), calls=calls, at=at)
    if role == "tool":
        return _result(part, before, at)
    raise AgentFault(f"The agent returned a message of the role {role!r}; its own are 'assistant' and 'tool'.")


def _call(given: Any, fresh_id: str) -> ToolCall:
    if isinstance(given, ToolCall):
        return given
    function = given.get("function", given) if isinstance(given, Mapping) else None
    name = function.get("name") if isinstance(function, Mapping) else None
    if not isinstance(name, str) or not name:
        raise AgentFault(f"The agent returned a tool call without a name: {given!r:.200}")
    arguments = function.get("arguments", {}) if isinstance(function, Mapping) else {}
    id = given.get("id") or fresh_id
    text = arguments if isinstance(arguments, str) else _as_json(arguments)
    try:
        read = json.loads(text or "{}")
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        return ToolCall(id=str(id), name=name, malformed=text)
    return ToolCall(id=str(id), name=name, arguments=read)


def _result(part: Mapping[str, Any], before: Sequence[Message], at: float) -> ToolResult:
    id = part.get("tool_call_id") or part.get("id")
    calls = [call for message in before if isinstance(message, AgentMessage) for call in message.calls]
    call = next((call for call in reversed(calls) if call.id == id), None)
    if call is None:
        raise AgentFault(f"The agent returned the result of the call {id!r}, which it did not return before.")
    content = part.get("content")
    return ToolResult(
        call_id=call.id,
        name=call.name,
        text=content if isinstance(content, str) else _as_json(content),
        is_error=bool(part.get("error") or part.get("is_error")),
        source="agent",
        at=at,
    )


def _in_order(messages: Sequence[Message]) -> list[Message]:
    """The messages with each round's results in the order of its calls."""
    ordered: list[Message] = []
    round_began = 0
    places: dict[str, int] = {}
    for message in messages:
        if isinstance(message, ToolResult):
            later = [other for other in ordered[round_began:] if _place(other, places) > _place(message, places)]
            ordered.insert(len(ordered) - len(later), message)
            continue
        ordered.append(message)
        round_began = len(ordered)
        calls = message.calls if isinstance(message, AgentMessage) else ()
        places = {call.id: place for place, call in enumerate(calls)}
    return ordered


def _place(message: Message, places: Mapping[str, int]) -> int:
    return places.get(message.call_id, len(places)) if isinstance(message, ToolResult) else -1


def _text(content: Any) -> str | None:
    """The words of a message: a text, or the texts among its content parts."""
    if isinstance(content, list):
        words = [part.get("text") for part in content if isinstance(part, Mapping)]
        return "".join(word for word in words if isinstance(word, str))
    if content is None or isinstance(content, str):
        return content
    raise AgentFault(f"The agent returned a content of type {type(content).__name__}; a text is expected.")


def _as_json(value: Any) -> str:
    try:
        return compact_json(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise AgentFault(f"The agent returned what is no JSON: {error}") from None
