"""The report for spreadsheets: one row by trial."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from sparring.domain.outcomes import Role
from sparring.domain.simulation import Simulation, Trial
from sparring.reports.result import Result

COLUMNS = (
    "simulation", "agent", "scenario", "folder", "trial", "status", "outcome", "cause", "reward", "termination",
    "steps", "seconds", "agent_cost_usd", "user_cost_usd", "judge_cost_usd", "not_met", "error", "trial_id",
)  # fmt: skip

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render_csv(result: Result) -> str:
    """The trials as CSV (RFC 4180), in the order of the simulation.

    A text that a spreadsheet would take for a formula gets an apostrophe before it, which spreadsheets do not show.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for trial in result.trials:
        writer.writerow([_cell(value) for value in _row(result.simulation, trial)])
    return out.getvalue()


def _row(simulation: Simulation, trial: Trial) -> Iterator[str | float | None]:
    scenario = simulation.scenario(trial.scenario)
    yield from (simulation.id, simulation.agent.name, scenario.name, scenario.folder, trial.number)
    yield from (trial.status.value, trial.outcome, trial.cause)
    yield trial.verdict.reward if trial.verdict is not None else None
    yield from (trial.termination, trial.steps, None if trial.seconds is None else round(trial.seconds, 3))
    costs = [trial.costs.get(role) for role in (Role.AGENT, Role.USER, Role.JUDGE)]
    yield from (None if cost is None else round(cost, 9) for cost in costs)
    yield "\n".join(check.subject for check in trial.verdict.unmet) if trial.verdict is not None else None
    yield from (trial.error, trial.id)


def _cell(value: str | float | None) -> str | float:
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
