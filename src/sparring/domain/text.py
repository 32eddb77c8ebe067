"""Text that can be stored anywhere: without NUL and without lone surrogates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sparring.domain.transcript import (
    Generation,
    Message,
    Spoken,
    SystemMessage,
    ToolCall,
    ToolResult,
)

REPLACEMENT = "\ufffd"

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether the text holds neither NUL nor a lone surrogate."""
    if text.isascii():
        return "\0" not in text
    return _UNSTORABLE.search(text) is None


def storable(text: str) -> str:
    """The text with each NUL and each lone surrogate as U+FFFD."""
    return text if is_storable(text) else _UNSTORABLE.sub(REPLACEMENT, text)


def storable_value(value: Any) -> Any:
    """A JSON value with all its texts storable, keys included; the same object where nothing had to change."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        items = {storable(key): storable_value(item) for key, item in value.items()}
        unchanged = all(
            new is old and key is was for (key, new), (was, old) in zip(items.items(), value.items(), strict=False)
        )
        return value if unchanged and len(items) == len(value) else items
    if isinstance(value, list | tuple):
        parts = [storable_value(item) for item in value]
        return value if all(new is old for new, old in zip(parts, value, strict=True)) else parts
    return value


def storable_message(message: Message) -> Message:
    """The message as it can be stored; the same object where nothing had to change, so `is` tells."""
    match message:
        case SystemMessage():
            text = storable(message.text)
            return message if text is message.text else replace(message, text=text)
        case ToolResult():
            return _storable_result(message)
        case spoken:
            return _storable_spoken(spoken)


def _storable_result(result: ToolResult) -> ToolResult:
    old = (result.call_id, result.name, result.text)
    new = tuple(map(storable, old))
    if all(map(_same_object, new, old)):
        return result
    return replace(result, call_id=new[0], name=new[1], text=new[2])


def _storable_spoken(message: Spoken) -> Spoken:
    text = message.text if message.text is None else storable(message.text)
    calls = tuple(map(_storable_call, message.calls))
    generation = _storable_generation(message.generation)
    if text is message.text and generation is message.generation and all(map(_same_object, calls, message.calls)):
        return message
    return replace(message, text=text, calls=calls, generation=generation)


def _storable_call(call: ToolCall) -> ToolCall:
    id, name = storable(call.id), storable(call.name)
    arguments = storable_value(call.arguments)
    malformed = call.malformed if call.malformed is None else storable(call.malformed)
    new, old = (id, name, arguments, malformed), (call.id, call.name, call.arguments, call.malformed)
    if all(map(_same_object, new, old)):
        return call
    return ToolCall(id=id, name=name, arguments=arguments, malformed=malformed)


def _storable_generation(generation: Generation | None) -> Generation | None:
    if generation is None or generation.opaque is None:
        return generation
    opaque = storable_value(generation.opaque)
    return generation if opaque is generation.opaque else replace(generation, opaque=opaque)


def _same_object(a: object, b: object) -> bool:
    return a is b
