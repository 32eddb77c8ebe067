"""From a transcript and the judge's assessments to a verdict. Pure: the judge itself is outside."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sparring.domain.calls import (
    action_matches,
    check_action,
    check_forbidden,
    check_writes,
    filled_action,
    matching_calls,
)
from sparring.domain.matching import ABSENT, filled, matches
from sparring.domain.outcomes import Outcome, Termination
from sparring.domain.scenario import Expectations, ExpectedState
from sparring.domain.templates import as_text
from sparring.domain.transcript import Transcript
from sparring.domain.verdict import Assessment, Check, CheckKind, Evidence, Finding, Verdict
from sparring.domain.words import check_words
from sparring.domain.world import World

__all__ = [
    "Assessment",
    "Check",
    "CheckKind",
    "Evidence",
    "Finding",
    "Verdict",
    "action_matches",
    "grade",
    "matching_calls",
    "needs_judge",
]

_LONGEST = 500
"""Characters of a value that a reason shows."""

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
    writing: Collection[str] = (),
    world: World | None = None,
) -> Verdict:
    """Combine every check into one verdict.

    Args:
        assessments: one for each assertion, in order; may be none where a limit ended the conversation.
        end_tool: the simulated user's way of hanging up, which is no action.
        writing: the names of the tools whose successful calls change something.
        world: after the conversation; its variables are put into the expectations.

    Raises:
        ValueError: the assessments do not pair with the assertions, or the conversation was cancelled.
    """
    if termination is Termination.CANCELLED:
        raise ValueError("a cancelled conversation gets no verdict")
    world = world or World({})
    note = _LIMIT_NOTES.get(termination)
    if note is not None and not assessments:
        unassessed = Assessment(finding=Finding.INCONCLUSIVE, reason=f"Not assessed. {note}")
        assessments = [unassessed] * len(expect.assertions)
    if len(assessments) != len(expect.assertions):
        raise ValueError(f"{len(expect.assertions)} assertions but {len(assessments)} assessments")
    checks = (
        *_calls(expect, transcript, end_tool, writing, world),
        *(_check_state(index, one, world) for index, one in enumerate(expect.state)),
        *(check_words(index, one, transcript, world.variables) for index, one in enumerate(expect.said)),
        *_assertions(expect, assessments),
    )
    breakdown = {
        kind.value: float(all(c.finding is Finding.MET for c in checks if c.kind is kind and c.required))
        for kind in CheckKind
        if any(check.kind is kind for check in checks)
    }
    return _combine(checks, breakdown, note)


def _calls(
    expect: Expectations, transcript: Transcript, end_tool: str, writing: Collection[str], world: World
) -> list[Check]:
    actions = [filled_action(expected, world.variables) for expected in expect.actions]
    checks = [check_action(index, expected, transcript, end_tool) for index, expected in enumerate(actions)]
    checks += [
        check_forbidden(index, forbidden, transcript, world.variables)
        for index, forbidden in enumerate(expect.forbidden)
    ]
    if expect.writes is not None:
        checks.append(check_writes(expect.writes, actions, transcript, writing))
    return checks


def _assertions(expect: Expectations, assessments: Sequence[Assessment]) -> list[Check]:
    return [
        Check(
            kind=CheckKind.ASSERTION,
            subject=subject,
            finding=found.finding,
            reason=found.reason,
            evidence=found.evidence,
            required=index not in expect.optional_assertions,
            index=index,
        )
        for index, (subject, found) in enumerate(zip(expect.assertions, assessments, strict=True))
    ]


def _check_state(index: int, expected: ExpectedState, world: World) -> Check:
    wanted = filled(expected.matcher, world.variables)
    value, touched = world.at(expected.path)
    met = matches(wanted, value)
    is_now = "is not there" if value is ABSENT else f"is {_shown(value)}"
    return Check(
        kind=CheckKind.STATE,
        subject=f"{expected.path} {expected.matcher}",
        finding=Finding.MET if met else Finding.NOT_MET,
        reason=f"{expected.path} {is_now}{', as expected' if met else f'; it must be {wanted}'}.",
        evidence=() if touched is None else (Evidence(message=touched),),
        required=expected.required,
        index=index,
    )


def _shown(value: object) -> str:
    text = as_text(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _combine(checks: tuple[Check, ...], breakdown: Mapping[str, float], note: str | None) -> Verdict:
    required = [check.finding for check in checks if check.required]
    if note is not None or Finding.NOT_MET in required:
        outcome, reward = Outcome.FAILED, 0.0
    elif Finding.INCONCLUSIVE in required:
        return Verdict(outcome=Outcome.INCONCLUSIVE, reward=None, breakdown=breakdown, checks=checks, note=note)
    else:
        outcome, reward = Outcome.PASSED, 1.0
    return Verdict(outcome=outcome, reward=reward, breakdown=breakdown, checks=checks, note=note)
