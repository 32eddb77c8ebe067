"""Requests of the OpenAI responses wire."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sparring.adapters.models.encoding import OPENING, Kept, Told, encoded, tell, with_form
from sparring.adapters.models.habits import Habits
from sparring.adapters.models.openai_requests import FORM, LEVELS, NO_SAMPLING
from sparring.domain.agent import Tool
from sparring.domain.transcript import ToolCall
from sparring.simulation.ports import ModelRequest, Prompt, Schema

TAG = "responses"

THOUGHTS = "reasoning.encrypted_content"
"""What makes the provider send its reasoning along, sealed, for it keeps none for us."""

_WITHOUT_THOUGHTS = re.compile(r"gpt-([34]|5-chat)|chatgpt-")
_SIGNS = re.compile(r"(?i)reasoning|encrypted|\bitem\b|\brs_")
_INCLUDE = re.compile(r"(?i)\binclude\b|encrypted content is not supported")
_OPENING = encoded({"role": "user", "content": OPENING})


def expected(model: str) -> Habits:
    """What is known of a model before it is asked."""
    bare = model.rpartition("/")[2]
    dropped = {"temperature", "top_p"} if NO_SAMPLING.match(bare) else set()
    if _WITHOUT_THOUGHTS.match(bare):
        dropped.add("include")
    return Habits(levels=LEVELS, form=FORM, signs=_SIGNS, optional={"include": _INCLUDE}, dropped=dropped)


class Encoder:
    """Puts together the requests of one model.

    The conversation is sent whole each time and kept nowhere (`store` is false), so that a trial can go on from
    its journal. A message is encoded once, and a turn costs one copy of what is sent.
    """

    def __init__(self, *, provider: str, model: str, tier: str | None, habits: Habits) -> None:
        """Take the name that goes out and the service tier to ask for."""
        self._provider = provider
        self._habits = habits
        self._model = model
        self._tier = tier
        self._heads: Kept[tuple[Any, Any, bytes]] = Kept()

    def body(self, request: ModelRequest) -> bytes:
        """The request as it goes out."""
        return b"".join((self._head(request), self._told(request.messages) or _OPENING, b"]}"))

    def _told(self, prompts: Sequence[Prompt]) -> bytearray:
        """All items, with commas between them."""
        if not prompts:
            return bytearray()
        owner = self._provider if self._habits.opaque else None

        def add(told: Told, prompt: Prompt) -> None:
            for item in _items(prompt, owner):
                told.json += (b"," if told.json else b"") + encoded(item)

        return tell(prompts, f"{TAG}:{owner}", add).json

    def _head(self, request: ModelRequest) -> bytes:
        """Everything before the messages.

        Kept by identity: the entry holds on to the tools and the schema, so that their ids stay theirs.
        """
        tools, schema = request.tools, request.schema
        sampling = (request.temperature, request.top_p)
        key = (request.system, id(tools), id(schema), sampling, self._habits.state)
        found = self._heads.get(key)
        if found is None:
            fields = encoded(self._fields(request))
            found = self._heads.keep(key, (tools, schema, fields[:-1] + b',"input":['))
        return found[2]

    def _fields(self, request: ModelRequest) -> dict[str, Any]:
        fields: dict[str, Any] = {"model": self._model, "store": False}
        if self._habits.sends("include"):
            fields["include"] = [THOUGHTS]
        system = with_form(request.system, request.schema if self._habits.level else None)
        if system:
            fields["instructions"] = system
        if request.tools:
            fields["tools"] = [_tool(tool) for tool in request.tools]
        if request.schema is not None:
            match self._habits.asks_by:
                case "json_schema":
                    fields["text"] = {"format": _form(request.schema)}
                case "json_object":
                    fields["text"] = {"format": {"type": "json_object"}}
        fields |= self._habits.sampling(request)
        if self._tier is not None:
            fields["service_tier"] = self._tier
        return fields


def _items(prompt: Prompt, provider: str | None) -> Iterator[dict[str, Any]]:
    """A message and its calls: items of their own on this wire."""
    if prompt.role == "tool":
        yield {"type": "function_call_output", "call_id": prompt.call_id or "", "output": prompt.text or ""}
        return
    if prompt.role == "assistant":
        opaque = prompt.opaque or {}
        if opaque.get("wire") == TAG and opaque.get("provider") == provider and opaque.get("output"):
            yield from opaque["output"]
            return
    if prompt.text or not prompt.calls:
        yield {"role": prompt.role, "content": prompt.text or ""}
    for call in prompt.calls:
        yield _call(call)


def _call(call: ToolCall) -> dict[str, Any]:
    # What came instead of an object of arguments stands in the tool's result.
    arguments = encoded(call.arguments if call.malformed is None else {}).decode()
    return {"type": "function_call", "call_id": call.id, "name": call.name, "arguments": arguments}


def _tool(tool: Tool) -> dict[str, Any]:
    parameters: Mapping[str, Any] = tool.parameters or {"type": "object", "properties": {}}
    # Not said, `strict` is true on this wire, and refuses what other providers take.
    taken: dict[str, Any] = {"type": "function", "name": tool.name, "parameters": parameters, "strict": False}
    if tool.description:
        taken["description"] = tool.description
    return taken


def _form(schema: Schema) -> dict[str, Any]:
    return {"type": "json_schema", "name": schema.name, "strict": True, "schema": schema.body}
