"""Simulations that are cancelled, paused, resumed, or get more to play."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from sparring.adapters.store import budgets, plays, sql
from sparring.domain.errors import NotFound
from sparring.domain.outcomes import Lifecycle
from sparring.domain.simulation import Simulation, Trial
from sparring.simulation import refusals


def cancel(connection: sqlite3.Connection, workspace: str | None, id: str, now: float) -> str:
    """Cancel a simulation and its queued trials; the simulation's id."""
    id, _ = _unfinished(connection, workspace, id, "cancel")
    connection.execute(sql.CANCEL_SIMULATION, {"simulation": id})
    connection.execute(sql.CANCEL_QUEUED, {"of": id, "now": now})
    plays.complete(connection, id, now)
    return id


def is_cancelled(connection: sqlite3.Connection, simulation_id: str) -> bool:
    """Whether a simulation was cancelled."""
    row = connection.execute(sql.IS_CANCELLED, {"id": simulation_id}).fetchone()
    return row is not None and bool(row[0])


def pause(connection: sqlite3.Connection, workspace: str | None, id: str, reason: str) -> str:
    """Let no further trial begin; the simulation's id."""
    id, status = _unfinished(connection, workspace, id, "pause")
    if status is Lifecycle.PAUSED:
        raise refusals.already_paused()
    if status is Lifecycle.CANCELLED:
        raise refusals.already_over(status, "pause")
    connection.execute(sql.PAUSE_SIMULATION, {"simulation": id, "reason": reason})
    return id


def resume(connection: sqlite3.Connection, workspace: str | None, id: str, max_cost: float | None) -> str:
    """Let trials begin again, with another budget where one is given; the simulation's id."""
    id, status = _unfinished(connection, workspace, id, "resume")
    if status is Lifecycle.CANCELLED:
        raise refusals.cancelled_for_good()
    if status is not Lifecycle.PAUSED and max_cost is None:
        raise refusals.not_paused(status)
    if max_cost is not None:
        connection.execute(sql.SET_BUDGET, {"simulation": id, "max_cost": max_cost})
    connection.execute(sql.RESUME_SIMULATION, {"simulation": id})
    budget, spent = budgets.budget(connection, id), budgets.known_spent(connection, id)
    if budget is not None and spent >= budget:
        raise refusals.budget_too_small(budget, spent)
    return id


def explain(connection: sqlite3.Connection, simulation_id: str, reason: str | None) -> None:
    """Say what a simulation waits for."""
    connection.execute(sql.EXPLAIN, {"simulation": simulation_id, "reason": reason})


def play_again(connection: sqlite3.Connection, simulation_id: str, trials: Sequence[Trial]) -> int:
    """Queue errored trials; how many still were errored."""
    row = plays.find(connection, None, simulation_id)
    if row is None:
        return 0
    if Lifecycle(row[1]) is Lifecycle.CANCELLED:
        raise refusals.cancelled_for_good()
    queued = sum(
        connection.execute(sql.PLAY_AGAIN, {"trial": trial.id, **plays.result_of(trial)}).rowcount
        for trial in trials
    )
    if queued:
        plays.reopen(connection, simulation_id, revised=False)
    return queued


def add_trials(connection: sqlite3.Connection, simulation: Simulation, trials: Sequence[Trial]) -> None:
    """Insert the trials that a simulation lacks for the numbers that its scenarios have now."""
    row = plays.find(connection, None, simulation.id)
    if row is None:
        raise NotFound("simulation", simulation.id)
    if Lifecycle(row[1]) is Lifecycle.CANCELLED:
        raise refusals.cancelled_for_good()
    there = sum(plays.progress(connection, simulation.id).values())
    if there + len(trials) != sum(scenario.trials for scenario in simulation.scenarios):
        raise refusals.changed_meanwhile()
    for position in range(len(simulation.scenarios)):
        plays.save_scenario(connection, simulation, position)
    plays.add_trials(connection, simulation, trials)
    plays.reopen(connection, simulation.id, revised=True)


def _unfinished(
    connection: sqlite3.Connection, workspace: str | None, id: str, what: str
) -> tuple[str, Lifecycle]:
    row = plays.find(connection, workspace, id)
    if row is None:
        raise NotFound("simulation", id)
    found, status, _, completed_at, *_ = row
    if completed_at is not None:
        raise refusals.already_over(Lifecycle(status), what)
    return str(found), Lifecycle(status)
