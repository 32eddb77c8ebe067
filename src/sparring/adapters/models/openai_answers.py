"""Answers of the OpenAI chat-completions wire, in every spelling of its compatible servers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sparring.adapters.models.openai_requests import OPAQUE_FIELDS
from sparring.adapters.models.said import (
    Said,
    Stop,
    amount,
    call_id,
    count,
    filled,
    hollow,
    mapping,
    others,
    read_arguments,
)
from sparring.domain.transcript import ToolCall, Usage

_CACHED = ("prompt_cache_hit_tokens", "cached_tokens", "num_cached_tokens")
_UNDERSTOOD = frozenset(
    {"id", "object", "created", "model", "choices", "usage", "system_fingerprint", "service_tier", "error"}
)
_UNDERSTOOD_OF_CHOICE = frozenset({"index", "message", "finish_reason", "native_finish_reason"})
_UNDERSTOOD_OF_MESSAGE = frozenset({"role", "content", "tool_calls", "refusal", "function_call", *OPAQUE_FIELDS})
_UNDERSTOOD_OF_CALL = frozenset({"id", "type", "index", "function", "custom"})
_STOPS = {"length": Stop.LENGTH, "content_filter": Stop.FILTERED, "refusal": Stop.REFUSED}


def read_answer(payload: Mapping[str, Any], *, position: int = 0) -> Said:
    """The first choice of a payload. `position` makes ids for calls that came without one of their own."""
    choices = payload.get("choices")
    choice = mapping(choices[0]) if isinstance(choices, list) and choices else {}
    message = mapping(choice.get("message"))
    text, refusal = _text(message.get("content"))
    raw_calls = list(_raw_calls(message))
    usage = payload.get("usage")
    finish = filled(choice.get("finish_reason"))
    return Said(
        text=text,
        calls=_calls(raw_calls, position),
        refusal=filled(message.get("refusal")) or refusal,
        finish=finish,
        stop=_STOPS.get(finish or ""),
        model=filled(payload.get("model")),
        tier=filled(payload.get("service_tier")),
        usage=read_usage(usage),
        cost=reported_cost(usage),
        opaque=_opaque(payload, choice, message, raw_calls),
        error=choice.get("error") or payload.get("error"),
    )


def read_usage(usage: Any) -> Usage | None:
    """Tokens in any provider's spelling; None where none are told.

    A total above input and output holds thinking that is billed as output (Google, xAI).
    """
    if not isinstance(usage, Mapping) or not ("prompt_tokens" in usage or "completion_tokens" in usage):
        return None
    into, out = count(usage.get("prompt_tokens")), count(usage.get("completion_tokens"))
    prompt_details = mapping(usage.get("prompt_tokens_details"))
    details = mapping(usage.get("completion_tokens_details"))
    hidden = max(0, count(usage.get("total_tokens")) - into - out)
    cached = prompt_details.get("cached_tokens")
    if cached is None:
        cached = next((usage[name] for name in _CACHED if usage.get(name) is not None), 0)
    return Usage(
        input=into,
        output=out + hidden,
        cached=count(cached),
        reasoning=count(details.get("reasoning_tokens")) or hidden,
        written=count(prompt_details.get("cache_write_tokens")),
    )


def reported_cost(usage: Any) -> float | None:
    """USD that the provider says it takes (OpenRouter, Perplexity), a key of the user's own upstream included."""
    if not isinstance(usage, Mapping):
        return None
    cost = usage.get("cost")
    told = amount(cost.get("total_cost") if isinstance(cost, Mapping) else cost)
    if told is not None and usage.get("is_byok"):
        told += amount(mapping(usage.get("cost_details")).get("upstream_inference_cost")) or 0.0
    return told


def _text(content: Any) -> tuple[str | None, str | None]:
    """The text, and the refusal, of a content that is a string or a list of parts (Mistral)."""
    if isinstance(content, str):
        return content, None
    if not isinstance(content, list):
        return None, None
    parts = [mapping(part) for part in content]
    texts = [str(part.get("text") or "") for part in parts if part.get("type") in ("text", "output_text")]
    refusals = [str(part.get("refusal") or "") for part in parts if part.get("type") == "refusal"]
    return "".join(texts) if texts else None, "".join(refusals) or None


def _raw_calls(message: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    calls = message.get("tool_calls")
    if isinstance(calls, list):
        yield from (mapping(call) for call in calls)
    legacy = mapping(message.get("function_call"))
    if legacy.get("name"):
        yield {"function": legacy}


def _calls(raw_calls: list[Mapping[str, Any]], position: int) -> tuple[ToolCall, ...]:
    calls: list[ToolCall] = []
    used: set[str] = set()
    for raw in raw_calls:
        function = mapping(raw.get("function")) or mapping(raw.get("custom"))
        arguments, malformed = read_arguments(function.get("arguments", function.get("input")))
        id = call_id(raw.get("id"), used, position=position)
        name = function.get("name")
        calls.append(ToolCall(id=id, name=str(name or ""), arguments=arguments, malformed=malformed))
    return tuple(calls)


def _opaque(
    payload: Mapping[str, Any],
    choice: Mapping[str, Any],
    message: Mapping[str, Any],
    raw_calls: list[Mapping[str, Any]],
) -> dict[str, Any] | None:
    back = {name: value for name in OPAQUE_FIELDS if name in message and not hollow(value := message[name])}
    content = message.get("content")
    if isinstance(content, list) and any(mapping(part).get("type") != "text" for part in content):
        back["content"] = content
    extras = [others(call, _UNDERSTOOD_OF_CALL) for call in raw_calls]
    kept = others(payload, _UNDERSTOOD)
    kept |= others(choice, _UNDERSTOOD_OF_CHOICE)
    kept |= others(message, _UNDERSTOOD_OF_MESSAGE)
    parts = {"message": back, "calls": extras if any(extras) else [], "kept": kept}
    return {name: part for name, part in parts.items() if part} or None
