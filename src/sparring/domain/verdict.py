"""What judging finds: checks, each with its reason and evidence, and the verdict that they come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sparring.domain.outcomes import Outcome


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
