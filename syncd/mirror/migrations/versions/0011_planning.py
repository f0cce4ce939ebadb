"""What labels were last planned by; counts and indexes for what a cycle asks each time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syncd.mirror import counting

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, the triggers that keep counts, and the indexes; the first plan of each label is in full."""
    op.create_table(
        "planned",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("label_key", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=True),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("planned_of_label", "planned", ["target", "label_key"], unique=True)
    op.create_table(
        "unsettled",
        sa.Column("label", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("label", "subject"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "left_out",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("label", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("target", "subject", "label"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "left_out_counts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("label", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("left_out_reasons", "left_out_counts", ["label", "reason"], unique=True)
    op.create_table(
        "holdings",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("label_key", sa.String(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("target", "label_key"),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO holdings SELECT target, label_key, count(*) FROM ledger GROUP BY target, label_key")
    op.create_index("ledger_in_doubt", "ledger", ["target", "subject"], sqlite_where=sa.text("state = 'sending'"))
    op.create_index("runs_at_work", "runs", ["run"], sqlite_where=sa.text("result = 'running'"))
    for statement in counting.TRIGGERS:
        op.execute(statement)
