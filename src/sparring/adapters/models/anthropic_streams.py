"""Streamed answers of the Anthropic messages wire, put together to the whole answers that they spell out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparring.adapters.json_answers import loads
from sparring.adapters.models.events import events
from sparring.adapters.models.said import mapping

_TEXTS = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}


def parse_stream(text: str) -> dict[str, Any]:
    """Server-sent events to the payload that the same answer has when it is not streamed.

    An error in the middle is the payload's `error`; a stream that breaks off gives what had come.
    """
    payload: dict[str, Any] = {}
    blocks: dict[int, dict[str, Any]] = {}
    inputs: dict[int, str] = {}
    for event in events(text):
        match event.get("type"):
            case "message_start":
                payload |= mapping(event.get("message"))
            case "content_block_start":
                blocks[event.get("index", len(blocks))] = dict(mapping(event.get("content_block")))
            case "content_block_delta":
                _fold(blocks, inputs, event.get("index", len(blocks) - 1), mapping(event.get("delta")))
            case "message_delta":
                payload |= mapping(event.get("delta"))
                payload["usage"] = {**mapping(payload.get("usage")), **mapping(event.get("usage"))}
            case "error":
                payload["error"] = event.get("error") or event
    for index, spelt in inputs.items():
        blocks[index]["input"] = _input(spelt)
    payload["content"] = [blocks[index] for index in sorted(blocks)]
    return payload


def _fold(blocks: dict[int, dict[str, Any]], inputs: dict[int, str], index: int, delta: Mapping[str, Any]) -> None:
    block = blocks.setdefault(index, {"type": "text", "text": ""})
    kind = delta.get("type")
    if kind in _TEXTS:
        name = _TEXTS[kind]
        block[name] = (block.get(name) or "") + str(delta.get(name) or "")
    elif kind == "input_json_delta":
        inputs[index] = inputs.get(index, "") + str(delta.get("partial_json") or "")
    elif kind == "citations_delta":
        block["citations"] = [*(block.get("citations") or []), delta.get("citation")]
    else:
        block |= {name: value for name, value in delta.items() if name != "type"}


def _input(spelt: str) -> Any:
    """The arguments that the parts of a call spell; as text where that is no JSON."""
    if not spelt.strip():
        return {}
    try:
        return loads(spelt.encode("utf-8", "surrogatepass"))
    except ValueError:
        return spelt
