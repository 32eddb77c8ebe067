"""Answers of Google's generateContent wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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

_FILTERED = (
    "SAFETY",
    "RECITATION",
    "LANGUAGE",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "ESCALATION",
    "MODEL_ARMOR",
)
_STOPS = {"MAX_TOKENS": Stop.LENGTH} | dict.fromkeys(_FILTERED, Stop.FILTERED)
_UNDERSTOOD = frozenset(
    {"candidates", "promptFeedback", "usageMetadata", "modelVersion", "responseId", "createTime", "error"}
)
_UNDERSTOOD_OF_CANDIDATE = frozenset({"content", "finishReason", "finishMessage", "index", "avgLogprobs"})
_UNDERSTOOD_OF_CALL = frozenset({"id", "name", "args"})


def read_answer(payload: Mapping[str, Any], *, position: int = 0) -> Said:
    """The first candidate of a payload. `position` makes ids for calls that came without one of their own."""
    candidate = next(iter(objects(payload.get("candidates"))), {})
    parts = objects(mapping(candidate.get("content")).get("parts"))
    blocked = mapping(payload.get("promptFeedback"))
    finish = filled(candidate.get("finishReason"))
    stop = _STOPS.get(finish or "")
    details = filled(candidate.get("finishMessage"))
    if not candidate and (reason := filled(blocked.get("blockReason"))):
        finish, stop = reason, Stop.FILTERED
        details = filled(blocked.get("blockReasonMessage")) or "the prompt was blocked"
    usage = payload.get("usageMetadata")
    return Said(
        text=_text(parts),
        calls=_calls(parts, position),
        finish=finish,
        stop=stop,
        details=details,
        model=filled(payload.get("modelVersion")),
        tier=filled(mapping(usage).get("serviceTier")),
        usage=read_usage(usage),
        opaque=_opaque(payload, candidate, parts),
        error=payload.get("error"),
    )


def read_usage(usage: Any) -> Usage | None:
    """Tokens; None where none are told. This wire counts thinking, and what its own tools read, apart."""
    told = mapping(usage)
    if "promptTokenCount" not in told and "totalTokenCount" not in told:
        return None
    thought = count(told.get("thoughtsTokenCount"))
    return Usage(
        input=count(told.get("promptTokenCount")) + count(told.get("toolUsePromptTokenCount")),
        output=count(told.get("candidatesTokenCount")) + thought,
        cached=count(told.get("cachedContentTokenCount")),
        reasoning=thought,
    )


def _text(parts: list[dict[str, Any]]) -> str | None:
    texts = [part["text"] for part in parts if isinstance(part.get("text"), str) and not part.get("thought")]
    return "".join(texts) if texts else None


def _calls(parts: list[dict[str, Any]], position: int) -> tuple[ToolCall, ...]:
    calls: list[ToolCall] = []
    used: set[str] = set()
    for part in parts:
        if isinstance(raw := part.get("functionCall"), dict):
            arguments, malformed = read_arguments(raw.get("args"))
            id = call_id(raw.get("id"), used, position=position)
            calls.append(
                ToolCall(id=id, name=str(raw.get("name") or ""), arguments=arguments, malformed=malformed)
            )
    return tuple(calls)


def _opaque(
    payload: Mapping[str, Any], candidate: Mapping[str, Any], parts: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """All parts where one holds more than text or a call: a signature goes back in the very part it came in."""
    held: dict[str, Any] = {}
    if any(_says_more(part) for part in parts):
        held["parts"] = [part for part in parts if part != {"text": ""}]
    kept = others(payload, _UNDERSTOOD) | others(candidate, _UNDERSTOOD_OF_CANDIDATE)
    if kept:
        held["kept"] = kept
    return held or None


def _says_more(part: dict[str, Any]) -> bool:
    if set(part) == {"functionCall"}:
        return bool(others(mapping(part["functionCall"]), _UNDERSTOOD_OF_CALL))
    return set(part) != {"text"}
