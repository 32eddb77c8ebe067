"""Sets of scenarios, actions, and columns by which scenarios and simulations are looked for."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and columns; the folder of a scenario moves into its own."""
    for name in ("actions", "scenario_sets"):
        op.create_table(
            name,
            sa.Column("seq", sa.Integer(), nullable=False),
            sa.Column("id", sa.Text(), nullable=False),
            sa.Column("workspace", sa.Text(), nullable=False),
            sa.Column("name", sa.Text(), nullable=False),
            sa.Column("created_at", sa.Double(), nullable=False),
            sa.Column("updated_at", sa.Double(), nullable=False),
            sa.Column("body", sa.Text(), nullable=False),
            sa.PrimaryKeyConstraint("seq", name=f"pk_{name}"),
            sa.UniqueConstraint("id", name=f"uq_{name}_id"),
        )
        op.create_index(f"ix_{name}_newest", name, ["workspace", "seq"], unique=False)
    op.add_column("scenarios", sa.Column("set_id", sa.Text(), nullable=True))
    op.add_column("scenarios", sa.Column("folder", sa.Text(), nullable=True))
    op.add_column("simulations", sa.Column("set_id", sa.Text(), nullable=True))
    for name in ("scenarios", "simulations"):
        op.create_index(
            f"ix_{name}_of_set",
            name,
            ["set_id", "seq"],
            unique=False,
            sqlite_where=sa.text("set_id IS NOT NULL"),
            postgresql_where=sa.text("set_id IS NOT NULL"),
        )
    _move_folders()


def _move_folders() -> None:
    scenarios = sa.table("scenarios", sa.column("seq"), sa.column("body"), sa.column("folder"))
    connection = op.get_bind()
    for seq, body in connection.execute(sa.select(scenarios.c.seq, scenarios.c.body)).all():
        folder = json.loads(body).get("folder")
        if folder is not None:
            connection.execute(sa.update(scenarios).where(scenarios.c.seq == seq).values(folder=folder))
