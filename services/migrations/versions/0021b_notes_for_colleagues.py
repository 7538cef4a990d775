"""Internal notes, and who is mentioned in them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021b"
down_revision = "0020c"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "review_notes",
        sa.Column("note_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("mentioned", JSON, nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("note_id"),
    )
    op.create_index("ix_review_notes_request_id", "review_notes", ["request_id"])
    op.create_table(
        "review_mentions",
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("mentioned_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("email", "request_id"),
    )


def downgrade() -> None:
    op.drop_table("review_mentions")
    op.drop_table("review_notes")
