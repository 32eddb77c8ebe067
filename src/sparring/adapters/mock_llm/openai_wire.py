"""OpenAI's chat completions, seen from the server: requests to what models are asked, and answers back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from sparring.adapters.mock_llm.roles import offered, role_of
from sparring.domain.chance import derive
from sparring.domain.outcomes import Role
from sparring.domain.transcript import ToolCall
from sparring.simulation.ports import ModelRequest, Occasion, Prompt, Schema

SYSTEM_ROLES = ("system", "developer")

QUOTA_HEADERS = "x-ratelimit-{what}-{unit}"
"""The headers that tell of limits."""


class BadRequest(Exception):
    """What a provider would answer 400 to."""


def check(body: Any) -> Mapping[str, Any]:
    """The body, if it is a request that can be answered.

    Raises:
        BadRequest: it is not.
    """
    if not isinstance(body, dict):
        raise BadRequest("The request body is not a JSON object.")
    if not isinstance(body.get("model"), str) or not body["model"]:
        raise BadRequest("You must provide a model parameter.")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadRequest("You must provide a messages parameter: a list with at least one message.")
    if not all(isinstance(message, dict) and isinstance(message.get("role"), str) for message in messages):
        raise BadRequest("Each of the messages must be an object with a role.")
    if not all(_is_list_of_objects(message.get("tool_calls")) for message in messages):
        raise BadRequest("The tool_calls of a message must be a list of objects.")
    if not _is_list_of_objects(body.get("tools")):
        raise BadRequest("The tools must be a list of objects.")
    return body


def role(body: Mapping[str, Any]) -> Role:
    """Whose model is asked."""
    wanted = body.get("response_format")
    return role_of(
        model=body["model"],
        structured=isinstance(wanted, dict) and wanted.get("type") in ("json_schema", "json_object"),
        system="\n".join(text_of(m) or "" for m in body["messages"] if m["role"] in SYSTEM_ROLES),
        tools=tuple((name, description) for name, description, _ in _tools(body)),
    )


def request(body: Mapping[str, Any], role: Role, seed: int) -> ModelRequest:
    """The request as a scripted model is asked it.

    The wire has no trial, so its seed follows from `seed` and from how the conversation began: a conversation
    that begins with the same words goes on the same way.
    """
    messages = body["messages"]
    system = "\n\n".join(text_of(m) or "" for m in messages if m["role"] in SYSTEM_ROLES)
    prompts = tuple(_prompts([m for m in messages if m["role"] not in SYSTEM_ROLES]))
    own = body.get("seed")
    beginning = [prompt.text or "" for prompt in prompts[:2]]
    return ModelRequest(
        system=system,
        messages=prompts,
        tools=tuple(offered(*tool) for tool in _tools(body)),
        schema=_schema(body),
        occasion=Occasion(role=role, seed=own if isinstance(own, int) else derive(seed, system, *beginning)),
    )


def counts(body: Mapping[str, Any]) -> tuple[int, int, bool]:
    """How many messages came from the other side and how many of its own, without calls, the model sent; and
    whether the last message is a tool's result."""
    told = answered = 0
    for message in body["messages"]:
        if message["role"] == "user":
            told += 1
        elif message["role"] == "assistant" and not message.get("tool_calls"):
            answered += 1
    return told, answered, body["messages"][-1]["role"] == "tool"


def message(text: str | None, calls: Sequence[ToolCall] = ()) -> dict[str, Any]:
    """The message of a choice."""
    said: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None}
    if calls:
        said["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": orjson.dumps(dict(call.arguments)).decode()},
            }
            for call in calls
        ]
    return said


def choices(said: Mapping[str, Any], finish: str) -> bytes:
    """The one choice of an answer."""
    return orjson.dumps([{"index": 0, "message": said, "logprobs": None, "finish_reason": finish}])


def completion(number: int, model: str, created: int, choices: bytes, words: int, asked: int) -> bytes:
    """An answer, put together around its encoded choices.

    Args:
        words: of the answer; stands in for its tokens.
        asked: bytes of the request; a quarter of it stands in for its tokens.
    """
    prompt = asked // 4 + 1
    return (
        b'{"id":"chatcmpl-mock%d","object":"chat.completion","created":%d,"model":%b,"choices":%b,'
        b'"usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d,'
        b'"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}},'
        b'"service_tier":"default","system_fingerprint":null}'
        % (number, created, orjson.dumps(model), choices, prompt, words, prompt + words)
    )


def error(status: int, told: str) -> bytes:
    """An error body."""
    kinds = {400: "invalid_request_error", 401: "authentication_error", 404: "invalid_request_error"}
    codes = {401: "invalid_api_key", 429: "rate_limit_exceeded"}
    kind = kinds.get(status, "rate_limit_error" if status == 429 else "server_error")
    return orjson.dumps({"error": {"message": told, "type": kind, "param": None, "code": codes.get(status)}})


def text_of(message: Mapping[str, Any]) -> str | None:
    """The text of a message, whose content may come in parts."""
    content = message.get("content")
    if isinstance(content, list):
        texts = [part.get("text", "") for part in content if isinstance(part, dict) and part.get("type") == "text"]
        return "".join(text for text in texts if isinstance(text, str))
    return content if isinstance(content, str) else None


def _is_list_of_objects(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(item, dict) for item in value))


def _prompts(messages: Sequence[Mapping[str, Any]]) -> list[Prompt]:
    tools: dict[str, str] = {}
    prompts: list[Prompt] = []
    for said in messages:
        if said["role"] == "tool":
            call_id = str(said.get("tool_call_id", ""))
            prompts.append(Prompt(role="tool", text=text_of(said), call_id=call_id, name=tools.get(call_id)))
            continue
        calls = tuple(_calls(said)) if said["role"] == "assistant" else ()
        tools.update({call.id: call.name for call in calls})
        prompts.append(Prompt(role=said["role"], text=text_of(said), calls=calls))
    return prompts


def _calls(said: Mapping[str, Any]) -> list[ToolCall]:
    calls = []
    for call in said.get("tool_calls") or ():
        function = call.get("function")
        function = function if isinstance(function, dict) else {}
        written = function.get("arguments") or "{}"
        try:
            arguments = orjson.loads(written)
        except ValueError:
            arguments = None
        known = isinstance(arguments, dict)
        calls.append(
            ToolCall(
                id=str(call.get("id", "")),
                name=str(function.get("name", "")),
                arguments=arguments if known else {},
                malformed=None if known else str(written),
            )
        )
    return calls


def _tools(body: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    functions = [tool.get("function") for tool in body.get("tools") or ()]
    return [
        (str(function.get("name", "")), str(function.get("description") or ""), function.get("parameters"))
        for function in functions
        if isinstance(function, dict)
    ]


def _schema(body: Mapping[str, Any]) -> Schema | None:
    wanted = body.get("response_format")
    inner = wanted.get("json_schema") if isinstance(wanted, dict) else None
    return (
        Schema(name=str(inner.get("name", "")), body=inner.get("schema") or {})
        if isinstance(inner, dict)
        else None
    )
