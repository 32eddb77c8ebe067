"""What must have happened: the documented actions and assertions, and further checks as extensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Self

from pydantic import model_validator
from typing_extensions import TypedDict

from sparring.dialects.conditions import (
    WORDS,
    AnyCondition,
    Condition,
    Expected,
    check_pattern,
    is_matcher,
)
from sparring.dialects.eqho.wire.forms import Sentence, Text, ToolName
from sparring.dialects.extensions import Documented, Extension, Short, as_field, check_one_of, left_out, refused
from sparring.dialects.fields import choice, text

Requestor = Annotated[str, *choice("assistant", "user")]
Words = Annotated[str, *text(1, 10_000)]


class ExpectedAction(Documented):
    """A call of an action that must occur."""

    own: ClassVar[frozenset[str]] = frozenset({"match", "match_requestor", "required"})

    tool_call_id: Text | None = None
    name: ToolName
    arguments: dict[str, Expected] | None = None
    """Left out, only the name is compared. A value may be a condition."""
    requestor: Requestor | None = None
    info: Text | None = None
    compare_args: list[str] | None = None
    """The arguments that are compared: null for all that either side has, empty for none."""
    match: Annotated[str, *choice("exact", "tau2")] | None = None
    """`tau2` compares over the names of the actual call's arguments only."""
    match_requestor: bool | None = None
    required: bool | None = None
    """False: checked and shown, out of the reward."""


class Assertion(Extension):
    """A sentence that the judge must confirm."""

    nl_assertion: Sentence
    required: bool = left_out()


class ForbiddenAction(Extension):
    """A call that the agent must not make."""

    name: ToolName
    arguments: dict[str, AnyCondition] | None = None
    """Only calls whose arguments fit are forbidden."""
    required: bool = left_out()


class Writes(Extension):
    """The successful calls of actions that write are exactly the expected ones."""

    match: Annotated[str, *choice("exact")]
    required: bool = left_out()


class StateCheck(Condition):
    """What must stand in the trial's world when the talking is over."""

    path: Words
    required: bool = left_out()

    @model_validator(mode="after")
    def _some_condition(self) -> Self:
        if self.model_fields_set <= {"path", "required"}:
            raise refused(f"must have a condition beside its path: {', '.join(WORDS)}")
        return self


class Said(Extension):
    """Words that one of the agent's texts must hold."""

    contains: Words = left_out()
    regex: Words = left_out()
    """In RE2's syntax."""
    ignore_case: bool = left_out()
    """By default the case does not count in `contains`, and does in `regex`."""
    absent: bool = left_out()
    """True: none of the agent's texts may hold them."""
    required: bool = left_out()

    @model_validator(mode="after")
    def _words(self) -> Self:
        check_one_of(sorted(self.model_fields_set & {"contains", "regex"}), ("contains", "regex"))
        if "regex" in self.model_fields_set:
            check_pattern(self.regex)
        return self


def _by_path(value: Any) -> Any:
    """Conditions by path as a list."""
    if not isinstance(value, Mapping):
        return value
    return [
        {"path": path, **(wanted if is_matcher(wanted) else {"equal": wanted})} for path, wanted in value.items()
    ]


class EvaluationCriteria(Documented):
    """What is checked when the talking is over."""

    own: ClassVar[frozenset[str]] = frozenset({"forbidden", "writes", "state", "said"})

    actions: list[ExpectedAction] | None = None
    nl_assertions: list[Annotated[Assertion, as_field("nl_assertion")]] | None = None
    """Sentences that the judge must confirm."""
    forbidden: list[Annotated[ForbiddenAction, as_field("name")]] | None = None
    """Actions that the agent must not call, by name or with conditions on arguments."""
    writes: Annotated[Writes, as_field("match")] | None = None
    """`exact`: what was written is exactly what the expected actions write; reads do not matter."""
    state: Annotated[list[StateCheck], Short(_by_path, {"type": "object"})] | None = None
    """Conditions on the trial's world at the end, by dotted path."""
    said: list[Annotated[Said, as_field("contains")]] | None = None
    """Words that the agent must have said."""


class Action(TypedDict):
    """An expected action as it goes out."""

    tool_call_id: str | None
    name: str
    arguments: Mapping[str, Any] | None
    requestor: str
    info: str | None
    compare_args: Sequence[str] | None
