"""Requests put together from parts that were encoded before."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from sparring.simulation.ports import Prompt, Schema

KEPT = 256
"""Parts that are kept of one kind, such as system texts."""

OPENING = "(The conversation begins. You speak first.)"
"""Stands before an assistant's greeting for providers that want the user to speak first.

A stage direction in brackets takes nothing away from the greeting, which stays the model's own words, and says the
same as what a side is told that opens by its model.
"""

Value = TypeVar("Value")


def encoded(value: Any) -> bytes:
    """JSON; what UTF-8 cannot hold becomes a question mark rather than an error."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace")


def form_in_words(schema: Schema) -> str:
    """What asks for a structured answer where the wire has no field for it."""
    return (
        "Answer with one JSON object and nothing else: no prose, no code fence. "
        f"It must be valid against this JSON Schema:\n{encoded(schema.body).decode()}"
    )


def with_form(system: str, schema: Schema | None) -> str:
    """A system text that ends with the form of the answer."""
    return system if schema is None else f"{system}\n\n{form_in_words(schema)}".lstrip()


class Kept(dict[Hashable, Value]):
    """The latest parts; the oldest one goes where there are too many."""

    def keep(self, key: Hashable, value: Value) -> Value:
        """Hold on to a part."""
        if len(self) >= KEPT:
            del self[next(iter(self))]
        self[key] = value
        return value


@dataclass(slots=True)
class Told:
    """The messages of a conversation so far as they go out."""

    json: bytearray
    rest: tuple[Prompt, ...] = ()
    """All but the first prompt, which holds this in its `memo`."""
    role: str = ""
    """Of the turn that is still open, where messages of one role are one turn."""

    def goes_on_in(self, prompts: Sequence[Prompt]) -> bool:
        """Whether these prompts are those that were encoded and perhaps more. Compares identities: quick."""
        return tuple(prompts[1 : len(self.rest) + 1]) == self.rest

    def turn(self, role: str, opening: bytes, parts: Iterable[bytes]) -> None:
        """Add parts to the open turn where that has the same role, else close it and open the next.

        Args:
            role: who speaks; whatever tells turns apart that must not be one.
            opening: the beginning of a turn of that role, up to and with the bracket of its list of parts.
        """
        joined = b",".join(parts)
        if not joined:
            return
        if role == self.role:
            self.json += b"," + joined
        else:
            self.json += (b"]}," + opening if self.role else opening) + joined
            self.role = role


def tell(prompts: Sequence[Prompt], key: str, add: Callable[[Told, Prompt], None]) -> Told:
    """The conversation so far: only what is new in it is encoded, the rest is kept in the first prompt's `memo`.

    Args:
        prompts: at least one.
        key: of the wire, and of all on which the encoded form depends.
        add: encodes one prompt and appends it.
    """
    first = prompts[0]
    told: Told | None = first.memo.get(key)
    if told is None or not told.goes_on_in(prompts):
        told = first.memo[key] = Told(bytearray())
        add(told, first)
    if news := prompts[len(told.rest) + 1 :]:
        for prompt in news:
            add(told, prompt)
        told.rest = (*told.rest, *news)
    return told
