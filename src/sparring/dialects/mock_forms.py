"""Mocks of actions: the documented default, and beside it rules, a sequence, and changes of the trial's world."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import model_validator

from sparring.dialects.conditions import AnyCondition
from sparring.dialects.extensions import Documented, Extension, check_one_of, refused
from sparring.dialects.fields import choice, whole

_ANSWER = ("returns", "error")
_CHANGES = ("set", "append", "remove", "delay_ms")
_DEFAULT = ("default_return_value", "default_is_error")

Delay = Annotated[int, *whole(0, 3_600_000)]
Times = Annotated[int, *whole(1, 1_000_000)]


class MockAnswer(Extension):
    """What a call is answered, and what that does to the trial's world."""

    returns: Any = None
    """Any JSON value; its texts may hold `{{variables}}`, `{{arguments.x}}` and `{{state.path}}`."""
    error: Any = None
    """The same, as an error of the tool."""
    set: dict[str, Any] | None = None
    """What stands at a path of the state from now on."""
    append: dict[str, Any] | None = None
    """One more item of the list at a path of the state."""
    remove: list[str] | None = None
    """Paths of the state that are no longer there."""
    delay_ms: Delay | None = None
    """Milliseconds until the answer comes."""

    @model_validator(mode="after")
    def _one_answer(self) -> Self:
        check_one_of([name for name in _ANSWER if name in self.model_fields_set], _ANSWER)
        return self


class MockRule(MockAnswer):
    """The answer for the calls that fit."""

    when: dict[str, AnyCondition] | None = None
    """Conditions on arguments, by dotted path; an argument that is not named may be anything."""
    state: dict[str, AnyCondition] | None = None
    """Conditions on the trial's world, by dotted path."""
    times: Times | None = None
    """How many calls it answers before it steps aside."""


class ActionMock(Documented):
    """How an action is answered: the first fitting rule, else the next of the sequence, else the default."""

    own: ClassVar[frozenset[str]] = frozenset({*_ANSWER, *_CHANGES, "rules", "sequence", "then", "otherwise"})

    default_return_value: Any = None
    """What calls are answered that nothing else answers: a text, or as an extension any JSON value."""
    default_is_error: bool | None = None
    rules: list[MockRule] | None = None
    sequence: list[MockAnswer] | None = None
    """The answers of the first call, the second, and so on."""
    then: Annotated[str, *choice("otherwise", "last", "again")] | None = None
    """What comes after the sequence: the default, its last answer again and again, or the sequence anew."""
    otherwise: MockAnswer | None = None
    """The default with all that an answer can have."""
    returns: Any = None
    """The same as `otherwise`, without the object around it."""
    error: Any = None
    set: dict[str, Any] | None = None
    append: dict[str, Any] | None = None
    remove: list[str] | None = None
    delay_ms: Delay | None = None

    @model_validator(mode="after")
    def _one_default(self) -> Self:
        given = self.model_fields_set
        spellings = [
            name
            for name, is_given in (
                ("default_return_value", given & {*_DEFAULT}),
                ("otherwise", self.otherwise is not None),
                ("returns", "returns" in given),
                ("error", "error" in given),
            )
            if is_given
        ]
        if len(spellings) > 1:
            raise refused(f"must have one default; {' and '.join(spellings)} came")
        if not spellings and not self.rules and not self.sequence:
            raise refused(
                "must answer something: by default_return_value, rules, sequence, otherwise, returns or error"
            )
        lost = [name for name in _CHANGES if name in given]
        if lost and not given & {*_ANSWER}:
            raise refused(f"must have {lost[0]} beside returns, in a rule, in the sequence or in otherwise")
        return self
