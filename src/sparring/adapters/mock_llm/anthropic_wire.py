"""Anthropic's messages, seen from the server, with the demands that the provider makes of a conversation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from sparring.adapters.mock_llm.doors import Given, events, json_form, signature, tool_call, words
from sparring.adapters.mock_llm.openai_wire import BadRequest

_STOPS = {"stop": "end_turn", "tool_calls": "tool_use", "length": "max_tokens", "content_filter": "refusal"}
_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    529: "overloaded_error",
}


class AnthropicDoor:
    """`/v1/messages`. Answers with calls begin with sealed thinking, which must come back with them."""

    quota_headers: str | None = "anthropic-ratelimit-{unit}-{what}"

    def read(self, body: Any) -> Mapping[str, Any]:
        """The request in chat completions' form; a forced tool is a structured answer."""
        if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
            raise BadRequest("messages: Field required")
        if not isinstance(body.get("max_tokens"), int):
            raise BadRequest("max_tokens: Field required")
        if "temperature" in body and "top_p" in body:
            raise BadRequest("`temperature` and `top_p` cannot both be specified for this model.")
        messages = [_checked(message) for message in body["messages"]]
        _check_order(messages)
        told = [part for message in messages for part in _told(message)]
        if system := _text(body.get("system")):
            told.insert(0, {"role": "system", "content": system})
        tools = {tool["name"]: tool for tool in body.get("tools") or () if isinstance(tool, dict)}
        read = {"model": body.get("model"), "messages": told, "stream": body.get("stream")}
        forced = str((body.get("tool_choice") or {}).get("name"))
        if forced in tools:
            read |= {"forced": forced, "response_format": json_form(forced, tools.pop(forced)["input_schema"])}
        if form := (body.get("output_config") or {}).get("format"):
            read["response_format"] = json_form("answer", form.get("schema"))
        if tools:
            read["tools"] = [_function(tool) for tool in tools.values()]
        return read

    def answer(self, given: Given) -> dict[str, Any]:
        """The whole message."""
        content: list[dict[str, Any]] = []
        if given.calls:
            content.append({"type": "thinking", "thinking": "I look it up.", "signature": given.signature})
        if given.forced:
            content.append(_use("call_1", given.forced, orjson.loads(given.text or "{}")))
        elif words := given.text or given.refusal:
            content.append({"type": "text", "text": words})
        content += [_use(*call) for call in given.calls]
        refused = given.refusal or given.finish == "content_filter"
        return {
            "id": f"msg_mock{given.number}",
            "type": "message",
            "role": "assistant",
            "model": given.model,
            "content": content,
            "stop_reason": "refusal" if refused else "tool_use" if given.forced else _STOPS[given.finish],
            "stop_sequence": None,
            "usage": {
                "input_tokens": given.asked,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0,
                "output_tokens": given.words,
                "service_tier": "standard",
            },
        }

    def events(self, given: Given) -> bytes:
        """The message block by block."""
        whole = self.answer(given)
        told: list[dict[str, Any]] = [
            {"type": "message_start", "message": whole | {"content": [], "stop_reason": None}}
        ]
        for index, block in enumerate(whole["content"]):
            told.append({"type": "content_block_start", "index": index, "content_block": _emptied(block)})
            told += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in _deltas(block)]
            told.append({"type": "content_block_stop", "index": index})
        ended = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
        told.append({"type": "message_delta", "delta": ended, "usage": whole["usage"]})
        return events(*told, {"type": "message_stop"}, named=True)

    def error(self, status: int, told: str) -> bytes:
        """An error body."""
        kind = _KINDS.get(status, "rate_limit_error" if status == 429 else "api_error")
        return orjson.dumps({"type": "error", "error": {"type": kind, "message": told}, "request_id": "req_mock"})


def _checked(message: Any) -> dict[str, Any]:
    """A message with its content as a list of blocks."""
    if not isinstance(message, dict) or message.get("role") not in ("user", "assistant"):
        raise BadRequest("messages: Input should be an object with the role 'user' or 'assistant'")
    content = message.get("content")
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise BadRequest("messages: Input should be a valid list of content blocks")
    if not blocks or any(block.get("type") == "text" and not block["text"].strip() for block in blocks):
        raise BadRequest("messages: text content blocks must be non-empty")
    return {"role": message["role"], "content": blocks}


def _check_order(messages: Sequence[Mapping[str, Any]]) -> None:
    """Whether the user begins, each call is answered in the next message, and thinking came back as it was."""
    if not messages or messages[0]["role"] != "user":
        raise BadRequest('messages: first message must use the "user" role')
    for index, message in enumerate(messages):
        calls = {block["id"] for block in message["content"] if block["type"] == "tool_use"}
        after = messages[index + 1]["content"] if index + 1 < len(messages) else []
        results = {block["tool_use_id"] for block in after if block["type"] == "tool_result"}
        if calls - results:
            raise BadRequest(
                f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately after: "
                f"{', '.join(sorted(calls - results))}"
            )
        _check_thinking(index, message["content"])


def _check_thinking(index: int, content: Sequence[Mapping[str, Any]]) -> None:
    calls = [(block["name"], block["input"]) for block in content if block["type"] == "tool_use"]
    for block in content:
        if block["type"] == "thinking" and block.get("signature") != signature(_text(content) or None, calls):
            raise BadRequest(f"messages.{index}: Invalid `signature` in `thinking` block")


def _told(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for block in message["content"]:
        if block["type"] == "tool_result":
            yield {"role": "tool", "tool_call_id": block["tool_use_id"], "content": _text(block.get("content"))}
    calls = [
        tool_call(block["id"], block["name"], orjson.dumps(block["input"]).decode())
        for block in message["content"]
        if block["type"] == "tool_use"
    ]
    text = _text(message["content"])
    if text or calls:
        yield {"role": message["role"], "content": text or None} | ({"tool_calls": calls} if calls else {})


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(block["text"] for block in content if block.get("type") == "text")
    return content if isinstance(content, str) else ""


def _function(tool: Mapping[str, Any]) -> dict[str, Any]:
    function = {
        "name": tool["name"],
        "description": tool.get("description"),
        "parameters": tool.get("input_schema"),
    }
    return {"type": "function", "function": function}


def _use(id: str, name: str, arguments: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": id, "name": name, "input": arguments}


def _emptied(block: Mapping[str, Any]) -> dict[str, Any]:
    """A block as a stream begins it."""
    empty = {"text": "", "thinking": "", "signature": "", "input": {}}
    return {name: empty.get(name, value) for name, value in block.items()}


def _deltas(block: Mapping[str, Any]) -> list[dict[str, Any]]:
    match block["type"]:
        case "thinking":
            return [
                {"type": "thinking_delta", "thinking": block["thinking"]},
                {"type": "signature_delta", "signature": block["signature"]},
            ]
        case "tool_use":
            return [{"type": "input_json_delta", "partial_json": orjson.dumps(block["input"]).decode()}]
    return [{"type": "text_delta", "text": word} for word in words(block["text"])]
