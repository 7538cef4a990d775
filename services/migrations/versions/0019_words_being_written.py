"""The words that people are writing, by field and page, and who has a case open."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0020"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "review_written_texts",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("base_page", sa.String(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("request_id", "email", "draft_id", "field", "page"),
    )
    op.create_index("ix_review_written_texts_saved_at", "review_written_texts", ["saved_at"])
    op.create_table(
        "review_presence",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("reads_until", MOMENT, nullable=False),
        sa.Column("writes_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("request_id", "email", "page"),
    )
    op.create_index("ix_review_presence_reads_until", "review_presence", ["reads_until"])


def downgrade() -> None:
    op.drop_table("review_presence")
    op.drop_table("review_written_texts")
