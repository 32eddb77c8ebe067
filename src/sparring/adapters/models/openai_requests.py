"""Requests of the OpenAI chat-completions wire."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sparring.adapters.models.encoding import Kept, Told, encoded, tell, with_form
from sparring.adapters.models.habits import Habits
from sparring.domain.agent import Tool
from sparring.domain.transcript import ToolCall
from sparring.simulation.ports import ModelRequest, Prompt, Schema

LEVELS = ("json_schema", "json_object", "text")
"""How the form of an answer can be asked for, the strictest first."""

OPAQUE_FIELDS = ("reasoning_content", "reasoning", "reasoning_details", "extra_content")
"""Fields of a message that the providers want back."""

NO_SAMPLING = re.compile(
    r"^(o\d|gpt-5(-mini|-nano|-pro|-codex)?(-\d{4}-\d\d-\d\d)?$|gpt-5\.\d-(pro|chat)|gpt-5\.[5-9]|gpt-[6-9])"
)
"""Models of OpenAI that always reason unless told otherwise, and then take no sampling parameters."""

FORM = re.compile(r"(?i)response[ _]format|json_schema|json_object|structured output|json mode|grammar")
_OPAQUE = re.compile("|".join(OPAQUE_FIELDS) + "|thought_signature")


def expected(model: str, structured: str) -> Habits:
    """What is known of a model before it is asked."""
    dropped = {"temperature", "top_p"} if NO_SAMPLING.match(model.rpartition("/")[2]) else set()
    return Habits(levels=LEVELS, form=FORM, signs=_OPAQUE, dropped=dropped, level=LEVELS.index(structured))


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
        self._systems: Kept[tuple[Schema | None, bytes]] = Kept()
        self._tails: Kept[tuple[Any, Any, bytes]] = Kept()

    def body(self, request: ModelRequest) -> bytes:
        """The request as it goes out."""
        system, told = self._system(request), self._told(request.messages)
        return b"".join((self._head, system, told if system else told[1:], self._tail(request)))

    def _told(self, prompts: Sequence[Prompt]) -> bytearray:
        """All messages, each with a comma before it."""
        if not prompts:
            return bytearray()
        owner = self._provider if self._habits.opaque else None

        def add(told: Told, prompt: Prompt) -> None:
            told.json += b"," + encoded(_message(prompt, owner))

        return tell(prompts, f"openai:{owner}", add).json

    def _system(self, request: ModelRequest) -> bytes:
        schema = request.schema if self._habits.level else None
        key = (request.system, id(schema), self._habits.level)
        found = self._systems.get(key)
        if found is None:
            text = with_form(request.system, schema)
            system = encoded({"role": "system", "content": text}) if text else b""
            found = self._systems.keep(key, (schema, system))
        return found[1]

    def _tail(self, request: ModelRequest) -> bytes:
        """Everything behind the messages, for it changes from call to call even less than they do.

        Kept by identity: the entry holds on to the tools and the schema, so that their ids stay theirs.
        """
        tools, schema = request.tools, request.schema
        key = (id(tools), id(schema), request.temperature, request.top_p, self._habits.state)
        found = self._tails.get(key)
        if found is None:
            found = self._tails.keep(key, (tools, schema, self._encode_tail(request)))
        return found[2]

    def _encode_tail(self, request: ModelRequest) -> bytes:
        fields: dict[str, Any] = {}
        if request.tools:
            fields["tools"] = [_tool(tool) for tool in request.tools]
        if request.schema is not None:
            match self._habits.asks_by:
                case "json_schema":
                    fields["response_format"] = _form(request.schema)
                case "json_object":
                    fields["response_format"] = {"type": "json_object"}
        fields |= self._habits.sampling(request)
        if self._tier is not None:
            fields["service_tier"] = self._tier
        return b"]," + encoded(fields)[1:] if fields else b"]}"


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
