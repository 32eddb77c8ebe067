"""Where a failed conversation first went another way than it should have: the act that diverged.

What was expected says what must and must not be done; the conversations of the same scenario that passed show what is
done there in any case, and by when.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from sparring.domain.scenario import Expectations
from sparring.domain.transcript import AgentMessage, Message
from sparring.domain.verdict import Check, CheckKind, Finding


class Departure(StrEnum):
    """How an act diverged; where two did at the same place, the first of these counts."""

    FORBIDDEN = "forbidden"
    """A call was made that must not be."""
    SKIPPED = "skipped"
    """A call was not made that is expected, or that all conversations that passed have."""
    OTHERWISE = "otherwise"
    """An expected call was made with other arguments only."""
    EARLY = "early"
    """A call shows that a check was not met, and conversations that passed have it later."""
    UNEXPECTED = "unexpected"
    """A call was made that is not expected, or that no conversation that passed has."""
    CALLED = "called"
    """A call shows that a check was not met."""
    SAID = "said"
    """Words show that a check was not met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One call that the agent made."""

    name: str
    message: int
    """Index in the transcript."""
    turn: int
    """How often the agent had spoken before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What the agent did in a conversation, in order."""

    acts: tuple[Act, ...]
    turns: tuple[int, ...]
    """The indices of the agent's messages."""

    def at_turn(self, turn: int) -> int:
        """The message in which the agent spoke for that time; after the last one where it spoke less often."""
        return self.turns[turn] if turn < len(self.turns) else (self.turns[-1] + 1 if self.turns else 0)

    def first(self, name: str) -> Act | None:
        """The first call of a tool."""
        return next((act for act in self.acts if act.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """The first act that diverged."""

    departure: Departure
    name: str
    """The tool's; what was said, where it was words."""
    message: int
    """Where it shows: for what was skipped, where it was due."""


def course(messages: Sequence[Message], *, history: int = 0) -> Course:
    """What the agent did after the first `history` messages, which were given."""
    acts: list[Act] = []
    turns: list[int] = []
    for index, message in enumerate(messages):
        if isinstance(message, AgentMessage) and index >= history:
            acts.extend(Act(name=call.name, message=index, turn=len(turns)) for call in message.calls)
            turns.append(index)
    return Course(acts=tuple(acts), turns=tuple(turns))


def first_divergence(
    expect: Expectations, checks: Sequence[Check], failed: Course, passed: Sequence[Course]
) -> Divergence | None:
    """The act with which a conversation began to fail; None where nothing that it did or said tells.

    Args:
        checks: of its verdict.
        failed: what was done in it.
        passed: what was done in conversations of the same scenario that passed; may be none.
    """
    order = list(Departure)
    unmet = [check for check in checks if check.required and check.finding is Finding.NOT_MET]
    found = [
        *(divergence for check in unmet for divergence in _by_check(check, expect, failed, passed)),
        *_by_example(failed, passed),
    ]
    return min(found, key=lambda one: (one.message, order.index(one.departure)), default=None)


def _by_check(
    check: Check, expect: Expectations, failed: Course, passed: Sequence[Course]
) -> Iterator[Divergence]:
    """What a check that was not met says."""
    shown = min(check.evidence, key=lambda evidence: evidence.message, default=None)
    match check.kind:
        case CheckKind.ACTION:
            made = failed.first(check.subject)
            where = _due(check.subject, check.index, expect, failed, passed) if made is None else made.message
            departure = Departure.SKIPPED if made is None else Departure.OTHERWISE
            yield Divergence(departure=departure, name=check.subject, message=where)
        case CheckKind.FORBIDDEN if shown is not None:
            yield Divergence(departure=Departure.FORBIDDEN, name=shown.quote, message=shown.message)
        case CheckKind.WRITES if shown is not None:
            yield Divergence(departure=Departure.UNEXPECTED, name=shown.quote, message=shown.message)
        case CheckKind.ASSERTION | CheckKind.SAID if shown is not None:
            called = [act for act in failed.acts if act.message == shown.message and act.name in shown.quote]
            departure = _departure(called[0], passed) if called else Departure.SAID
            name = called[0].name if called else shown.quote
            yield Divergence(departure=departure, name=name, message=shown.message)


def _departure(shown: Act, passed: Sequence[Course]) -> Departure:
    """What is wrong with a call that shows that a check was not met."""
    others = [act.turn for one in passed if (act := one.first(shown.name)) is not None]
    if passed and not others:
        return Departure.UNEXPECTED
    return Departure.EARLY if others and shown.turn < min(others) else Departure.CALLED


def _by_example(failed: Course, passed: Sequence[Course]) -> Iterator[Divergence]:
    """What conversations that passed say."""
    if not passed:
        return
    names = [{act.name for act in one.acts} for one in passed]
    own = {act.name for act in failed.acts}
    for name in set.intersection(*names) - own:
        yield Divergence(
            departure=Departure.SKIPPED, name=name, message=failed.at_turn(_latest_turn(name, passed))
        )
    for name in own - set(chain.from_iterable(names)):
        act = failed.first(name)
        if act is not None:
            yield Divergence(departure=Departure.UNEXPECTED, name=name, message=act.message)


def _due(name: str, place: int, expect: Expectations, failed: Course, passed: Sequence[Course]) -> int:
    """Where a call should have been made at the latest: before what is expected after it, and when others made it."""
    later = {action.name for action in expect.actions[place + 1 :]}
    before = [act.message for act in failed.acts if act.name in later]
    made = [one for one in passed if one.first(name) is not None]
    usual = [failed.at_turn(_latest_turn(name, made))] if made else []
    return min([*before, *usual], default=failed.at_turn(len(failed.turns)))


def _latest_turn(name: str, courses: Sequence[Course]) -> int:
    """The latest turn in which any of the conversations has a call for the first time."""
    return max(act.turn for one in courses if (act := one.first(name)) is not None)
