"""How many trials of a simulation may be at play at the same time."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and let the simulations that have it be found."""
    op.add_column(
        "simulations",
        sa.Column(
            "at_once", sa.Integer(), nullable=True, comment="its trials that may be at play at the same time"
        ),
    )
    bounded = sa.text("at_once IS NOT NULL")
    op.create_index(
        "ix_simulations_bounded", "simulations", ["status"], sqlite_where=bounded, postgresql_where=bounded
    )
