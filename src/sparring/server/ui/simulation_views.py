"""A simulation as its page shows it: rows of cells, failures in one line each, and a page of trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparring.domain.evaluation import Finding
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.simulation import Trial
from sparring.reports.lettering import shortened
from sparring.reports.result import Result
from sparring.reports.sections import Failing, Section, check_title, sections
from sparring.server.ui import addresses
from sparring.server.ui.filters import Filters
from sparring.server.ui.trial_views import ENDINGS, SIGNS

TRIALS = 50
"""On one page of the list."""
ROWS = 30
"""On one page of the grid."""

_CELLS = 450
_LEAST_CELLS = 10
_FAILURES = 20
_REASON = 180
"""Characters of a reason in a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One trial in the grid."""

    trial: Trial
    fits: bool
    """Whether the filters let it through."""

    @property
    def state(self) -> str:
        """Its outcome, or where it is as long as it has none."""
        return (self.trial.outcome or self.trial.status).value

    @property
    def sign(self) -> str:
        """Its shape."""
        return SIGNS[self.state]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One scenario in the grid."""

    section: Section
    cells: Sequence[Cell]
    more: int
    """Trials that are not shown."""

    @property
    def finished(self) -> int:
        """Trials that are over."""
        return sum(trial.is_over for trial in self.section.trials)

    @property
    def lifecycle(self) -> str:
        """Where the scenario's trials are."""
        states = {trial.status for trial in self.section.trials}
        over = states <= {Lifecycle.COMPLETED, Lifecycle.CANCELLED}
        if over:
            return (Lifecycle.CANCELLED if states == {Lifecycle.CANCELLED} else Lifecycle.COMPLETED).value
        return (Lifecycle.QUEUED if states == {Lifecycle.QUEUED} else Lifecycle.RUNNING).value


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureLine:
    """One check that was not met, over the trials of a scenario."""

    scenario: str
    title: str
    count: int
    of: int
    is_open: bool
    reason: str
    """The one that most trials gave."""
    proof: str
    """Where the newest of them shows it."""
    query: str
    """What lists them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialLine:
    """One trial in the list."""

    cell: Cell
    scenario: str
    why: str
    href: str
    ending: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """All that is shown of a simulation's trials."""

    rows: Sequence[Row]
    row_pages: int
    failures: Sequence[FailureLine]
    more_failures: int
    trials: Sequence[TrialLine]
    found: int
    trial_pages: int
    newest_failure: str | None
    """Where its proof is."""


def board(result: Result, filters: Filters) -> Board:
    """The page's view of a result without its conversations."""
    names = {scenario.id: scenario.name for scenario in result.simulation.scenarios}
    found = sections(result)
    chosen = filters.chosen(result.trials, names)
    fitting = {trial.id for trial in chosen}
    shown = [section for section in found if any(trial.id in fitting for trial in section.trials)]
    lines = [line for section in shown for line in _failures(section, fitting)]
    lines.sort(key=lambda line: (line.is_open, -line.count))
    failed = [trial for trial in chosen if trial.outcome is Outcome.FAILED]
    newest = max(failed, key=lambda trial: trial.completed_at or 0.0, default=None)
    first = (filters.page - 1) * TRIALS
    return Board(
        rows=_rows(shown[(filters.rows - 1) * ROWS : filters.rows * ROWS], fitting),
        row_pages=max(1, -(-len(shown) // ROWS)),
        failures=lines[:_FAILURES],
        more_failures=max(0, len(lines) - _FAILURES),
        trials=[_line(trial, names) for trial in chosen[first : first + TRIALS]],
        found=len(chosen),
        trial_pages=max(1, -(-len(chosen) // TRIALS)),
        newest_failure=None if newest is None else addresses.proof(newest),
    )


def _rows(shown: Sequence[Section], fitting: set[str]) -> list[Row]:
    most = max(_LEAST_CELLS, _CELLS // max(1, len(shown)))
    return [
        Row(
            section=section,
            cells=[Cell(trial=trial, fits=trial.id in fitting) for trial in section.trials[:most]],
            more=max(0, len(section.trials) - most),
        )
        for section in shown
    ]


def _failures(section: Section, fitting: set[str]) -> list[FailureLine]:
    by_number = {trial.number: trial for trial in section.trials if trial.id in fitting}
    over = sum(trial.is_over for trial in section.trials)
    lines = (_failure(section, failing, by_number, over) for failing in section.failings)
    return [line for line in lines if line is not None]


def _failure(section: Section, failing: Failing, by_number: Mapping[int, Trial], over: int) -> FailureLine | None:
    trials = [by_number[number] for number in failing.trials if number in by_number]
    if not trials:
        return None
    newest = max(trials, key=lambda trial: trial.completed_at or 0.0)
    most = max(failing.accounts, key=lambda account: len(account.trials))
    scenario = section.scenario
    return FailureLine(
        scenario=scenario.name,
        title=failing.title,
        count=len(failing.trials),
        of=over,
        is_open=failing.is_open,
        reason=shortened(most.reason, _REASON),
        proof=_proof(newest, failing.title),
        query=Filters(scenario=scenario.id, outcome=(newest.outcome or newest.status).value).query(),
    )


def _proof(trial: Trial, title: str) -> str:
    """Where a trial shows why the check of that title was not met."""
    checks = trial.verdict.checks if trial.verdict is not None else ()
    for place, check in enumerate(checks):
        if check.finding is not Finding.MET and check_title(check) == title:
            anchor = addresses.quote_anchor(place, 0) if check.evidence else addresses.check_anchor(place)
            return f"{addresses.trial(trial.id)}#{anchor}"
    return addresses.trial(trial.id)


def _line(trial: Trial, names: Mapping[str, str]) -> TrialLine:
    return TrialLine(
        cell=Cell(trial=trial, fits=True),
        scenario=names[trial.scenario],
        why=shortened(_why(trial), _REASON),
        href=addresses.proof(trial) if trial.outcome is Outcome.FAILED else addresses.trial(trial.id),
        ending=ENDINGS[trial.termination] if trial.termination is not None else "",
    )


def _why(trial: Trial) -> str:
    """Why a trial did not pass, in one line."""
    if trial.error is not None:
        return trial.error
    if trial.verdict is None or trial.outcome is Outcome.PASSED:
        return ""
    if trial.verdict.note is not None:
        return trial.verdict.note
    unmet = trial.verdict.unmet
    return (unmet[0].reason or check_title(unmet[0])) if unmet else ""
