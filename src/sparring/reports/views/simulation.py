"""A simulation as pages and report show it: figures, and rows of cells."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from sparring.domain.metrics import Summary
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.simulation import Simulation, Trial
from sparring.reports import headlines
from sparring.reports.figures import money_decimals
from sparring.reports.lettering import shortened
from sparring.reports.result import Result
from sparring.reports.sections import Section, check_title
from sparring.reports.views.links import Links
from sparring.reports.views.plots import Curve, curve
from sparring.reports.views.trial import SIGNS

REASON = 180
"""Characters of a reason in a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One trial in the grid."""

    trial: Trial
    href: str
    fits: bool
    """Whether it is among those that were asked for."""

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
    href: str | None
    cells: Sequence[Cell]
    more: int
    """Trials that are not shown."""
    is_paused: bool = False
    """Whether no trial of it may begin."""

    @property
    def finished(self) -> int:
        """Trials that are over."""
        return sum(trial.is_over for trial in self.section.trials)

    @property
    def lifecycle(self) -> str:
        """Where the scenario's trials are."""
        states = {trial.status for trial in self.section.trials}
        if states <= {Lifecycle.COMPLETED, Lifecycle.CANCELLED}:
            return (Lifecycle.CANCELLED if Lifecycle.CANCELLED in states else Lifecycle.COMPLETED).value
        if self.is_paused and Lifecycle.RUNNING not in states:
            return Lifecycle.PAUSED.value
        return (Lifecycle.QUEUED if states == {Lifecycle.QUEUED} else Lifecycle.RUNNING).value


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The figures of a simulation as a whole."""

    simulation: Simulation
    summary: Summary
    passed: int
    elapsed: str | None
    curve: Curve
    cents: int
    """Decimals of sums."""
    middle: float | None
    """Seconds, the median over trials."""
    slow: float | None
    """Seconds that 95 % of the trials stay under."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.simulation.completed_at is not None


def headline(result: Result) -> Headline:
    """The figures of a result."""
    simulation, summary = result.simulation, result.summary
    seconds = sorted(trial.seconds for trial in result.trials if trial.seconds is not None)
    return Headline(
        simulation=simulation,
        summary=summary,
        passed=sum(part.passed for part in summary.scenarios),
        elapsed=headlines.elapsed(simulation),
        curve=curve(summary),
        cents=money_decimals([summary.cost]),
        middle=median(seconds) if seconds else None,
        slow=quantiles(seconds, n=20)[-1] if len(seconds) > 1 else None,
    )


def rows(
    shown: Sequence[Section],
    links: Links,
    *,
    fitting: Collection[str] | None = None,
    most: int | None = None,
    is_paused: bool = False,
) -> list[Row]:
    """The grid.

    Args:
        fitting: the ids of the trials that were asked for; None for all.
        most: cells of a row.
        is_paused: whether the simulation is.
    """
    return [
        Row(
            section=section,
            href=links.narrowed(scenario=section.scenario.id),
            cells=[
                Cell(trial=trial, href=links.trial(trial), fits=fitting is None or trial.id in fitting)
                for trial in section.trials[:most]
            ],
            more=max(0, len(section.trials) - most) if most is not None else 0,
            is_paused=is_paused,
        )
        for section in shown
    ]


def why(trial: Trial) -> str:
    """Why a trial did not pass, in one line."""
    return shortened(_why(trial), REASON)


def _why(trial: Trial) -> str:
    if trial.error is not None:
        return trial.error
    if trial.verdict is None or trial.outcome is Outcome.PASSED:
        return ""
    if trial.verdict.note is not None:
        return trial.verdict.note
    unmet = trial.verdict.unmet
    return (unmet[0].reason or check_title(unmet[0])) if unmet else ""
