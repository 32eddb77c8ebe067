"""OpenAI's responses, seen from the server, with the demands that the provider makes of a conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from sparring.adapters.mock_llm.doors import Given, events, json_form, signature, tool_call, words
from sparring.adapters.mock_llm.openai_wire import QUOTA_HEADERS, BadRequest, error

_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}


class ResponsesDoor:
    """`/v1/responses`. Calls follow a reasoning item, which must come back with them."""

    quota_headers: str | None = QUOTA_HEADERS

    def read(self, body: Any) -> Mapping[str, Any]:
        """The request in chat completions' form."""
        asked = body.get("input") if isinstance(body, dict) else None
        items = [{"role": "user", "content": asked}] if isinstance(asked, str) else asked
        if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
            raise BadRequest("Missing required parameter: 'input'.")
        _check_order(items)
        told: list[dict[str, Any]] = []
        if body.get("instructions"):
            told.append({"role": "system", "content": body["instructions"]})
        for item in items:
            _tell(told, item)
        read = {"model": body.get("model"), "messages": told, "stream": body.get("stream")}
        if tools := [tool for tool in body.get("tools") or () if tool.get("type") == "function"]:
            read["tools"] = [{"type": "function", "function": tool} for tool in tools]
        form = (body.get("text") or {}).get("format") or {}
        if form.get("type") in ("json_schema", "json_object"):
            read["response_format"] = json_form(form.get("name") or "answer", form.get("schema"))
        return read

    def answer(self, given: Given) -> dict[str, Any]:
        """The whole response."""
        reason = _INCOMPLETE.get(given.finish)
        return {
            "id": f"resp_mock{given.number}",
            "object": "response",
            "created_at": given.now,
            "status": "incomplete" if reason else "completed",
            "incomplete_details": {"reason": reason} if reason else None,
            "error": None,
            "model": given.model,
            "output": list(_output(given)),
            "service_tier": "default",
            "store": False,
            "usage": {
                "input_tokens": given.asked,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": given.words,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": given.asked + given.words,
            },
        }

    def events(self, given: Given) -> bytes:
        """The response item by item."""
        whole = self.answer(given)
        told: list[dict[str, Any]] = [
            {"type": "response.created", "response": whole | {"output": [], "status": "in_progress"}}
        ]
        for index, item in enumerate(whole["output"]):
            told += [{**event, "output_index": index} for event in _told(item)]
        numbered = [*told, {"type": f"response.{whole['status']}", "response": whole}]
        return events(*({**event, "sequence_number": n} for n, event in enumerate(numbered)), named=True)

    def error(self, status: int, told: str) -> bytes:
        """An error body."""
        return error(status, told)


def _told(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    """An item as a stream tells it: its beginning, its text, the whole of it."""
    begun = {**item, "content": []} if "content" in item else item
    deltas = [
        {"type": "response.output_text.delta", "content_index": place, "delta": word}
        for place, part in enumerate(item.get("content") or ())
        if part["type"] == "output_text"
        for word in words(part["text"])
    ]
    return [
        {"type": "response.output_item.added", "item": begun},
        *deltas,
        {"type": "response.output_item.done", "item": item},
    ]


def _output(given: Given) -> list[dict[str, Any]]:
    output: list[dict[str, Any]] = []
    if given.calls:
        output.append(
            {
                "type": "reasoning",
                "id": f"rs_mock{given.number}",
                "summary": [],
                "encrypted_content": given.signature,
            }
        )
    part: dict[str, Any] | None = None
    if given.refusal:
        part = {"type": "refusal", "refusal": given.refusal}
    elif given.text:
        part = {"type": "output_text", "text": given.text, "annotations": []}
    if part is not None:
        output.append(
            {
                "type": "message",
                "id": f"msg_mock{given.number}",
                "role": "assistant",
                "status": "completed",
                "content": [part],
            }
        )
    for id, name, arguments in given.calls:
        output.append(
            {
                "type": "function_call",
                "id": f"fc_{id}",
                "call_id": id,
                "name": name,
                "arguments": orjson.dumps(arguments).decode(),
                "status": "completed",
            }
        )
    return output


def _check_order(items: Sequence[Mapping[str, Any]]) -> None:
    """Whether each call is answered, and each reasoning item stands before what it led to."""
    answered = {item.get("call_id") for item in items if item.get("type") == "function_call_output"}
    for index, item in enumerate(items):
        if item.get("type") == "function_call" and item["call_id"] not in answered:
            raise BadRequest(f"No tool output found for function call {item['call_id']}.")
        if item.get("type") == "reasoning" and item.get("encrypted_content") != _sealed(items[index + 1 :]):
            raise BadRequest(
                f"Item '{item.get('id')}' of type 'reasoning' was provided without its required following item."
            )


def _sealed(items: Sequence[Mapping[str, Any]]) -> str:
    """The seal on the reasoning before these items."""
    text: str | None = None
    calls: list[tuple[str, Any]] = []
    for item in items:
        if item.get("type") == "function_call":
            calls.append((item["name"], orjson.loads(item["arguments"])))
        elif item.get("role") == "assistant" and not calls:
            text = _text(item.get("content"))
        else:
            break
    return signature(text, calls)


def _tell(told: list[dict[str, Any]], item: Mapping[str, Any]) -> None:
    match item.get("type", "message"):
        case "message":
            told.append({"role": item.get("role"), "content": _text(item.get("content"))})
        case "function_call":
            if not told or told[-1]["role"] != "assistant":
                told.append({"role": "assistant", "content": None})
            made = tool_call(item["call_id"], item["name"], item["arguments"])
            told[-1].setdefault("tool_calls", []).append(made)
        case "function_call_output":
            told.append({"role": "tool", "tool_call_id": item["call_id"], "content": _text(item.get("output"))})


def _text(content: Any) -> str | None:
    if isinstance(content, list):
        return "".join(str(part.get("text") or part.get("refusal") or "") for part in content)
    return content if isinstance(content, str) else None
