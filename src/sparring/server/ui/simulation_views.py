"""A simulation as its page shows it: what was asked for of its trials, by pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.simulation import Trial
from sparring.reports.result import Result
from sparring.reports.sections import sections
from sparring.reports.views.anchors import ALONE, Anchors
from sparring.reports.views.failures import FailureLine, failure_lines
from sparring.reports.views.simulation import Cell, Row, rows, why
from sparring.reports.views.trial import ENDINGS
from sparring.server.ui import addresses
from sparring.server.ui.filters import Filters

TRIALS = 50
"""On one page of the list."""
ROWS = 30
"""On one page of the grid."""

_CELLS = 450
_LEAST_CELLS = 10
_FAILURES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLinks:
    """Pages of trials, and the simulation's own page with other filters."""

    filters: Filters

    def trial(self, trial: Trial) -> str:
        """A trial's page."""
        return addresses.trial(trial.id)

    def at(self, trial: Trial, anchor: str | None) -> str:
        """A place on a trial's page."""
        return addresses.trial(trial.id) + (f"#{anchor}" if anchor else "")

    def anchors(self, trial: Trial) -> Anchors:
        """A trial has its page for itself."""
        return ALONE

    def narrowed(self, *, outcome: str = "", cause: str = "", scenario: str = "") -> str:
        """The same page; what is looked at already is narrowed further, but for the failures of one scenario."""
        if outcome and scenario:
            return Filters(scenario=scenario, outcome=outcome).query()
        wanted = {"outcome": outcome, "cause": cause, "scenario": scenario}
        return self.filters.query(**{name: value for name, value in wanted.items() if value})


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
    links = PageLinks(filters=filters)
    names = {scenario.id: scenario.name for scenario in result.simulation.scenarios}
    chosen = filters.chosen(result.trials, names)
    fitting = {trial.id for trial in chosen}
    shown = [one for one in sections(result) if any(trial.id in fitting for trial in one.trials)]
    lines = failure_lines(shown, links, fitting=fitting)
    failed = [trial for trial in chosen if trial.outcome is Outcome.FAILED]
    newest = max(failed, key=lambda trial: trial.completed_at or 0.0, default=None)
    first, first_row = (filters.page - 1) * TRIALS, (filters.rows - 1) * ROWS
    of_page = shown[first_row : first_row + ROWS]
    return Board(
        rows=rows(
            of_page,
            links,
            fitting=fitting,
            most=max(_LEAST_CELLS, _CELLS // max(1, len(of_page))),
            is_paused=result.simulation.status is Lifecycle.PAUSED,
        ),
        row_pages=max(1, -(-len(shown) // ROWS)),
        failures=lines[:_FAILURES],
        more_failures=max(0, len(lines) - _FAILURES),
        trials=[_line(trial, names, links) for trial in chosen[first : first + TRIALS]],
        found=len(chosen),
        trial_pages=max(1, -(-len(chosen) // TRIALS)),
        newest_failure=None if newest is None else addresses.proof(newest),
    )


def _line(trial: Trial, names: Mapping[str, str], links: PageLinks) -> TrialLine:
    return TrialLine(
        cell=Cell(trial=trial, href=links.trial(trial), fits=True),
        scenario=names[trial.scenario],
        why=why(trial),
        href=addresses.proof(trial) if trial.outcome is Outcome.FAILED else links.trial(trial),
        ending=ENDINGS[trial.termination] if trial.termination is not None else "",
    )
