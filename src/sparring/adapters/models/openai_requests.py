"""Requests of the OpenAI chat-completions wire, put together from parts that were encoded before."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import orjson

from sparring.adapters.models.failures import Failure
from sparring.domain.agent import Tool
from sparring.domain.transcript import ToolCall
from sparring.simulation.ports import ModelRequest, Prompt, Schema

LEVELS = ("json_schema", "json_object", "text")
"""How the form of an answer can be asked for, the strictest first."""

OPAQUE_FIELDS = ("reasoning_content", "reasoning", "reasoning_details", "extra_content")
"""Fields of a message that the providers want back."""

_KEPT = 256
_NO_SAMPLING = re.compile(r"^(o\d|gpt-5(-mini|-nano|-pro|-codex)?(-\d{4}-\d\d-\d\d)?$)")
_FORM = re.compile(r"(?i)response[ _]format|json_schema|json_object|structured output|json mode|grammar")
_OPAQUE = re.compile("|".join(OPAQUE_FIELDS) + "|thought_signature")


@dataclass(slots=True)
class Habits:
    """What one model at one provider does not take, known or learnt from its refusals."""

    dropped: set[str] = field(default_factory=set)
    """Parameters that are not sent."""
    level: int = 0
    """Index in `LEVELS`."""
    opaque: bool = True
    """Whether it takes its own opaque parts back."""

    @classmethod
    def expected(cls, model: str, structured: str) -> Habits:
        """What is known of a model before it is asked: o-series and gpt-5 take no sampling parameters."""
        bare = model.rpartition("/")[2]
        dropped = {"temperature", "top_p"} if _NO_SAMPLING.match(bare) else set()
        return cls(dropped=dropped, level=LEVELS.index(structured))

    def learn(self, failure: Failure, request: ModelRequest) -> bool:
        """Take a refusal to heart; whether the same request, encoded anew, may now be taken."""
        if failure.status not in (400, 422):
            return False
        named = f"{failure.param} {failure.words}"
        for name, value in (("temperature", request.temperature), ("top_p", request.top_p)):
            if value is not None and name in named and name not in self.dropped:
                self.dropped.add(name)
                return True
        if request.schema is not None and self.level < len(LEVELS) - 1 and _FORM.search(named):
            self.level += 1
            return True
        if self.opaque and _OPAQUE.search(named) and any(prompt.opaque for prompt in request.messages):
            self.opaque = False
            return True
        return False

    @property
    def _state(self) -> tuple[bool, bool, int]:
        return "temperature" in self.dropped, "top_p" in self.dropped, self.level


@dataclass(slots=True)
class _Told:
    """The messages of a conversation so far as they go out, each with a comma before it."""

    rest: tuple[Prompt, ...]
    """All but the first prompt, which holds this in its `memo`."""
    json: bytearray

    def goes_on_in(self, prompts: Sequence[Prompt]) -> bool:
        """Whether these prompts are those that were encoded and perhaps more. Compares identities: quick."""
        return tuple(prompts[1 : len(self.rest) + 1]) == self.rest


class Encoder:
    """Puts together the requests of one model.

    A message is encoded once in a conversation, and the whole of them kept in the `memo` of its first prompt, so
    that a turn costs one copy of what is sent. The system text, and the tools with the schema and the
    parameters, are encoded once for as long as a conversation uses them.
    """

    def __init__(self, *, provider: str, model: str, tier: str | None, habits: Habits) -> None:
        """Take the name that goes out and the service tier to ask for."""
        self._provider = provider
        self._habits = habits
        self._tier = tier
        self._head = b'{"model":' + encoded(model) + b',"messages":['
        self._systems: dict[tuple[str, int, int], tuple[Schema | None, bytes]] = {}
        self._tails: dict[tuple[Any, ...], tuple[Any, Any, bytes]] = {}

    def body(self, request: ModelRequest) -> bytes:
        """The request as it goes out."""
        system, told = self._system(request), self._told(request.messages)
        return b"".join((self._head, system, told if system else told[1:], self._tail(request)))

    def _told(self, prompts: Sequence[Prompt]) -> bytearray:
        if not prompts:
            return bytearray()
        owner = self._provider if self._habits.opaque else None
        key = f"openai:{owner}"
        told = prompts[0].memo.get(key)
        if told is None or not told.goes_on_in(prompts):
            told = prompts[0].memo[key] = _Told((), bytearray(b"," + encoded(_message(prompts[0], owner))))
        if news := prompts[len(told.rest) + 1 :]:
            for prompt in news:
                told.json += b"," + encoded(_message(prompt, owner))
            told.rest = (*told.rest, *news)
        return cast(bytearray, told.json)

    def _system(self, request: ModelRequest) -> bytes:
        schema = request.schema if self._habits.level else None
        key = (request.system, id(schema), self._habits.level)
        found = self._systems.get(key)
        if found is None:
            text = request.system
            if schema is not None:
                text = f"{text}\n\n{_form_in_words(schema)}".lstrip()
            found = schema, encoded({"role": "system", "content": text}) if text else b""
            _keep(self._systems, key, found)
        return found[1]

    def _tail(self, request: ModelRequest) -> bytes:
        """Everything behind the messages, for it changes from call to call even less than they do.

        Kept by identity: the entry holds on to the tools and the schema, so that their ids stay theirs.
        """
        tools, schema = request.tools, request.schema
        key = (id(tools), id(schema), request.temperature, request.top_p, self._habits._state)
        found = self._tails.get(key)
        if found is None:
            found = tools, schema, self._encode_tail(request)
            _keep(self._tails, key, found)
        return found[2]

    def _encode_tail(self, request: ModelRequest) -> bytes:
        fields: dict[str, Any] = {}
        if request.tools:
            fields["tools"] = [_tool(tool) for tool in request.tools]
        if request.schema is not None:
            match LEVELS[self._habits.level]:
                case "json_schema":
                    fields["response_format"] = _form(request.schema)
                case "json_object":
                    fields["response_format"] = {"type": "json_object"}
        sampling = {"temperature": request.temperature, "top_p": request.top_p}
        fields |= {
            name: value
            for name, value in sampling.items()
            if value is not None and name not in self._habits.dropped
        }
        if self._tier is not None:
            fields["service_tier"] = self._tier
        return b"]," + encoded(fields)[1:] if fields else b"]}"


def encoded(value: Any) -> bytes:
    """JSON; what UTF-8 cannot hold becomes a question mark rather than an error."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace")


def _keep(cache: dict[Any, Any], key: Any, value: Any) -> None:
    if len(cache) >= _KEPT:
        del cache[next(iter(cache))]
    cache[key] = value


def _message(prompt: Prompt, provider: str | None) -> dict[str, Any]:
    match prompt.role:
        case "assistant":
            return _assistant(prompt, provider)
        case "tool":
            return {"role": "tool", "tool_call_id": prompt.call_id, "content": prompt.text or ""}
    return {"role": prompt.role, "content": prompt.text or ""}


def _assistant(prompt: Prompt, provider: str | None) -> dict[str, Any]:
    """An earlier answer, with what the same provider sent along with it."""
    message: dict[str, Any] = {"role": "assistant", "content": prompt.text}
    if prompt.text is None and not prompt.calls:
        message["content"] = ""
    opaque = prompt.opaque or {}
    ours = opaque.get("wire") == "openai" and opaque.get("provider") == provider
    extras = (opaque.get("calls") or []) if ours else []
    if prompt.calls:
        message["tool_calls"] = [
            _call(call) | (extras[index] if index < len(extras) else {}) for index, call in enumerate(prompt.calls)
        ]
    if ours:
        message |= opaque.get("message") or {}
    return message


def _call(call: ToolCall) -> dict[str, Any]:
    # Servers parse the arguments of earlier calls and refuse the request where that fails; what came instead of
    # an object of arguments stands in the tool's result.
    arguments = encoded(call.arguments if call.malformed is None else {}).decode()
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}


def _tool(tool: Tool) -> dict[str, Any]:
    parameters: Mapping[str, Any] = tool.parameters or {"type": "object", "properties": {}}
    function: dict[str, Any] = {"name": tool.name, "parameters": parameters}
    if tool.description:
        function["description"] = tool.description
    return {"type": "function", "function": function}


def _form(schema: Schema) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": schema.name, "strict": True, "schema": schema.body}}


def _form_in_words(schema: Schema) -> str:
    return (
        "Answer with one JSON object and nothing else: no prose, no code fence. "
        f"It must be valid against this JSON Schema:\n{encoded(schema.body).decode()}"
    )
