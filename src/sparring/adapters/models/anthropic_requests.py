"""Requests of the Anthropic messages wire."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sparring.adapters.models.encoding import OPENING, Kept, Told, encoded, tell, with_form
from sparring.adapters.models.habits import Habits
from sparring.domain.agent import Tool
from sparring.domain.outcomes import Role
from sparring.simulation.ports import ModelRequest, Prompt, Schema

LEVELS = ("output_config", "tool", "text")
"""How the form of an answer can be asked for: a field, a tool that must be called, or words."""

TAG = "anthropic"

MAX_TOKENS = 16_384
"""Of an answer, its thinking included; the wire demands a limit. Far more than a message of a conversation holds,
and below what a server refuses to answer without streaming."""

_OLDER_LIMITS = ((re.compile(r"claude-3-(opus|sonnet|haiku)"), 4_096), (re.compile(r"claude-3-5"), 8_192))
_WITHOUT_FORM = re.compile(r"claude-(2|3|instant|(opus|sonnet)-4(-0|-2\d{7}|@|$))")
_WITHOUT_SAMPLING = re.compile(r"claude-(fable|mythos|opus-4-[7-9]|(opus|sonnet)-[5-9]|haiku-(5-5|[6-9]))")

_FORM = re.compile(
    r"(?i)output_config|output_format|structured output|json_schema|schema|grammar|tool_choice|forc\w+ tool"
)
_SIGNS = re.compile(r"(?i)thinking|signature")
_CACHE = re.compile(r"cache_control")
_NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9_-]")
_TURNS = {"user": b'{"role":"user","content":[', "assistant": b'{"role":"assistant","content":['}
_BREAKPOINT = {"type": "ephemeral"}
_OPENING = encoded({"type": "text", "text": OPENING})


def expected(model: str) -> Habits:
    """What is known of a model before it is asked."""
    bare = model.rpartition("/")[2]
    return Habits(
        levels=LEVELS,
        form=_FORM,
        signs=_SIGNS,
        optional={"cache_control": _CACHE},
        dropped={"temperature", "top_p"} if _WITHOUT_SAMPLING.match(bare) else set(),
        level=1 if _WITHOUT_FORM.match(bare) else 0,
    )


def most_tokens(model: str) -> int:
    """The limit of an answer to ask for."""
    return next((limit for pattern, limit in _OLDER_LIMITS if pattern.match(model)), MAX_TOKENS)


class Encoder:
    """Puts together the requests of one model.

    What stays the same in a conversation comes first and is encoded once; a turn costs one copy of what is sent.
    The breakpoints for the provider's cache stand behind the tools and the system text, which other conversations
    share, and at the end of the conversation, where the next turn goes on. The latter is a field of the request,
    so that no message is ever encoded a second time. A judge asks once, so that nothing would go on from there.
    """

    def __init__(self, *, provider: str, model: str, habits: Habits) -> None:
        """Take the name that goes out."""
        self.max_tokens = most_tokens(model)
        self._provider = provider
        self._habits = habits
        self._model = model
        self._heads: Kept[tuple[Any, Any, bytes]] = Kept()

    def body(self, request: ModelRequest) -> bytes:
        """The request as it goes out."""
        return b"".join((self._head(request), self._told(request.messages), b"]}]}"))

    def _told(self, prompts: Sequence[Prompt]) -> bytes | bytearray:
        if not prompts:
            return _TURNS["user"] + _OPENING
        owner = self._provider if self._habits.opaque else None

        def add(told: Told, prompt: Prompt) -> None:
            role = "assistant" if prompt.role == "assistant" else "user"
            if role == "assistant" and not told.role:
                told.turn("user", _TURNS["user"], [_OPENING])
            told.turn(role, _TURNS[role], map(encoded, _blocks(prompt, owner)))

        told = tell(prompts, f"{TAG}:{owner}", add)
        return told.json if told.role else _TURNS["user"] + _OPENING

    def _head(self, request: ModelRequest) -> bytes:
        """Everything before the messages.

        Kept by identity: the entry holds on to the tools and the schema, so that their ids stay theirs.
        """
        tools, schema = request.tools, request.schema
        goes_on = request.occasion.role is not Role.JUDGE
        sampling = (request.temperature, request.top_p)
        key = (request.system, id(tools), id(schema), sampling, goes_on, self.max_tokens, self._habits.state)
        found = self._heads.get(key)
        if found is None:
            fields = self._fields(request, goes_on=goes_on)
            found = self._heads.keep(key, (tools, schema, encoded(fields)[:-1] + b',"messages":['))
        return found[2]

    def _fields(self, request: ModelRequest, *, goes_on: bool) -> dict[str, Any]:
        fields: dict[str, Any] = {"model": self._model, "max_tokens": self.max_tokens}
        tools = [_tool(tool) for tool in request.tools]
        schema, asks_by = request.schema, self._habits.asks_by
        if schema is not None and asks_by == "tool":
            tools.append(_form_tool(schema))
            fields["tool_choice"] = {"type": "tool", "name": schema.name}
        if schema is not None and asks_by == "output_config":
            fields["output_config"] = {"format": {"type": "json_schema", "schema": schema.body}}
        system = with_form(request.system, schema if asks_by == "text" else None)
        if tools:
            fields["tools"] = tools
        if system.strip():
            fields["system"] = [{"type": "text", "text": system}]
        if self._habits.sends("cache_control"):
            for shared in (fields.get("system") or tools)[-1:]:
                shared["cache_control"] = _BREAKPOINT
            if goes_on:
                fields["cache_control"] = _BREAKPOINT
        fields |= self._sampling(request)
        return fields

    def _sampling(self, request: ModelRequest) -> dict[str, Any]:
        """One parameter only, for newer models refuse both; a temperature above this wire's range is its end."""
        asked = self._habits.sampling(request)
        if "temperature" in asked:
            return {"temperature": min(asked["temperature"], 1.0)}
        return asked


def _blocks(prompt: Prompt, provider: str | None) -> Iterator[dict[str, Any]]:
    """The content of a message; none for one that says nothing, for the wire takes no empty text."""
    if prompt.role == "tool":
        yield _result(prompt)
        return
    if prompt.role == "assistant":
        opaque = prompt.opaque or {}
        if opaque.get("wire") == TAG and opaque.get("provider") == provider and opaque.get("content"):
            yield from opaque["content"]
            return
    if (prompt.text or "").strip():
        yield {"type": "text", "text": prompt.text}
    for call in prompt.calls:
        # What came instead of an object of arguments stands in the tool's result.
        yield {"type": "tool_use", "id": _id(call.id), "name": call.name, "input": call.arguments}


def _result(prompt: Prompt) -> dict[str, Any]:
    block: dict[str, Any] = {
        "type": "tool_result",
        "tool_use_id": _id(prompt.call_id),
        "content": prompt.text or "",
    }
    if prompt.is_error:
        block["is_error"] = True
    return block


def _id(id: str | None) -> str:
    """An id in the characters that the wire allows; those of histories come from anywhere."""
    return _NOT_IN_AN_ID.sub("_", id or "") or "call"


def _tool(tool: Tool) -> dict[str, Any]:
    parameters: Mapping[str, Any] = tool.parameters or {"properties": {}}
    taken: dict[str, Any] = {"name": tool.name, "input_schema": {"type": "object"} | dict(parameters)}
    if tool.description:
        taken["description"] = tool.description
    return taken


def _form_tool(schema: Schema) -> dict[str, Any]:
    return {"name": schema.name, "description": "Gives the answer.", "input_schema": schema.body}
