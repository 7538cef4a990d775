"""Fingerprints of requests, and the bands by which near-duplicates are found."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "review_fingerprints",
        sa.Column("number", Counter, nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("request_id"),
    )
    op.create_table(
        "review_fingerprint_bands",
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("value", "number"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("review_fingerprint_bands")
    op.drop_table("review_fingerprints")
