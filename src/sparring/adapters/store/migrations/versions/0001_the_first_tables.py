"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "agents",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_agents"),
        sa.UniqueConstraint("id", name="uq_agents_id"),
        sa.UniqueConstraint("workspace", "alias", name="uq_agents_workspace_alias"),
    )
    op.create_index("ix_agents_newest", "agents", ["workspace", "seq"], unique=False)
    op.create_table(
        "api_keys",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("revoked_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_api_keys"),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
        sa.UniqueConstraint("id", name="uq_api_keys_id"),
    )
    op.create_table(
        "messages",
        sa.Column("trial", sa.Text(), nullable=False),
        sa.Column("take", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("trial", "take", "position", name="pk_messages"),
    )
    op.create_table(
        "scenarios",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=True),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_scenarios"),
        sa.UniqueConstraint("id", name="uq_scenarios_id"),
        sa.UniqueConstraint("workspace", "alias", name="uq_scenarios_workspace_alias"),
    )
    op.create_index("ix_scenarios_newest", "scenarios", ["workspace", "seq"], unique=False)
    op.create_table(
        "simulations",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=True),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=True),
        sa.Column("completed_at", sa.Double(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False, comment="agent, models and limits as they were"),
        sa.PrimaryKeyConstraint("seq", name="pk_simulations"),
        sa.UniqueConstraint("id", name="uq_simulations_id"),
        sa.UniqueConstraint("workspace", "alias", name="uq_simulations_workspace_alias"),
        sa.UniqueConstraint("workspace", "idempotency_key", name="uq_simulations_workspace_idempotency_key"),
    )
    op.create_index(
        "ix_simulations_alias",
        "simulations",
        ["alias"],
        unique=False,
        sqlite_where=sa.text("alias IS NOT NULL"),
        postgresql_where=sa.text("alias IS NOT NULL"),
    )
    op.create_index("ix_simulations_newest", "simulations", ["workspace", "seq"], unique=False)
    op.create_index("ix_simulations_of_agent", "simulations", ["agent_id", "seq"], unique=False)
    op.create_table(
        "workspaces",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_workspaces"),
        sa.UniqueConstraint("alias", name="uq_workspaces_alias"),
        sa.UniqueConstraint("id", name="uq_workspaces_id"),
    )
    op.create_table(
        "simulation_scenarios",
        sa.Column("simulation", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="the scenario as it was"),
        sa.ForeignKeyConstraint(
            ["simulation"], ["simulations.id"], name="fk_simulation_scenarios_simulation", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("simulation", "position", name="pk_simulation_scenarios"),
    )
    op.create_table(
        "trials",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=True),
        sa.Column("simulation", sa.Text(), nullable=False),
        sa.Column("scenario", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("take", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("termination", sa.Text(), nullable=True),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=True),
        sa.Column("completed_at", sa.Double(), nullable=True),
        sa.Column("costs", sa.Text(), nullable=False, comment="USD by role"),
        sa.Column("warnings", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["simulation"], ["simulations.id"], name="fk_trials_simulation", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_trials"),
        sa.UniqueConstraint("id", name="uq_trials_id"),
    )
    op.create_index(
        "ix_trials_alias",
        "trials",
        ["alias"],
        unique=False,
        sqlite_where=sa.text("alias IS NOT NULL"),
        postgresql_where=sa.text("alias IS NOT NULL"),
    )
    op.create_index("ix_trials_by_status", "trials", ["simulation", "status"], unique=False)
    op.create_index("ix_trials_of_simulation", "trials", ["simulation", "seq"], unique=False)
    op.create_index(
        "ix_trials_queued",
        "trials",
        ["number", "seq"],
        unique=False,
        sqlite_where=sa.text("status = 'queued'"),
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.create_index(
        "ix_trials_running",
        "trials",
        ["status", "simulation"],
        unique=False,
        sqlite_where=sa.text("status = 'running'"),
        postgresql_where=sa.text("status = 'running'"),
    )
