"""How often each trial was begun or taken over, and which of its simulation it is."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and let what waits be found by its place."""
    op.add_column("trials", sa.Column("claim", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("trials", sa.Column("place", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE trials SET place = (SELECT count(*) FROM trials AS before "
        "WHERE before.simulation = trials.simulation AND before.seq < trials.seq) WHERE status IN ('queued', 'running')"
    )
    op.drop_index("ix_trials_queued", "trials")
    waiting = sa.text("status = 'queued'")
    op.create_index(
        "ix_trials_queued",
        "trials",
        ["place", "seq", "simulation"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
