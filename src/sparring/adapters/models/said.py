"""What a model said, the same for every wire, and how the parts of an answer are read.

Reading never fails: what is not understood is kept beside what is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sparring.adapters.json_answers import loads
from sparring.domain.transcript import ToolCall, Usage

_LONG_NUMBER = re.compile(r"\d{19}")


class Stop(StrEnum):
    """Why an answer is not what was asked for, in the words of `ModelFault`."""

    LENGTH = "length"
    FILTERED = "content_filter"
    REFUSED = "refusal"
    """Stopped by the provider, not in the model's own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a model said."""

    text: str | None
    calls: tuple[ToolCall, ...] = ()
    refusal: str | None = None
    """The model's own words."""
    finish: str | None = None
    """Why it ended, in the provider's word."""
    stop: Stop | None = None
    """What the provider's word means where it is no good end."""
    details: str | None = None
    """The provider's explanation of its word."""
    model: str | None = None
    """As the provider names it."""
    tier: str | None = None
    """The service tier that served it."""
    usage: Usage | None = None
    cost: float | None = None
    """USD, where the provider reports it."""
    opaque: Mapping[str, Any] | None = None
    """What goes back with the message; under `kept`, what nobody here understands."""
    error: Any = None
    """What a gateway tells of an upstream that failed in the middle."""


def read_arguments(raw: Any) -> tuple[dict[str, Any], str | None]:
    """Arguments of a call, and what came instead where that was no JSON object. Nothing at all is no arguments."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return {}, None
    if isinstance(raw, str):
        try:
            value = _read_exactly(raw)
        except ValueError:
            return {}, raw
    else:
        value = raw
    if isinstance(value, dict):
        return value, None
    return {}, raw if isinstance(raw, str) else json.dumps(raw)


def call_id(raw: Any, used: set[str], *, position: int) -> str:
    """The id of the next call of an answer: the provider's own where it gave one that is new.

    Args:
        used: the ids of the answer's calls so far; the new one is added.
        position: how many messages the model was shown, so that no two answers of a conversation share an id.
    """
    id = raw if isinstance(raw, str) and raw and raw not in used else f"call_{position}_{len(used)}"
    used.add(id)
    return id


def _read_exactly(text: str) -> Any:
    """JSON, with integers above 64 bits as they are, which orjson would round to floats."""
    if _LONG_NUMBER.search(text):
        try:
            return json.loads(text)
        except RecursionError:
            raise ValueError("nested too deeply") from None
    return loads(text.encode("utf-8", "surrogatepass"))


def others(fields: Mapping[str, Any], understood: frozenset[str]) -> dict[str, Any]:
    """The fields that say something and are not understood."""
    return {name: value for name, value in fields.items() if name not in understood and not hollow(value)}


def hollow(value: Any) -> bool:
    """Whether a field says nothing: null, empty, or an object of nothing else."""
    if isinstance(value, dict):
        return all(hollow(inner) for inner in value.values())
    return value is None or value == "" or value == []


def mapping(value: Any) -> Mapping[str, Any]:
    """The value, or an empty object where it is none."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects in a list, or none where it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def filled(value: Any) -> str | None:
    """A text that holds something."""
    return value if isinstance(value, str) and value else None


def count(value: Any) -> int:
    """A number of tokens; 0 where there is none."""
    return max(0, int(value)) if isinstance(value, int | float) else 0


def amount(value: Any) -> float | None:
    """USD, None where there is no such number."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None
