"""What simulations have spent, and the pause that comes with their budget."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from sparring.adapters.store import codec, sql
from sparring.domain.costs import add_costs, known
from sparring.domain.outcomes import Role
from sparring.domain.simulation import budget_spent

Costs = Mapping[str, float | None]


def spend(connection: sqlite3.Connection, simulation_id: str, cost: float) -> None:
    """Add to what the trials that are over have cost; with what waits beyond the budget, the simulation is paused."""
    where = {"simulation": simulation_id}
    max_cost, spent = connection.execute(sql.SPEND, {**where, "cost": cost}).fetchone()
    if max_cost is not None and spent >= max_cost:
        _pause(connection, simulation_id, max_cost, spent)


def spent(connection: sqlite3.Connection, simulation_id: str) -> Costs:
    """USD by role, running trials included."""
    return add_costs(_by_role(connection, sql.COSTS, simulation_id), _under_way(connection, simulation_id))


def budget(connection: sqlite3.Connection, simulation_id: str) -> float | None:
    """USD that a simulation may spend."""
    max_cost, _ = connection.execute(sql.BUDGET, {"id": simulation_id}).fetchone()
    return None if max_cost is None else float(max_cost)


def known_spent(connection: sqlite3.Connection, simulation_id: str) -> float:
    """USD as far as they are known, running trials included. Takes no longer with many trials that are over."""
    where = {"simulation": simulation_id}
    _, over = connection.execute(sql.BUDGET, {"id": simulation_id}).fetchone()
    begun = connection.execute(sql.COSTS_BEGUN, where).fetchall()
    return sum((known(codec.load(body)) for (body,) in begun), over + known(_under_way(connection, simulation_id)))


def beyond_budget(connection: sqlite3.Connection) -> Sequence[tuple[str, float, float]]:
    """The simulations that have spent their budget, each with that and with what it has spent."""
    budgets = [
        (id, max_cost, known_spent(connection, id)) for id, max_cost in connection.execute(sql.BUDGETS).fetchall()
    ]
    return [(id, max_cost, cost) for id, max_cost, cost in budgets if cost >= max_cost]


def keep_to_budgets(connection: sqlite3.Connection) -> Sequence[str]:
    """Pause what has spent its budget and has something in the queue."""
    return [id for id, max_cost, cost in beyond_budget(connection) if _pause(connection, id, max_cost, cost)]


def _under_way(connection: sqlite3.Connection, simulation_id: str) -> Costs:
    """USD by role of the current takes of the trials that are not over."""
    return _by_role(connection, sql.SPENT_UNDER_WAY, simulation_id)


def _by_role(connection: sqlite3.Connection, statement: str, simulation_id: str) -> Costs:
    costs: dict[str, float | None] = {role.value: 0.0 for role in Role}
    for role, cost, unknown in connection.execute(statement, {"simulation": simulation_id}).fetchall():
        costs[role] = None if unknown else cost
    return costs


def _pause(connection: sqlite3.Connection, simulation_id: str, max_cost: float, spent: float) -> bool:
    reason = {"simulation": simulation_id, "reason": budget_spent(max_cost, spent)}
    return bool(connection.execute(sql.PAUSE_WAITING, reason).rowcount)
