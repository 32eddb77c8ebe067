"""The recorded verdicts on expected actions beside those of the evaluator."""

from collections.abc import Iterable
from dataclasses import dataclass

from sparring.domain.evaluation import CheckKind, Finding, grade
from sparring.domain.outcomes import Termination
from sparring.domain.scenario import Expectations
from sparring.domain.turns import END_TOOL

from .recordings import Recording


@dataclass(frozen=True)
class ActionAgreement:
    """How many verdicts are the same, and which are not."""

    checks: int
    differing: tuple[str, ...]

    @property
    def equal(self) -> int:
        """How many verdicts are the recorded ones."""
        return self.checks - len(self.differing)


def compare_actions(recordings: Iterable[Recording], match_rule: str) -> ActionAgreement:
    """Judge every expected action again under a rule, and compare with what was recorded."""
    checks = 0
    differing: list[str] = []
    for recording in recordings:
        expect = Expectations(actions=recording.actions(match_rule))
        verdict = grade(expect, recording.transcript, Termination.USER_STOP, (), end_tool=END_TOOL)
        found = [check for check in verdict.checks if check.kind is CheckKind.ACTION]
        for ours, theirs in zip(found, recording.checks, strict=True):
            checks += 1
            if (ours.finding is Finding.MET) is not theirs["action_match"]:
                recorded = "a match" if theirs["action_match"] else "no match"
                differing.append(f"{recording}: recorded as {recorded}, but {ours.reason}")
    return ActionAgreement(checks, tuple(differing))
