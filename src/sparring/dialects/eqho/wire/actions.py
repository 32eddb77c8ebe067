"""Actions: tools of an agent as records of their own, and the one with which a simulated lead hangs up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from typing_extensions import TypedDict

from sparring.dialects.eqho.wire.forms import History, Identified, Meta, Name, Sentence, Text, Word
from sparring.dialects.extensions import Documented
from sparring.dialects.fields import arguments_schema, text, whole

Slug = Annotated[str, *text(1, 64, pattern=r"^[A-Za-z0-9_-]+$", like="letters, digits, `_` and `-` only")]

Whole = Annotated[int, *whole(-(2**63), 2**63 - 1)]


class ActionMessages(Documented):
    """What is said while it runs."""

    start: Text | None = None
    completed: Text | None = None
    failed: Text | None = None
    delayed: Text | None = None


class EmbeddedAction(Documented):
    """An action within another record. All fields are stored and given back."""

    name: Word
    slug: Word
    """How the model calls it."""
    instructions: Text
    """What the model is told that it is for."""
    type: Word
    settings: dict[str, Any] | None = None
    messages: ActionMessages | None = None
    minimum_execution_time_milliseconds: Whole | None = None
    delayed_timing_milliseconds: Whole | None = None
    is_async: bool | None = None
    non_live_llm_settings: dict[str, Any] | None = None
    execution_type: Word | None = None
    response_mode: Word | None = None
    execution_order: Whole | None = None


class CreateAction(EmbeddedAction):
    """An action to make. `terminate_call` and `call_transfer` end a conversation, `webhook` has an address."""

    own: ClassVar[frozenset[str]] = frozenset({"parameters", "writes"})

    name: Name
    slug: Slug
    instructions: Sentence
    parameters: Annotated[dict[str, Any], *arguments_schema()] | None = None
    """JSON Schema of the arguments; left out, one text for each `{{placeholder}}` of the settings."""
    writes: bool | None = None
    """Whether a successful call changes the world."""


class EmbeddedActionRecord(TypedDict):
    """An action within another record, as it goes out."""

    name: str
    slug: str
    instructions: str
    type: str
    settings: Mapping[str, Any]
    messages: Mapping[str, Any] | None
    minimum_execution_time_milliseconds: int | None
    delayed_timing_milliseconds: int | None
    is_async: bool
    non_live_llm_settings: Mapping[str, Any]
    execution_type: str
    response_mode: str
    execution_order: int | None


class ActionRecord(Identified, EmbeddedActionRecord):
    """An action as it goes out."""

    enabled: bool
    history: History
    parameters: Mapping[str, Any]
    writes: bool


class ActionOfAgent(EmbeddedActionRecord):
    """An action of an agent; one that was not made as an action has no id."""

    _id: str | None
    account_id: str
    enabled: bool
    history: History | None
    parameters: Mapping[str, Any]
    writes: bool


class ActionList(TypedDict):
    """A page of actions."""

    actions: Sequence[ActionRecord]
    meta: Meta
