"""Budgets, what was spent of them, and why a simulation stands still."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the columns and indexes; what unfinished simulations have spent is counted."""
    op.add_column("simulations", sa.Column("max_cost", sa.Double(), nullable=True))
    op.add_column("simulations", sa.Column("status_reason", sa.Text(), nullable=True))
    op.add_column("simulations", sa.Column("spent", sa.Double(), server_default=sa.text("0"), nullable=False))
    op.add_column("simulations", sa.Column("revision", sa.Integer(), server_default=sa.text("0"), nullable=False))
    _index("simulations", "ix_simulations_with_budget", ["status"], "max_cost IS NOT NULL")
    _index("simulations", "ix_simulations_paused", ["id"], "status = 'paused'")
    op.drop_index("ix_trials_by_status", table_name="trials")
    op.create_index("ix_trials_by_status", "trials", ["simulation", "status", "started_at"], unique=False)
    op.drop_index("ix_trials_queued", table_name="trials")
    _index("trials", "ix_trials_queued", ["number", "seq", "simulation"], "status = 'queued'")
    _count_what_was_spent()


def _index(table: str, name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=False, sqlite_where=where, postgresql_where=where)


def _count_what_was_spent() -> None:
    simulations = sa.table(
        "simulations", sa.column("id"), sa.column("completed_at"), sa.column("spent", sa.Double())
    )
    trials = sa.table("trials", sa.column("simulation"), sa.column("status"), sa.column("costs"))
    connection = op.get_bind()
    costs = (
        sa.select(trials.c.simulation, trials.c.costs)
        .join_from(trials, simulations, simulations.c.id == trials.c.simulation)
        .where(simulations.c.completed_at.is_(None), trials.c.status.in_(["completed", "cancelled"]))
    )
    spent: dict[str, float] = {}
    for simulation, body in connection.execute(costs).all():
        known = sum(cost for cost in json.loads(body).values() if cost is not None)
        spent[simulation] = spent.get(simulation, 0.0) + known
    for simulation, cost in spent.items():
        connection.execute(sa.update(simulations).where(simulations.c.id == simulation).values(spent=cost))
