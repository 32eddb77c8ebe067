"""What simulations have spent, and the pause that comes with their budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sparring.adapters.store import codec, sql
from sparring.adapters.store.database import Connection, Row
from sparring.domain.costs import add_costs, known, reaches
from sparring.domain.errors import NotFound
from sparring.domain.outcomes import Role
from sparring.domain.simulation import budget_spent

Costs = Mapping[str, float | None]


async def spend(db: Connection, simulation_id: str, cost: float) -> None:
    """Add to what the trials that are over have cost; with what waits beyond the budget, the simulation is paused."""
    where = {"simulation": simulation_id}
    max_cost, spent = await _only(db, sql.SPEND, {**where, "cost": cost})
    if max_cost is not None and reaches(spent, max_cost):
        await _pause(db, simulation_id, max_cost, spent)


async def spent(db: Connection, simulation_id: str) -> Costs:
    """USD by role, running trials included."""
    over = await _by_role(db, sql.COSTS, simulation_id)
    return add_costs(over, await _under_way(db, simulation_id))


async def budget(db: Connection, simulation_id: str) -> float | None:
    """USD that a simulation may spend."""
    max_cost, _ = await _only(db, sql.BUDGET, {"id": simulation_id})
    return None if max_cost is None else float(max_cost)


async def known_spent(db: Connection, simulation_id: str) -> float:
    """USD as far as they are known, running trials included. Takes no longer with many trials that are over."""
    where = {"simulation": simulation_id}
    _, over = await _only(db, sql.BUDGET, {"id": simulation_id})
    begun = await db.rows(sql.COSTS_BEGUN, where)
    return sum((known(codec.load(body)) for (body,) in begun), over + known(await _under_way(db, simulation_id)))


async def beyond_budget(db: Connection) -> Sequence[tuple[str, float, float]]:
    """The simulations that have spent their budget, each with that and with what it has spent."""
    budgets = [(id, max_cost, await known_spent(db, id)) for id, max_cost in await db.rows(sql.BUDGETS)]
    return [(id, max_cost, cost) for id, max_cost, cost in budgets if reaches(cost, max_cost)]


async def keep_to_budgets(db: Connection) -> Sequence[str]:
    """Pause what has spent its budget and has something in the queue."""
    return [id for id, max_cost, cost in await beyond_budget(db) if await _pause(db, id, max_cost, cost)]


async def _only(db: Connection, statement: str, where: Mapping[str, Any]) -> Row:
    """The row of a simulation that is there."""
    row = await db.row(statement, where)
    if row is None:
        raise NotFound("simulation", where.get("id") or where["simulation"])
    return row


async def _under_way(db: Connection, simulation_id: str) -> Costs:
    """USD by role of the current takes of the trials that are not over."""
    return await _by_role(db, sql.SPENT_UNDER_WAY, simulation_id)


async def _by_role(db: Connection, statement: str, simulation_id: str) -> Costs:
    costs: dict[str, float | None] = {role.value: 0.0 for role in Role}
    for role, cost, unknown in await db.rows(statement, {"simulation": simulation_id}):
        costs[role] = None if unknown else cost
    return costs


async def _pause(db: Connection, simulation_id: str, max_cost: float, spent: float) -> bool:
    reason = {"simulation": simulation_id, "reason": budget_spent(max_cost, spent)}
    return bool(await db.write(sql.PAUSE_WAITING, reason))
