"""Later judgements of trials, beside their verdicts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "judgements",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "judging", sa.Text(), nullable=False, comment="the occasion: all that were judged again at once"
        ),
        sa.Column("simulation", sa.Text(), nullable=False),
        sa.Column("trial", sa.Text(), nullable=False),
        sa.Column("judge", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["trial"], ["trials.id"], name="fk_judgements_trial", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name="pk_judgements"),
        sa.UniqueConstraint("id", name="uq_judgements_id"),
    )
    op.create_index("ix_judgements_of_simulation", "judgements", ["simulation", "seq"], unique=False)
    op.create_index("ix_judgements_of_trial", "judgements", ["trial", "seq"], unique=False)
