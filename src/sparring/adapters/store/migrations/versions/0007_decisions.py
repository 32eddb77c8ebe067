"""What was decided of a simulation before all its trials were played."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column."""
    told = "what was decided before all trials were played"
    op.add_column("simulations", sa.Column("decision", sa.Text(), nullable=True, comment=told))
