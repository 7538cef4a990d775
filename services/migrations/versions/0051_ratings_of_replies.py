"""Replies that ask their citizens whether they solved the matter, and what was answered."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "intake_asked_replies",
        sa.Column("token_hash", sa.String(), primary_key=True),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("solved", sa.Boolean(), nullable=True),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_table(
        "review_ratings",
        sa.Column("request_id", sa.Uuid(), primary_key=True),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("solved", sa.Boolean(), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_review_ratings_agency", "review_ratings", ["agency", "rated_at"])


def downgrade() -> None:
    op.drop_table("review_ratings")
    op.drop_table("intake_asked_replies")
