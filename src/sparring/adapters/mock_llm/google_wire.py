"""Google's generateContent, seen from the server, with the demands that the provider makes of a conversation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from sparring.adapters.mock_llm.doors import Given, events, json_form, signature, tool_call, words
from sparring.adapters.mock_llm.openai_wire import BadRequest

_STOPS = {"stop": "STOP", "tool_calls": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}
_STATUSES = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}
_SIGNS = re.compile(r"gemini-[3-9]")
_ANY_SIGNATURE = "skip_thought_signature_validator"


class GoogleDoor:
    """`/v1beta/models/MODEL:generateContent`. Calls are signed, and must come back with their signature."""

    quota_headers: str | None = None

    def read(self, body: Any) -> Mapping[str, Any]:
        """The request in chat completions' form."""
        if not isinstance(body, dict) or not isinstance(body.get("contents"), list) or not body["contents"]:
            raise BadRequest("* GenerateContentRequest.contents: contents is not specified")
        contents = [_checked(content) for content in body["contents"]]
        _check_order(contents, signed=_SIGNS.match(str(body.get("model"))) is not None)
        told = [message for content in contents for message in _told(content)]
        if system := _text((body.get("systemInstruction") or {}).get("parts") or []):
            told.insert(0, {"role": "system", "content": system})
        read = {"model": body.get("model"), "messages": told}
        declared = [
            function for tool in body.get("tools") or () for function in tool.get("functionDeclarations") or ()
        ]
        if declared:
            read["tools"] = [_function(function) for function in declared]
        config = body.get("generationConfig") or {}
        if config.get("responseMimeType") == "application/json":
            read["response_format"] = json_form("answer", config.get("responseJsonSchema"))
        return read

    def answer(self, given: Given) -> dict[str, Any]:
        """The whole answer."""
        parts: list[dict[str, Any]] = []
        if words := given.text or given.refusal:
            parts.append({"text": words})
        parts += [
            {"functionCall": {"id": id, "name": name, "args": arguments}} for id, name, arguments in given.calls
        ]
        if given.calls:
            parts[-len(given.calls)]["thoughtSignature"] = given.signature
        return {
            "candidates": [
                {
                    "content": {"parts": parts, "role": "model"},
                    "finishReason": _STOPS[given.finish],
                    "index": 0,
                }
            ],
            "usageMetadata": {
                "promptTokenCount": given.asked,
                "candidatesTokenCount": given.words,
                "totalTokenCount": given.asked + given.words,
            },
            "modelVersion": given.model,
            "responseId": f"mock{given.number}",
        }

    def events(self, given: Given) -> bytes:
        """A chunk for each part and each word of a text, the last with the end."""
        whole = self.answer(given)
        candidate = whole["candidates"][0]
        parts = [piece for part in candidate["content"]["parts"] for piece in _pieces(part)]
        chunks = [
            whole | {"candidates": [{"content": {"parts": [part], "role": "model"}, "index": 0}]}
            for part in parts[:-1]
        ]
        last = candidate | {"content": {"parts": parts[-1:], "role": "model"}}
        return events(*chunks, whole | {"candidates": [last]})

    def error(self, status: int, told: str) -> bytes:
        """An error body."""
        name = _STATUSES.get(status, "UNAVAILABLE")
        return orjson.dumps({"error": {"code": status, "message": told, "status": name}})


def _pieces(part: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A part as it is streamed: what is no plain text comes whole."""
    return [{"text": word} for word in words(part["text"])] if part.keys() == {"text"} else [part]


def _checked(content: Any) -> dict[str, Any]:
    if not isinstance(content, dict) or content.get("role", "user") not in ("user", "model"):
        raise BadRequest("Please use a valid role: user, model.")
    parts = content.get("parts")
    if not isinstance(parts, list) or not parts or not all(isinstance(part, dict) for part in parts):
        raise BadRequest("* GenerateContentRequest.contents.parts: contents.parts must not be empty.")
    return {"role": content.get("role", "user"), "parts": parts}


def _check_order(contents: Sequence[Mapping[str, Any]], *, signed: bool) -> None:
    """Whether calls follow the user, each is answered by the next turn, and their signature came back.

    Args:
        signed: whether the model demands one.
    """
    for index, content in enumerate(contents):
        calls = [part["functionCall"] for part in content["parts"] if "functionCall" in part]
        if not calls:
            continue
        if index == 0:
            raise BadRequest(
                "Please ensure that function call turn comes immediately after a user turn or after a function "
                "response turn."
            )
        after = contents[index + 1]["parts"] if index + 1 < len(contents) else []
        if sum("functionResponse" in part for part in after) != len(calls):
            raise BadRequest(
                "Please ensure that the number of function response parts is equal to the number of function call "
                "parts of the function call turn."
            )
        _check_signature(content["parts"], calls, signed=signed)


def _check_signature(
    parts: Sequence[Mapping[str, Any]], calls: Sequence[Mapping[str, Any]], *, signed: bool
) -> None:
    (first, *_) = [part for part in parts if "functionCall" in part]
    made = signature(_text(parts) or None, [(call["name"], call.get("args") or {}) for call in calls])
    if first.get("thoughtSignature", None if signed else made) not in (made, _ANY_SIGNATURE):
        raise BadRequest(
            f"Function call is missing a thought_signature in functionCall parts: {calls[0]['name']}."
        )


def _told(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for part in content["parts"]:
        if isinstance(result := part.get("functionResponse"), dict):
            told = result.get("response") or {}
            text = told.get("output", told.get("error"))
            yield {
                "role": "tool",
                "tool_call_id": result.get("id"),
                "content": text if isinstance(text, str) else orjson.dumps(told).decode(),
            }
    calls = [
        tool_call(call.get("id") or f"call_{number}", call["name"], orjson.dumps(call.get("args") or {}).decode())
        for number, call in enumerate((p["functionCall"] for p in content["parts"] if "functionCall" in p), 1)
    ]
    text = _text(content["parts"])
    if text or calls:
        role = "assistant" if content["role"] == "model" else "user"
        yield {"role": role, "content": text or None} | ({"tool_calls": calls} if calls else {})


def _text(parts: Sequence[Mapping[str, Any]]) -> str:
    return "".join(str(part["text"]) for part in parts if "text" in part and not part.get("thought"))


def _function(declared: Mapping[str, Any]) -> dict[str, Any]:
    parameters = declared.get("parametersJsonSchema") or declared.get("parameters")
    function = {"name": declared["name"], "description": declared.get("description"), "parameters": parameters}
    return {"type": "function", "function": function}
