"""Answers of the Anthropic messages wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparring.adapters.models.encoding import encoded
from sparring.adapters.models.openai_answers import reported_cost
from sparring.adapters.models.said import (
    Said,
    Stop,
    call_id,
    count,
    filled,
    mapping,
    objects,
    others,
    read_arguments,
)
from sparring.domain.transcript import ToolCall, Usage

_STOPS = {
    "max_tokens": Stop.LENGTH,
    "model_context_window_exceeded": Stop.LENGTH,
    "refusal": Stop.REFUSED,
}
_UNDERSTOOD = frozenset(
    {"id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "stop_details", "usage", "error"}
)
_PLAIN = {"text": frozenset({"type", "text"}), "tool_use": frozenset({"type", "id", "name", "input"})}
_CALLED_DIRECTLY = {"caller": {"type": "direct"}}


def read_answer(payload: Mapping[str, Any], *, position: int = 0, form: str | None = None) -> Said:
    """What a message says.

    Args:
        position: makes ids for calls that came without one of their own.
        form: the tool that gives the structured answer, where one was forced: its input is the text.
    """
    content = objects(payload.get("content"))
    calls = _calls(content, position)
    text = _text(content)
    if form is not None and (given := next((call for call in calls if call.name == form), None)) is not None:
        text, calls, content = given.malformed or encoded(given.arguments).decode(), (), []
    usage = payload.get("usage")
    finish = filled(payload.get("stop_reason"))
    return Said(
        text=text,
        calls=calls,
        finish=finish,
        stop=_STOPS.get(finish or ""),
        details=_details(payload.get("stop_details")),
        model=filled(payload.get("model")),
        tier=filled(mapping(usage).get("service_tier")),
        usage=read_usage(usage),
        cost=reported_cost(usage),
        opaque=_opaque(payload, content),
        error=payload.get("error"),
    )


def read_usage(usage: Any) -> Usage | None:
    """Tokens; None where none are told. This wire counts those of its cache apart from the others."""
    if not isinstance(usage, Mapping) or not ("input_tokens" in usage or "output_tokens" in usage):
        return None
    cached, written = count(usage.get("cache_read_input_tokens")), count(usage.get("cache_creation_input_tokens"))
    return Usage(
        input=count(usage.get("input_tokens")) + cached + written,
        output=count(usage.get("output_tokens")),
        cached=cached,
        written=written,
        reasoning=count(mapping(usage.get("output_tokens_details")).get("thinking_tokens")),
    )


def _text(content: list[dict[str, Any]]) -> str | None:
    texts = [str(block.get("text") or "") for block in content if block.get("type") == "text"]
    return "".join(texts) if texts else None


def _calls(content: list[dict[str, Any]], position: int) -> tuple[ToolCall, ...]:
    calls: list[ToolCall] = []
    used: set[str] = set()
    for block in content:
        if block.get("type") == "tool_use":
            arguments, malformed = read_arguments(block.get("input"))
            id = call_id(block.get("id"), used, position=position)
            calls.append(
                ToolCall(id=id, name=str(block.get("name") or ""), arguments=arguments, malformed=malformed)
            )
    return tuple(calls)


def _details(details: Any) -> str | None:
    """The category and the explanation of a refusal."""
    told = mapping(details)
    words = [word for name in ("category", "explanation") if (word := filled(told.get(name)))]
    return ": ".join(words) or None


def _opaque(payload: Mapping[str, Any], content: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The whole content where it holds more than texts and calls: thinking goes back with them, in its place."""
    parts: dict[str, Any] = {}
    if any(_says_more(block) for block in content):
        parts["content"] = [block for block in content if not _blank(block)]
    if kept := others(payload, _UNDERSTOOD):
        parts["kept"] = kept
    return parts or None


def _says_more(block: dict[str, Any]) -> bool:
    plain = _PLAIN.get(str(block.get("type")))
    return plain is None or others(block, plain) not in ({}, _CALLED_DIRECTLY)


def _blank(block: dict[str, Any]) -> bool:
    """Whether it is a text of nothing, which the provider sends and does not take."""
    return block.get("type") == "text" and not str(block.get("text") or "").strip()
