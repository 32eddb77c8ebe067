"""Simulations that are cancelled, paused, resumed, or get more to play."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.adapters.store import budgets, plays, sql
from sparring.adapters.store.database import Connection
from sparring.domain.costs import reaches
from sparring.domain.errors import NotFound
from sparring.domain.outcomes import Lifecycle
from sparring.domain.simulation import Simulation, Trial
from sparring.simulation import refusals


async def cancel(db: Connection, workspace: str | None, id: str, now: float) -> str:
    """Cancel a simulation and its queued trials; the simulation's id."""
    id, _ = await _unfinished(db, workspace, id, "cancel")
    await db.write(sql.CANCEL_SIMULATION, {"simulation": id})
    await plays.cancel_queued(db, id, now)
    await plays.complete(db, id, now)
    return id


async def is_cancelled(db: Connection, simulation_id: str) -> bool:
    """Whether a simulation was cancelled."""
    row = await db.row(sql.IS_CANCELLED, {"id": simulation_id})
    return row is not None and bool(row[0])


async def decide(db: Connection, simulation_id: str, reason: str, now: float) -> bool:
    """End what waits in the queue, for a reason that stays; whether that completed the simulation."""
    await plays.hold(db, None, simulation_id)
    if not await db.write(sql.DECIDE, {"simulation": simulation_id, "reason": reason}):
        return False
    await plays.cancel_queued(db, simulation_id, now, reason)
    return await plays.complete(db, simulation_id, now)


async def pause(db: Connection, workspace: str | None, id: str, reason: str) -> str:
    """Let no further trial begin; the simulation's id."""
    id, status = await _unfinished(db, workspace, id, "pause")
    if status is Lifecycle.PAUSED:
        raise refusals.already_paused()
    if status is Lifecycle.CANCELLED:
        raise refusals.already_over(status, "pause")
    await db.write(sql.PAUSE_SIMULATION, {"simulation": id, "reason": reason})
    return id


async def resume(db: Connection, workspace: str | None, id: str, max_cost: float | None) -> str:
    """Let trials begin again, with another budget where one is given; the simulation's id."""
    id, status = await _unfinished(db, workspace, id, "resume")
    if status is Lifecycle.CANCELLED:
        raise refusals.cancelled_for_good()
    if status is not Lifecycle.PAUSED and max_cost is None:
        raise refusals.not_paused(status)
    if max_cost is not None:
        await db.write(sql.SET_BUDGET, {"simulation": id, "max_cost": max_cost})
    await db.write(sql.RESUME_SIMULATION, {"simulation": id})
    budget, spent = await budgets.budget(db, id), await budgets.known_spent(db, id)
    if budget is not None and reaches(spent, budget):
        raise refusals.budget_too_small(budget, spent)
    return id


async def explain(db: Connection, simulation_id: str, reason: str | None) -> None:
    """Say what a simulation waits for."""
    await db.write(sql.EXPLAIN, {"simulation": simulation_id, "reason": reason})


async def play_again(db: Connection, simulation_id: str, trials: Sequence[Trial]) -> int:
    """Queue errored trials; how many still were errored."""
    row = await plays.hold(db, None, simulation_id)
    if row is None:
        return 0
    if Lifecycle(row[1]) is Lifecycle.CANCELLED:
        raise refusals.cancelled_for_good()
    queued = 0
    for trial in trials:
        queued += await db.write(sql.PLAY_AGAIN, {"trial": trial.id, **plays.result_of(trial)})
    if queued:
        await plays.reopen(db, simulation_id, revised=False)
    return queued


async def add_trials(db: Connection, simulation: Simulation, trials: Sequence[Trial]) -> str:
    """Insert the trials that a simulation lacks for the numbers that its scenarios have now; its id."""
    row = await plays.hold(db, None, simulation.id)
    if row is None:
        raise NotFound("simulation", simulation.id)
    if Lifecycle(row[1]) is Lifecycle.CANCELLED:
        raise refusals.cancelled_for_good()
    there = sum((await plays.progress(db, simulation.id)).values())
    if there + len(trials) != sum(scenario.trials for scenario in simulation.scenarios):
        raise refusals.changed_meanwhile()
    for position in range(len(simulation.scenarios)):
        await plays.save_scenario(db, simulation, position)
    await plays.add_trials(db, simulation, trials)
    await plays.reopen(db, simulation.id, revised=True)
    return simulation.id


async def _unfinished(db: Connection, workspace: str | None, id: str, what: str) -> tuple[str, Lifecycle]:
    row = await plays.hold(db, workspace, id)
    if row is None:
        raise NotFound("simulation", id)
    found, status, _, completed_at, *_ = row
    if completed_at is not None:
        raise refusals.already_over(Lifecycle(status), what)
    return str(found), Lifecycle(status)
