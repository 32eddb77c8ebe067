"""Answers of the OpenAI chat-completions wire, in every spelling of its compatible servers.

Reading never fails: what is not understood is kept beside what is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from sparring.adapters.models.openai_requests import OPAQUE_FIELDS
from sparring.domain.transcript import ToolCall, Usage

_CACHED = ("prompt_cache_hit_tokens", "cached_tokens", "num_cached_tokens")
_UNDERSTOOD = frozenset(
    {"id", "object", "created", "model", "choices", "usage", "system_fingerprint", "service_tier", "error"}
)
_UNDERSTOOD_OF_CHOICE = frozenset({"index", "message", "finish_reason", "native_finish_reason"})
_UNDERSTOOD_OF_MESSAGE = frozenset({"role", "content", "tool_calls", "refusal", "function_call", *OPAQUE_FIELDS})
_UNDERSTOOD_OF_CALL = frozenset({"id", "type", "index", "function", "custom"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a model said."""

    text: str | None
    calls: tuple[ToolCall, ...] = ()
    refusal: str | None = None
    finish: str | None = None
    model: str | None = None
    """As the provider names it."""
    tier: str | None = None
    """The service tier that served it."""
    usage: Usage | None = None
    cost: float | None = None
    """USD, where the provider reports it."""
    opaque: Mapping[str, Any] | None = None
    """`message` and `calls` go back with the message; `kept` is what nobody here understands."""
    error: Any = None
    """What a gateway tells of an upstream that failed in the middle."""


def read_answer(payload: Mapping[str, Any], *, position: int = 0) -> Said:
    """The first choice of a payload. `position` makes ids for calls that came without one of their own."""
    choices = payload.get("choices")
    choice = _mapping(choices[0]) if isinstance(choices, list) and choices else {}
    message = _mapping(choice.get("message"))
    text, refusal = _text(message.get("content"))
    raw_calls = list(_raw_calls(message))
    usage = payload.get("usage")
    return Said(
        text=text,
        calls=_calls(raw_calls, position),
        refusal=_filled(message.get("refusal")) or refusal,
        finish=_filled(choice.get("finish_reason")),
        model=_filled(payload.get("model")),
        tier=_filled(payload.get("service_tier")),
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
    into, out = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    prompt_details = _mapping(usage.get("prompt_tokens_details"))
    details = _mapping(usage.get("completion_tokens_details"))
    hidden = max(0, _count(usage.get("total_tokens")) - into - out)
    cached = prompt_details.get("cached_tokens")
    if cached is None:
        cached = next((usage[name] for name in _CACHED if usage.get(name) is not None), 0)
    return Usage(
        input=into,
        output=out + hidden,
        cached=_count(cached),
        reasoning=_count(details.get("reasoning_tokens")) or hidden,
    )


def reported_cost(usage: Any) -> float | None:
    """USD that the provider says it takes (OpenRouter, Perplexity), a key of the user's own upstream included."""
    if not isinstance(usage, Mapping):
        return None
    cost = usage.get("cost")
    amount = _amount(cost.get("total_cost") if isinstance(cost, Mapping) else cost)
    if amount is not None and usage.get("is_byok"):
        amount += _amount(_mapping(usage.get("cost_details")).get("upstream_inference_cost")) or 0.0
    return amount


def read_arguments(raw: Any) -> tuple[dict[str, Any], str | None]:
    """Arguments of a call, and what came instead where that was no JSON object. Nothing at all is no arguments."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return {}, None
    if isinstance(raw, str):
        try:
            value = loads(raw.encode("utf-8", "surrogatepass"))
        except ValueError:
            return {}, raw
    else:
        value = raw
    if isinstance(value, dict):
        return value, None
    return {}, raw if isinstance(raw, str) else json.dumps(raw)


def loads(body: bytes) -> Any:
    """JSON, also where it holds what orjson does not take (lone surrogates, NaN).

    Raises:
        ValueError: it is no JSON.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(body.decode("utf-8", "replace"))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _text(content: Any) -> tuple[str | None, str | None]:
    """The text, and the refusal, of a content that is a string or a list of parts (Mistral)."""
    if isinstance(content, str):
        return content, None
    if not isinstance(content, list):
        return None, None
    parts = [_mapping(part) for part in content]
    texts = [str(part.get("text") or "") for part in parts if part.get("type") in ("text", "output_text")]
    refusals = [str(part.get("refusal") or "") for part in parts if part.get("type") == "refusal"]
    return "".join(texts) if texts else None, "".join(refusals) or None


def _raw_calls(message: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    calls = message.get("tool_calls")
    if isinstance(calls, list):
        yield from (_mapping(call) for call in calls)
    legacy = _mapping(message.get("function_call"))
    if legacy.get("name"):
        yield {"function": legacy}


def _calls(raw_calls: list[Mapping[str, Any]], position: int) -> tuple[ToolCall, ...]:
    calls: list[ToolCall] = []
    used: set[str] = set()
    for index, raw in enumerate(raw_calls):
        function = _mapping(raw.get("function")) or _mapping(raw.get("custom"))
        arguments, malformed = read_arguments(function.get("arguments", function.get("input")))
        id = raw.get("id")
        if not isinstance(id, str) or not id or id in used:
            id = f"call_{position}_{index}"
        used.add(id)
        name = function.get("name")
        calls.append(ToolCall(id=id, name=str(name or ""), arguments=arguments, malformed=malformed))
    return tuple(calls)


def _opaque(
    payload: Mapping[str, Any],
    choice: Mapping[str, Any],
    message: Mapping[str, Any],
    raw_calls: list[Mapping[str, Any]],
) -> dict[str, Any] | None:
    back = {name: value for name in OPAQUE_FIELDS if name in message and not _hollow(value := message[name])}
    content = message.get("content")
    if isinstance(content, list) and any(_mapping(part).get("type") != "text" for part in content):
        back["content"] = content
    extras = [_others(call, _UNDERSTOOD_OF_CALL) for call in raw_calls]
    kept = _others(payload, _UNDERSTOOD)
    kept |= _others(choice, _UNDERSTOOD_OF_CHOICE)
    kept |= _others(message, _UNDERSTOOD_OF_MESSAGE)
    parts = {"message": back, "calls": extras if any(extras) else [], "kept": kept}
    filled = {name: part for name, part in parts.items() if part}
    return filled or None


def _others(fields: Mapping[str, Any], understood: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in understood and not _hollow(value)}


def _hollow(value: Any) -> bool:
    """Whether a field says nothing: null, empty, or an object of nothing else."""
    if isinstance(value, dict):
        return all(_hollow(inner) for inner in value.values())
    return value is None or value == "" or value == []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _filled(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _count(value: Any) -> int:
    return max(0, int(value)) if isinstance(value, int | float) else 0


def _amount(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None
