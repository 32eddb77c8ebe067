"""Requests of Google's generateContent wire."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sparring.adapters.models.encoding import OPENING, Kept, Told, encoded, tell, with_form
from sparring.adapters.models.habits import Habits
from sparring.domain.agent import Tool
from sparring.simulation.ports import ModelRequest, Prompt

LEVELS = ("responseJsonSchema", "responseMimeType", "text")
"""How the form of an answer can be asked for, the strictest first."""

TAG = "google"

UNSIGNED = "skip_thought_signature_validator"
"""Google's own word for a call that no model of its signed: one of a scenario's history."""

_UNSIGNED_TAKEN = re.compile(r"gemini-[12]\b|(?!gemini)")
_FORM = re.compile(r"(?i)response_?json_?schema|response_?schema|mime_?type|response mime|json mode|schema")
_SIGNS = re.compile(r"(?i)thought_?\s?signature")
_TURNS = {
    "user": b'{"role":"user","parts":[',
    "tool": b'{"role":"user","parts":[',
    "assistant": b'{"role":"model","parts":[',
}
_OPENING = encoded({"text": OPENING})
_NAMES = {"temperature": "temperature", "top_p": "topP"}


def expected() -> Habits:
    """What is known of a model before it is asked."""
    return Habits(levels=LEVELS, form=_FORM, signs=_SIGNS)


class Encoder:
    """Puts together the requests of one model.

    What stays the same in a conversation comes first, for the provider's cache as for ours: a message is encoded
    once, and a turn costs one copy of what is sent.
    """

    def __init__(self, *, provider: str, model: str, habits: Habits) -> None:
        """Take the name that goes out."""
        self._provider = provider
        self._habits = habits
        self._signs_all = not _UNSIGNED_TAKEN.match(model.rpartition("/")[2])
        self._heads: Kept[tuple[Any, Any, bytes]] = Kept()

    def body(self, request: ModelRequest) -> bytes:
        """The request as it goes out."""
        return b"".join((self._head(request), self._told(request.messages), b"]}]}"))

    def _told(self, prompts: Sequence[Prompt]) -> bytes | bytearray:
        if not prompts:
            return _TURNS["user"] + _OPENING
        owner = self._provider if self._habits.opaque else None
        unsigned = UNSIGNED if self._signs_all else None

        def add(told: Told, prompt: Prompt) -> None:
            if prompt.role == "assistant" and not told.role:
                told.turn("user", _TURNS["user"], [_OPENING])
            # Results of tools have a turn of their own: mixed with words the provider does not find them.
            told.turn(prompt.role, _TURNS[prompt.role], map(encoded, _parts(prompt, owner, unsigned)))

        told = tell(prompts, f"{TAG}:{owner}:{self._signs_all}", add)
        return told.json if told.role else _TURNS["user"] + _OPENING

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
            opened = fields[:-1] + b"," if len(fields) > 2 else b"{"
            found = self._heads.keep(key, (tools, schema, opened + b'"contents":['))
        return found[2]

    def _fields(self, request: ModelRequest) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        schema, asks_by = request.schema, self._habits.asks_by
        system = with_form(request.system, None if asks_by == "responseJsonSchema" else schema)
        if system.strip():
            fields["systemInstruction"] = {"parts": [{"text": system}]}
        if request.tools:
            fields["tools"] = [{"functionDeclarations": [_tool(tool) for tool in request.tools]}]
        config = {_NAMES[name]: value for name, value in self._habits.sampling(request).items()}
        if schema is not None and asks_by != "text":
            config["responseMimeType"] = "application/json"
        if schema is not None and asks_by == "responseJsonSchema":
            config["responseJsonSchema"] = schema.body
        if config:
            fields["generationConfig"] = config
        return fields


def _parts(prompt: Prompt, provider: str | None, unsigned: str | None) -> Iterator[dict[str, Any]]:
    """The parts of a message; none for one that says nothing."""
    if prompt.role == "tool":
        yield _result(prompt)
        return
    if prompt.role == "assistant":
        opaque = prompt.opaque or {}
        if opaque.get("wire") == TAG and opaque.get("provider") == provider and opaque.get("parts"):
            yield from opaque["parts"]
            return
    if (prompt.text or "").strip():
        yield {"text": prompt.text}
    for index, call in enumerate(prompt.calls):
        # What came instead of an object of arguments stands in the tool's result.
        part: dict[str, Any] = {"functionCall": {"id": call.id, "name": call.name, "args": call.arguments}}
        if unsigned is not None and index == 0:
            part["thoughtSignature"] = unsigned
        yield part


def _result(prompt: Prompt) -> dict[str, Any]:
    """The wire takes objects only, and names these two keys itself."""
    response = {"error" if prompt.is_error else "output": prompt.text or ""}
    return {"functionResponse": {"id": prompt.call_id or "", "name": prompt.name or "", "response": response}}


def _tool(tool: Tool) -> dict[str, Any]:
    declared: dict[str, Any] = {"name": tool.name, "description": tool.description}
    if tool.parameters and tool.parameters.get("properties"):
        declared["parametersJsonSchema"] = tool.parameters
    return declared
