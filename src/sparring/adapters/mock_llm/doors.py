"""The wires that the mock server speaks, each a translation to and from chat completions, in which scripts are
asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from sparring.adapters.mock_llm import openai_wire
from sparring.domain.chance import derive

_WORD = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An answer that is about to go out."""

    number: int
    """Of the request."""
    model: str
    now: int
    """Unix seconds."""
    said: Mapping[str, Any]
    """The message, as in chat completions."""
    finish: str
    """As in chat completions."""
    asked: int
    """Stands in for the request's tokens."""
    words: int
    """Stands in for the answer's tokens."""
    forced: str | None = None
    """The tool that must give the answer, where the request forces one."""

    @property
    def text(self) -> str | None:
        """What is said."""
        return self.said.get("content")

    @property
    def refusal(self) -> str | None:
        """What is said instead."""
        return self.said.get("refusal")

    @property
    def calls(self) -> Sequence[tuple[str, str, Mapping[str, Any]]]:
        """Id, name and arguments of each call."""
        return [
            (call["id"], call["function"]["name"], orjson.loads(call["function"]["arguments"]))
            for call in self.said.get("tool_calls") or ()
        ]

    @property
    def signature(self) -> str:
        """What the provider seals its thinking with."""
        return signature(self.text, [(name, arguments) for _, name, arguments in self.calls])


class Door(Protocol):
    """One wire, seen from the server."""

    quota_headers: str | None
    """The names of the headers that tell of limits, with places for `what` and `unit`; None where there are none."""

    def read(self, body: Any) -> Mapping[str, Any]:
        """The request in chat completions' form.

        Raises:
            BadRequest: a provider would answer 400.
        """

    def answer(self, given: Given) -> dict[str, Any]:
        """The whole answer."""

    def events(self, given: Given) -> bytes:
        """The same as server-sent events."""

    def error(self, status: int, told: str) -> bytes:
        """An error body."""


class ChatDoor:
    """Chat completions: nothing to translate."""

    quota_headers: str | None = openai_wire.QUOTA_HEADERS

    def read(self, body: Any) -> Mapping[str, Any]:
        """The request as it came."""
        return openai_wire.check(body)

    def answer(self, given: Given) -> dict[str, Any]:
        """The whole answer."""
        choices = openai_wire.choices(given.said, given.finish)
        whole: dict[str, Any] = orjson.loads(
            openai_wire.completion(given.number, given.model, given.now, choices, given.words, given.asked)
        )
        return whole

    def events(self, given: Given) -> bytes:
        """A chunk for each word of the message, one for its end, one for the usage."""
        whole = self.answer(given)
        shared = {name: whole[name] for name in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
        message = whole["choices"][0]["message"]
        if calls := message.get("tool_calls"):
            message["tool_calls"] = [{"index": index, **call} for index, call in enumerate(calls)]
        first, *others = words(message["content"]) or [message["content"]]
        deltas = [message | {"content": first}, *({"content": word} for word in others)]
        chunks = [
            *({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas),
            {"choices": [{"index": 0, "delta": {}, "finish_reason": given.finish}]},
            {"choices": [], "usage": whole["usage"]},
        ]
        return events(*(shared | chunk for chunk in chunks)) + b"data: [DONE]\n\n"

    def error(self, status: int, told: str) -> bytes:
        """An error body."""
        return openai_wire.error(status, told)


def words(text: str | None) -> list[str]:
    """The pieces in which a text is streamed."""
    return _WORD.findall(text or "")


def events(*objects: Mapping[str, Any], named: bool = False) -> bytes:
    """Objects as server-sent events; named, each begins with its type."""
    return b"".join(
        (b"event: %b\n" % str(told["type"]).encode() if named else b"") + b"data: %b\n\n" % orjson.dumps(told)
        for told in objects
    )


def signature(text: str | None, calls: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """The seal on the thinking behind a message; it follows from the message, so that the server keeps nothing."""
    return f"{derive(0, 'signature', text or '', orjson.dumps([list(call) for call in calls]).decode()):x}"


def tool_call(id: str, name: str, arguments: str) -> dict[str, Any]:
    """A call in chat completions' form."""
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def json_form(name: str, schema: Any) -> dict[str, Any]:
    """A structured answer as chat completions asks for it."""
    return {"type": "json_schema", "json_schema": {"name": name, "schema": schema}}
