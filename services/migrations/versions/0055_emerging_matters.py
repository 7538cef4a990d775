"""Matters that many people begin to write about, and what messages are compared by to see them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0055"
down_revision = "0053"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MATTERS, MESSAGES = "review_matters", "review_matter_messages"
OPEN, OF_MATTER = sa.text("over_at is null"), sa.text("matter_id is not null")


def upgrade() -> None:
    op.create_table(
        MATTERS,
        sa.Column("matter_id", sa.Uuid(), primary_key=True),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("usual", sa.Double(), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("name", JSON, nullable=False),
        sa.Column("signature", JSON, nullable=False),
        sa.Column("dismissed_by", sa.String(), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_review_matters_open", MATTERS, ["agency", "opened_at"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table(
        MESSAGES,
        sa.Column("request_id", sa.Uuid(), primary_key=True),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("draw", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=True),
    )
    op.create_index("ix_review_matter_messages_received_at", MESSAGES, ["agency", "received_at"])
    op.create_index("ix_review_matter_messages_draw", MESSAGES, ["agency", "draw"])
    op.create_index(
        "ix_review_matter_messages_matter", MESSAGES, ["matter_id", "received_at"], sqlite_where=OF_MATTER, postgresql_where=OF_MATTER
    )
    # What is usual is read from the letters that are there, the newest first.
    op.execute("insert into review_upkeep (name, position, done) values ('matters', null, false)")


def downgrade() -> None:
    op.execute("delete from review_upkeep where name = 'matters'")
    op.drop_table(MESSAGES)
    op.drop_table(MATTERS)
