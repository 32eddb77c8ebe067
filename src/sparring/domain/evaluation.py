"""From a transcript and the judge's assessments to a verdict. Pure: the judge itself is outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sparring.domain.matching import ABSENT, Matcher, matches, same
from sparring.domain.outcomes import Outcome, Termination
from sparring.domain.scenario import Expectations, ExpectedAction
from sparring.domain.templates import compact_json
from sparring.domain.transcript import Side, ToolCall, Transcript


class Finding(StrEnum):
    """What became of one check."""

    MET = "met"
    NOT_MET = "not_met"
    INCONCLUSIVE = "inconclusive"


class CheckKind(StrEnum):
    """The kinds of checks; the values are the keys of a reward's breakdown."""

    ACTION = "ACTION"
    FORBIDDEN = "FORBIDDEN"
    WRITES = "WRITES"
    STATE = "STATE"
    SAID = "SAID"
    ASSERTION = "NL_ASSERTION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Words that stand in a message, verbatim; an empty quote names the message only."""

    message: int
    """Index in the transcript, from 0."""
    quote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What the judge found of one assertion."""

    finding: Finding
    reason: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was checked, with its own result, reason and evidence."""

    kind: CheckKind
    subject: str
    """The assertion, or the name of the tool."""
    finding: Finding
    reason: str
    evidence: tuple[Evidence, ...] = ()
    required: bool = True
    index: int = 0
    """Place among the scenario's checks of this kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a conversation is judged."""

    outcome: Outcome
    reward: float | None
    """1 or 0; None where it is inconclusive."""
    breakdown: Mapping[str, float]
    checks: tuple[Check, ...]
    note: str | None = None
    """What decided beside the checks, such as a limit."""

    @property
    def unmet(self) -> tuple[Check, ...]:
        """The required checks that were not met or could not be decided, failures first."""
        gaps = [check for check in self.checks if check.required and check.finding is not Finding.MET]
        return tuple(sorted(gaps, key=lambda check: check.finding is not Finding.NOT_MET))


_LIMIT_NOTES = {
    Termination.MAX_STEPS: "The conversation reached its limit of steps before either side ended it.",
    Termination.TOO_MANY_ERRORS: "Too many tool calls failed in a row.",
}


def needs_judge(expect: Expectations, termination: Termination) -> bool:
    """Whether assertions have to be assessed.

    A conversation cut off by a limit has lost already, and a cancelled one gets no verdict.
    """
    return bool(expect.assertions) and termination in (Termination.USER_STOP, Termination.AGENT_STOP)


def grade(
    expect: Expectations,
    transcript: Transcript,
    termination: Termination,
    assessments: Sequence[Assessment],
    *,
    end_tool: str,
) -> Verdict:
    """Combine every check into one verdict.

    Args:
        assessments: one for each assertion, in order; may be none where a limit ended the conversation.
        end_tool: the simulated user's way of hanging up, which is no action.

    Raises:
        ValueError: the assessments do not pair with the assertions, or the conversation was cancelled.
    """
    if termination is Termination.CANCELLED:
        raise ValueError("a cancelled conversation gets no verdict")
    note = _LIMIT_NOTES.get(termination)
    if note is not None and not assessments:
        unassessed = Assessment(finding=Finding.INCONCLUSIVE, reason=f"Not assessed. {note}")
        assessments = [unassessed] * len(expect.assertions)
    if len(assessments) != len(expect.assertions):
        raise ValueError(f"{len(expect.assertions)} assertions but {len(assessments)} assessments")
    actions = [
        _check_action(index, expected, transcript, end_tool) for index, expected in enumerate(expect.actions)
    ]
    forbidden = [_check_forbidden(index, one.name, transcript) for index, one in enumerate(expect.forbidden)]
    assertions = [
        Check(
            kind=CheckKind.ASSERTION,
            subject=subject,
            finding=found.finding,
            reason=found.reason,
            evidence=found.evidence,
            index=index,
        )
        for index, (subject, found) in enumerate(zip(expect.assertions, assessments, strict=True))
    ]
    checks = (*actions, *forbidden, *assertions)
    breakdown = {
        kind.value: float(all(c.finding is Finding.MET for c in checks if c.kind is kind and c.required))
        for kind in CheckKind
        if any(check.kind is kind for check in checks)
    }
    return _combine(checks, breakdown, note)


def matching_calls(expected: ExpectedAction, transcript: Transcript, end_tool: str) -> list[tuple[int, ToolCall]]:
    """The calls that satisfy an expected action, with the index of their messages."""
    return [
        (index, call)
        for index, call, side in transcript.calls()
        if not (side is Side.USER and call.name == end_tool) and action_matches(expected, call, side)
    ]


def action_matches(expected: ExpectedAction, call: ToolCall, side: Side) -> bool:
    """Whether a call is the expected one; one whose arguments could not be read never is.

    With `compare_args` None the union of both sides' argument names is compared, so that a call with a missing
    argument does not match; under the rule `tau2` the actual call's names alone, as tau2-bench does.
    """
    if call.name != expected.name or call.malformed is not None:
        return False
    if expected.match_side and side is not expected.side:
        return False
    if expected.arguments is None:
        return True
    if expected.compare_args is not None:
        names = set(expected.compare_args)
    elif expected.match_rule == "tau2":
        names = set(call.arguments)
    else:
        names = set(call.arguments) | set(expected.arguments)
    tau2 = expected.match_rule == "tau2"
    return all(_same_argument(name, expected.arguments, call.arguments, tau2=tau2) for name in names)


def _same_argument(name: str, expected: Mapping[str, Any], actual: Mapping[str, Any], *, tau2: bool) -> bool:
    wanted, came = expected.get(name, ABSENT), actual.get(name, ABSENT)
    if isinstance(wanted, Matcher):
        return matches(wanted, came)
    if wanted is ABSENT or came is ABSENT:
        return wanted is came
    return bool(wanted == came) if tau2 else same(wanted, came)


def _combine(checks: tuple[Check, ...], breakdown: Mapping[str, float], note: str | None) -> Verdict:
    required = [check.finding for check in checks if check.required]
    if note is not None or Finding.NOT_MET in required:
        outcome, reward = Outcome.FAILED, 0.0
    elif Finding.INCONCLUSIVE in required:
        return Verdict(outcome=Outcome.INCONCLUSIVE, reward=None, breakdown=breakdown, checks=checks, note=note)
    else:
        outcome, reward = Outcome.PASSED, 1.0
    return Verdict(outcome=outcome, reward=reward, breakdown=breakdown, checks=checks, note=note)


def _check_action(index: int, expected: ExpectedAction, transcript: Transcript, end_tool: str) -> Check:
    found = matching_calls(expected, transcript, end_tool)
    if found:
        where, call = found[0]
        reason = f"{call.name} was called as expected."
        evidence: tuple[Evidence, ...] = (Evidence(message=where, quote=call.name),)
        finding = Finding.MET
    else:
        near = [(where, call) for where, call, _ in transcript.calls() if call.name == expected.name]
        reason = _why_not(expected, [call for _, call in near])
        evidence = tuple(Evidence(message=where, quote=call.name) for where, call in near)
        finding = Finding.NOT_MET
    return Check(
        kind=CheckKind.ACTION,
        subject=expected.name,
        finding=finding,
        reason=reason,
        evidence=evidence,
        required=expected.required,
        index=index,
    )


def _why_not(expected: ExpectedAction, near: list[ToolCall]) -> str:
    if not near:
        return f"{expected.name} was never called."
    wanted = dict(expected.arguments or {})
    shown = {name: str(value) if isinstance(value, Matcher) else value for name, value in wanted.items()}
    came = "; ".join(call.malformed or compact_json(dict(call.arguments)) for call in near[:3])
    return f"{expected.name} was called with other arguments: expected {compact_json(shown)}, came {came}."


def _check_forbidden(index: int, name: str, transcript: Transcript) -> Check:
    found = [where for where, call, side in transcript.calls() if call.name == name and side is Side.AGENT]
    return Check(
        kind=CheckKind.FORBIDDEN,
        subject=name,
        finding=Finding.NOT_MET if found else Finding.MET,
        reason=f"{name} must not be called, and was." if found else f"{name} was not called.",
        evidence=tuple(Evidence(message=where, quote=name) for where in found),
        index=index,
    )
