"""Corrections that a supervisor has accepted or declined as examples, and a way to find those that wait."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SORTED_BY_PERSON = sa.text("sorted_by_person")


def upgrade() -> None:
    op.create_table(
        "review_training_rows",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("request_id"),
    )
    op.create_index("ix_review_training_rows_decided_at", "review_training_rows", ["decided_at"], unique=False)
    # Few cases are ever sorted by hand: those alone are listed for supervisors, and not by reading all others.
    op.create_index(
        "ix_review_cases_sorted_by_person",
        "review_cases",
        ["received_at", "request_id"],
        unique=False,
        sqlite_where=SORTED_BY_PERSON,
        postgresql_where=SORTED_BY_PERSON,
    )


def downgrade() -> None:
    op.drop_index("ix_review_cases_sorted_by_person", table_name="review_cases")
    op.drop_index("ix_review_training_rows_decided_at", table_name="review_training_rows")
    op.drop_table("review_training_rows")
