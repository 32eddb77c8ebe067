"""Messages as JSON and back, by hand: this runs once for every message that is stored.

What has its default is left out, but a text is always written: `null` and `""` beside a call are two things.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from sparring.domain.errors import InvalidInput
from sparring.domain.transcript import (
    AgentMessage,
    Generation,
    Message,
    Side,
    SystemMessage,
    ToolCall,
    ToolResult,
    Usage,
    UserMessage,
)

Plain = dict[str, Any]


def encode(message: Message) -> bytes:
    """A message as it is stored."""
    return dump(to_plain(message))


def decode(body: bytes | str) -> Message:
    """A stored message."""
    return from_plain(load(body))


def dump(value: Any) -> bytes:
    """JSON.

    What orjson does not carry exactly (integers above 64 bits, lone surrogates) is written by the standard
    library; a leading space marks it.

    Raises:
        InvalidInput: a part of it is no JSON value.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        try:
            return b" " + json.dumps(value, separators=(",", ":")).encode("ascii")
        except (TypeError, ValueError) as error:
            raise InvalidInput(f"This cannot be stored, because it is no JSON value: {error}.") from None


def load(body: bytes | str) -> Any:
    """What `dump` wrote."""
    return json.loads(body) if body[:1] in (" ", b" ") else orjson.loads(body)


def to_plain(message: Message) -> Plain:
    """A message as a JSON object."""
    return _WRITERS[type(message)](message)


def from_plain(body: Plain) -> Message:
    """The message of a JSON object."""
    return _READERS[body["role"]](body)


def _write_system(message: SystemMessage) -> Plain:
    body: Plain = {"role": "system", "text": message.text}
    if message.at is not None:
        body["at"] = message.at
    return body


def _read_system(body: Plain) -> SystemMessage:
    return SystemMessage(text=body["text"], at=body.get("at"))


def _write_user(message: UserMessage) -> Plain:
    return _write_spoken("user", message)


def _write_agent(message: AgentMessage) -> Plain:
    return _write_spoken("agent", message)


def _write_spoken(role: str, message: UserMessage | AgentMessage) -> Plain:
    body: Plain = {"role": role, "text": message.text}
    if message.calls:
        body["calls"] = [_write_call(call) for call in message.calls]
    if message.at is not None:
        body["at"] = message.at
    if message.generation is not None:
        body["generation"] = _write_generation(message.generation)
    return body


def _read_user(body: Plain) -> UserMessage:
    return UserMessage(text=body["text"], calls=_read_calls(body), at=body.get("at"), generation=_read_made(body))


def _read_agent(body: Plain) -> AgentMessage:
    return AgentMessage(text=body["text"], calls=_read_calls(body), at=body.get("at"), generation=_read_made(body))


def _write_call(call: ToolCall) -> Plain:
    body: Plain = {"id": call.id, "name": call.name, "arguments": _as_dict(call.arguments)}
    if call.malformed is not None:
        body["malformed"] = call.malformed
    return body


def _read_calls(body: Plain) -> tuple[ToolCall, ...]:
    calls = body.get("calls")
    if calls is None:
        return ()
    return tuple(
        ToolCall(id=call["id"], name=call["name"], arguments=call["arguments"], malformed=call.get("malformed"))
        for call in calls
    )


def _write_generation(made: Generation) -> Plain:
    body: Plain = {"provider": made.provider, "model": made.model}
    if made.cost is not None:
        body["cost"] = made.cost
    if (usage := made.usage) is not None:
        body["usage"] = [usage.input, usage.output, usage.cached, usage.reasoning]
        if usage.written:
            body["usage"].append(usage.written)
    if made.seconds is not None:
        body["seconds"] = made.seconds
    if made.finish is not None:
        body["finish"] = made.finish
    if made.opaque is not None:
        body["opaque"] = _as_dict(made.opaque)
    return body


def _read_usage(usage: list[int]) -> Usage:
    into, out, cached, reasoning, *written = usage
    return Usage(input=into, output=out, cached=cached, reasoning=reasoning, written=sum(written))


def _read_made(body: Plain) -> Generation | None:
    made = body.get("generation")
    if made is None:
        return None
    usage = made.get("usage")
    return Generation(
        provider=made["provider"],
        model=made["model"],
        cost=made.get("cost"),
        usage=None if usage is None else _read_usage(usage),
        seconds=made.get("seconds"),
        finish=made.get("finish"),
        opaque=made.get("opaque"),
    )


def _write_result(result: ToolResult) -> Plain:
    body: Plain = {"role": "tool", "call_id": result.call_id, "name": result.name, "text": result.text}
    if result.is_error:
        body["is_error"] = True
    if result.side is not Side.AGENT:
        body["side"] = result.side.value
    if result.source != "static":
        body["source"] = result.source
    if result.at is not None:
        body["at"] = result.at
    return body


def _read_result(body: Plain) -> ToolResult:
    return ToolResult(
        call_id=body["call_id"],
        name=body["name"],
        text=body["text"],
        is_error=body.get("is_error", False),
        side=Side(body["side"]) if "side" in body else Side.AGENT,
        source=body.get("source", "static"),
        at=body.get("at"),
    )


def _as_dict(value: Mapping[str, Any]) -> dict[str, Any]:
    return value if isinstance(value, dict) else dict(value)


_WRITERS: dict[type[Message], Callable[[Any], Plain]] = {
    SystemMessage: _write_system,
    UserMessage: _write_user,
    AgentMessage: _write_agent,
    ToolResult: _write_result,
}
_READERS: dict[str, Callable[[Plain], Message]] = {
    "system": _read_system,
    "user": _read_user,
    "agent": _read_agent,
    "tool": _read_result,
}
