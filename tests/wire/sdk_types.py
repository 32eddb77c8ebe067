"""The providers' own SDKs as judges of the requests that we build. They are test dependencies only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

Check = Callable[[dict[str, Any]], None]
NAMELESS = (".vector_store_id",)
"""Fields that the provider sends in its own parts, wants back unchanged, and whose SDK has no name for them."""


def check_of(wire: str) -> Check:
    """What raises for a request that the provider's SDK would not send; skips where the SDK is not installed."""
    return {
        "openai.chat": _chat,
        "openai.responses": _responses,
        "anthropic.messages": _anthropic,
        "google.generate": _google,
    }[wire]


def _chat(body: dict[str, Any]) -> None:
    _check_typed("openai.types.chat.completion_create_params", "CompletionCreateParamsNonStreaming", body)


def _responses(body: dict[str, Any]) -> None:
    _check_typed("openai.types.responses.response_create_params", "ResponseCreateParamsNonStreaming", body)


def _anthropic(body: dict[str, Any]) -> None:
    # Since its version 1 the SDK has no name for these, for newer models refuse them; those that take them, do.
    body = {name: value for name, value in body.items() if name not in ("temperature", "top_p")}
    _check_typed("anthropic.types.message_create_params", "MessageCreateParamsNonStreaming", body)


def _google(body: dict[str, Any]) -> None:
    types = _imported("google.genai.types")
    known = {"contents", "systemInstruction", "tools", "generationConfig"}
    assert set(body) <= known
    for content in body["contents"]:
        types.Content.model_validate(content)
    for tool in body.get("tools", ()):
        types.Tool.model_validate(tool)
    if "systemInstruction" in body:
        types.Content.model_validate(body["systemInstruction"])
    if "generationConfig" in body:
        types.GenerateContentConfig.model_validate(body["generationConfig"])


def _check_typed(module: str, name: str, body: dict[str, Any]) -> None:
    """Whether the body has the type, with no field that the type does not name."""
    read = _whole(_adapter(module, name).validate_python(body))
    lost = [path for path in _lost(body, read) if not path.endswith(NAMELESS)]
    assert lost == [], f"The SDK has no name for {lost}"


@cache
def _adapter(module: str, name: str) -> TypeAdapter[Any]:
    return TypeAdapter(getattr(_imported(module), name))


def _imported(module: str) -> Any:
    package = module.split(".types")[0]
    return pytest.importorskip(module, reason=f"The SDK {package} is not installed; the group dev has it.")


def _whole(value: Any) -> Any:
    """The value with everything that is read late read."""
    if isinstance(value, BaseModel):
        return value.model_dump(exclude_unset=True)
    if isinstance(value, Mapping):
        return {name: _whole(inner) for name, inner in value.items()}
    if isinstance(value, str | bytes | int | float | None):
        return value
    return [_whole(inner) for inner in value]


def _lost(sent: Any, read: Any, path: str = "") -> Iterator[str]:
    if isinstance(sent, dict) and isinstance(read, dict):
        for name, value in sent.items():
            if name not in read:
                yield f"{path}.{name}"
            else:
                yield from _lost(value, read[name], f"{path}.{name}")
    elif isinstance(sent, list) and isinstance(read, list):
        for index, (one, other) in enumerate(zip(sent, read, strict=False)):
            yield from _lost(one, other, f"{path}[{index}]")
    elif sent != read:
        yield f"{path}: {sent!r} != {read!r}"
