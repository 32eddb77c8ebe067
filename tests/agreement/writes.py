"""The recorded verdicts on the database beside those of `writes: exact`."""

from collections.abc import Iterable
from dataclasses import dataclass

from sparring.adapters.imports.tau2_tools import WRITING
from sparring.domain.evaluation import CheckKind, Finding, grade
from sparring.domain.outcomes import Termination
from sparring.domain.scenario import Expectations, ExpectedWrites
from sparring.domain.turns import END_TOOL

from .recordings import Recording

DOMAINS = ("airline", "retail")
WRITES = frozenset(name for domain in DOMAINS for name in WRITING[domain])


@dataclass(frozen=True)
class Disagreement:
    """A conversation on which the two verdicts are not the same."""

    recording: Recording
    passed: bool
    """Whether it is `writes: exact` that passed."""
    reason: str

    def __str__(self) -> str:
        """Both verdicts, and what differed."""
        recorded = "wrong" if self.passed else "right"
        return f"{self.recording}: the database was recorded as {recorded}, but: {self.reason}"


@dataclass(frozen=True)
class WriteAgreement:
    """How many verdicts there are, and which are not the same."""

    verdicts: int
    disagreements: tuple[Disagreement, ...]

    @property
    def equal(self) -> int:
        """How many verdicts are the recorded ones."""
        return self.verdicts - len(self.disagreements)

    @property
    def false_passes(self) -> int:
        """How often `writes: exact` passed although the database was not as it should be."""
        return sum(one.passed for one in self.disagreements)


def compare_writes(recordings: Iterable[Recording]) -> WriteAgreement:
    """Judge what was written in each conversation with airline or retail tools, and compare."""
    verdicts = 0
    found: list[Disagreement] = []
    for recording in recordings:
        if recording.database is None or not _has_their_tools(recording):
            continue
        verdicts += 1
        passed, reason = _writes(recording)
        if passed is not recording.database:
            found.append(Disagreement(recording, passed, reason))
    return WriteAgreement(verdicts, tuple(found))


def _has_their_tools(recording: Recording) -> bool:
    """By its domain, or, where that is not told, by a tool that only the two of them have."""
    return recording.record.get("domain") in DOMAINS or not WRITES.isdisjoint(
        recording.called | recording.expected
    )


def _writes(recording: Recording) -> tuple[bool, str]:
    expect = Expectations(actions=recording.actions("exact"), writes=ExpectedWrites())
    verdict = grade(expect, recording.transcript, Termination.USER_STOP, (), end_tool=END_TOOL, writing=WRITES)
    (check,) = (check for check in verdict.checks if check.kind is CheckKind.WRITES)
    return check.finding is Finding.MET, check.reason
