"""What a tool answers in a trial, as data: canned, by rule, in sequence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sparring.domain.matching import Matcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What an answer does to the trial's world, by dotted path; first `set`, then `append`, then `remove`.

    A path may hold placeholders (`reservations.{{arguments.id}}.status`), and so may the values.
    """

    set: Mapping[str, Any] = field(default_factory=dict)
    """What stands at a path from now on; objects on the way there are made where they are missing."""
    append: Mapping[str, Any] = field(default_factory=dict)
    """One more item of the list at a path, which is made where it is missing."""
    remove: tuple[str, ...] = ()
    """Paths that are no longer there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a tool says: any JSON value, with placeholders for variables, the call's arguments and the world."""

    value: Any = None
    is_error: bool = False
    changes: Changes = Changes()
    """Made only where the answer is no error; the value shows the world after them."""
    delay_ms: int = 0
    """Milliseconds until the answer comes; they count for the trial's wall clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One answer for the calls that fit."""

    when: Mapping[str, Matcher] = field(default_factory=dict)
    """By argument (dotted paths go inside); an argument that is not named may be anything."""
    state: Mapping[str, Matcher] = field(default_factory=dict)
    """The same for the trial's world, by dotted path."""
    answer: Answer
    times: int | None = None
    """How many calls it answers before it steps aside; None for all."""


class Then(StrEnum):
    """What answers once a sequence is used up."""

    OTHERWISE = "otherwise"
    LAST = "last"
    """Its last answer, again and again."""
    AGAIN = "again"
    """The sequence, from its beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolMock:
    """How one tool answers: the first fitting rule, else the next of the sequence, else `otherwise`."""

    rules: tuple[Rule, ...] = ()
    sequence: tuple[Answer, ...] = ()
    """First call, second call, and so on."""
    then: Then = Then.OTHERWISE
    """What comes after the sequence."""
    otherwise: Answer | None = None
    """None: a call that nothing else answers is unmocked, which is an error and told loudly."""

    @property
    def is_static(self) -> bool:
        """Whether every call gets the same answer."""
        return not self.rules and not self.sequence and self.otherwise is not None
