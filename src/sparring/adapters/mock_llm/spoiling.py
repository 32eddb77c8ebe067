"""The answers that go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import orjson

from sparring.adapters.mock_llm import openai_wire as wire
from sparring.adapters.mock_llm.doors import Door, Given
from sparring.adapters.mock_llm.faults import Fault

PAGE = b"<!DOCTYPE html><html><head><title>Gateway</title></head><body><h1>Please sign in</h1></body></html>"
_TOLD = {
    401: "Incorrect API key provided: mock. This is a fault that the mock server was asked for.",
    429: "Rate limit reached for requests. This is a fault that the mock server was asked for.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What goes out."""

    status: int = 200
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    """Seconds beyond the server's latency."""
    immediate: bool = False
    """Whether it goes out without any delay."""
    breaks: bool = False
    """Whether the connection breaks after this body, which is half of what was announced."""
    fault: str | None = None


def spoil(fault: Fault, door: Door, given: Given | None) -> Response:
    """The answer to a request that gets a fault instead of what the script says; None where it says nothing."""
    if fault.kind == "status" or given is None:
        return _refused(fault, door)
    whole = orjson.dumps(door.answer(_spoilt(fault, given)))
    half = whole[: len(whole) // 2]
    match fault.kind:
        case "slow":
            return Response(body=whole, delay=30.0 if fault.seconds is None else fault.seconds, fault=fault.kind)
        case "broken":
            return Response(body=half, breaks=True, fault=fault.kind)
        case "malformed":
            return Response(body=half, fault=fault.kind)
        case "nothing":
            return Response(body=b"", fault=fault.kind)
        case "html":
            return Response(body=PAGE, content_type="text/html", fault=fault.kind)
    return Response(body=whole, fault=fault.kind)


def _refused(fault: Fault, door: Door) -> Response:
    told = _TOLD.get(fault.status, "The server had an error. This is a fault that the mock server was asked for.")
    seconds = fault.seconds if fault.seconds is not None else 1.0 if fault.status == 429 else None
    headers = {} if seconds is None else {"Retry-After": f"{seconds:g}"}
    return Response(
        status=fault.status, body=door.error(fault.status, told), headers=headers, fault=str(fault.status)
    )


def _spoilt(fault: Fault, given: Given) -> Given:
    given = replace(given, words=1, asked=1)
    match fault.kind:
        case "empty":
            return replace(given, said=wire.message(None), finish="stop", forced=None)
        case "length":
            text = given.text or ""
            return replace(given, said=wire.message(text[: len(text) // 2]), finish="length", forced=None)
        case "filter":
            return replace(given, said=wire.message(None), finish="content_filter", forced=None)
        case "refusal":
            refused = {**wire.message(None), "refusal": "I'm sorry, I can't help with that."}
            return replace(given, said=refused, finish="stop", forced=None)
    return given
