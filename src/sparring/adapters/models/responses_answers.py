"""Answers of the OpenAI responses wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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

_STOPS = {"max_output_tokens": Stop.LENGTH, "content_filter": Stop.FILTERED}
_CALLS = {"function_call": "arguments", "custom_tool_call": "input"}
_UNDERSTOOD = frozenset(
    {
        "background",
        "billing",
        "completed_at",
        "created_at",
        "error",
        "frequency_penalty",
        "id",
        "incomplete_details",
        "instructions",
        "max_output_tokens",
        "max_tool_calls",
        "metadata",
        "model",
        "object",
        "output",
        "parallel_tool_calls",
        "presence_penalty",
        "previous_response_id",
        "prompt_cache_key",
        "prompt_cache_retention",
        "reasoning",
        "safety_identifier",
        "service_tier",
        "status",
        "store",
        "temperature",
        "text",
        "tool_choice",
        "tool_usage",
        "tools",
        "top_logprobs",
        "top_p",
        "truncation",
        "usage",
        "user",
    }
)
"""Most of them repeat the request."""
_PLAIN = {
    "message": frozenset({"type", "id", "role", "status", "content"}),
    "function_call": frozenset({"type", "id", "call_id", "name", "arguments", "status"}),
}


def read_answer(payload: Mapping[str, Any], *, position: int = 0) -> Said:
    """What a response says. `position` makes ids for calls that came without one of their own."""
    output = objects(payload.get("output"))
    messages = [objects(item.get("content")) for item in output if item.get("type") == "message"]
    reason = filled(mapping(payload.get("incomplete_details")).get("reason"))
    usage = payload.get("usage")
    return Said(
        text=_text(messages),
        calls=_calls(output, position),
        refusal=_refusal(messages),
        finish=filled(payload.get("status")),
        stop=_STOPS.get(reason or ""),
        details=reason,
        model=filled(payload.get("model")),
        tier=filled(payload.get("service_tier")),
        usage=read_usage(usage),
        cost=reported_cost(usage),
        opaque=_opaque(payload, output),
        error=payload.get("error"),
    )


def read_usage(usage: Any) -> Usage | None:
    """Tokens; None where none are told."""
    if not isinstance(usage, Mapping) or not ("input_tokens" in usage or "output_tokens" in usage):
        return None
    details = mapping(usage.get("input_tokens_details"))
    return Usage(
        input=count(usage.get("input_tokens")),
        output=count(usage.get("output_tokens")),
        cached=count(details.get("cached_tokens")),
        written=count(details.get("cache_write_tokens")),
        reasoning=count(mapping(usage.get("output_tokens_details")).get("reasoning_tokens")),
    )


def _text(messages: list[list[dict[str, Any]]]) -> str | None:
    """The texts of all messages. Several, such as a remark before a call, are paragraphs."""
    texts = [
        "".join(str(part.get("text") or "") for part in parts)
        for parts in ([part for part in content if part.get("type") == "output_text"] for content in messages)
        if parts
    ]
    return "\n\n".join(texts) if texts else None


def _refusal(messages: list[list[dict[str, Any]]]) -> str | None:
    refusals = [str(part.get("refusal") or "") for parts in messages for part in parts if "refusal" in part]
    return "".join(refusals) or None


def _calls(output: list[dict[str, Any]], position: int) -> tuple[ToolCall, ...]:
    calls: list[ToolCall] = []
    used: set[str] = set()
    for item in output:
        if (field := _CALLS.get(str(item.get("type")))) is not None:
            arguments, malformed = read_arguments(item.get(field))
            id = call_id(item.get("call_id"), used, position=position)
            calls.append(
                ToolCall(id=id, name=str(item.get("name") or ""), arguments=arguments, malformed=malformed)
            )
    return tuple(calls)


def _opaque(payload: Mapping[str, Any], output: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The whole output where it holds more than texts and calls: reasoning goes back before what it led to."""
    parts: dict[str, Any] = {}
    if any(_says_more(item) for item in output):
        parts["output"] = output
    if kept := others(payload, _UNDERSTOOD):
        parts["kept"] = kept
    return parts or None


def _says_more(item: dict[str, Any]) -> bool:
    plain = _PLAIN.get(str(item.get("type")))
    return plain is None or bool(others(item, plain))
