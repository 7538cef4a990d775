"""What people change of drafts: how much and of which kind, a row a decision; decisions and drafts by the time they were made."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0015b"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "review_draft_edits",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kinds", JSON, nullable=False),
        sa.Column("distance", sa.Float(), nullable=True),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("passages", JSON, nullable=False),
        sa.Column("letter", sa.String(), nullable=False),
        sa.Column("drafted_by", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("prompt_version", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id"),
    )
    op.create_index("ix_review_draft_edits_request_id", "review_draft_edits", ["request_id"])
    op.create_index("ix_review_draft_edits_decided_at", "review_draft_edits", ["decided_at"])
    op.create_index("ix_review_decisions_decided_at", "review_decisions", ["decided_at"])
    op.create_index("ix_review_drafts_proposed_at", "review_drafts", ["proposed_at"])


def downgrade() -> None:
    op.drop_index("ix_review_drafts_proposed_at", "review_drafts")
    op.drop_index("ix_review_decisions_decided_at", "review_decisions")
    op.drop_table("review_draft_edits")
