"""The settings of a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparring.dialects.eqho.wire.runs import LlmArgsRecord

_IDLE: Mapping[str, tuple[Any, ...]] = {
    "frequency_penalty": (None, 0),
    "max_tokens": (None, 0),
    "presence_penalty": (None, 0),
    "reasoning": (None, "none"),
    "text_verbosity": (None, "low"),
}
"""The settings that are not acted on, each with the values that ask for nothing."""


def args_record(kept: Mapping[str, Any], *, model: str | None, temperature: float | None) -> LlmArgsRecord:
    """The settings as they go out, with the model and the temperature that are in effect."""
    return LlmArgsRecord(
        ai_model=model,
        frequency_penalty=kept.get("frequency_penalty"),
        max_tokens=kept.get("max_tokens"),
        presence_penalty=kept.get("presence_penalty"),
        temperature=temperature,
        reasoning=kept.get("reasoning"),
        text_verbosity=kept.get("text_verbosity"),
    )


def not_acted_on(kept: Mapping[str, Any]) -> list[str]:
    """The settings that ask for something and are only stored."""
    return [name for name, idle in _IDLE.items() if kept.get(name) not in idle]
