"""Agencies that acknowledge what comes in, the receipts, and that a delivery may be one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0050"
down_revision = "0052"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
DELIVERIES = "dispatch_deliveries"
SWITCHES = "review_acknowledging"
RECEIPTS = "review_acknowledgements"


def upgrade() -> None:
    op.add_column(DELIVERIES, sa.Column("kind", sa.String(), nullable=False, server_default="reply"))
    op.create_table(
        SWITCHES,
        sa.Column("agency", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("texts", JSON, nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        RECEIPTS,
        sa.Column("acknowledgement_id", sa.Uuid(), primary_key=True),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("mailbox", sa.LargeBinary(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", JSON, nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("nudges", sa.Integer(), nullable=False),
        sa.Column("nudge_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_review_acknowledgements_request_id", RECEIPTS, ["request_id"])
    op.create_index("ix_review_acknowledgements_mailbox_decided_at", RECEIPTS, ["mailbox", "decided_at"])
    op.create_index("ix_review_acknowledgements_nudge_at", RECEIPTS, ["nudge_at"])


def downgrade() -> None:
    op.drop_table(RECEIPTS)
    op.drop_table(SWITCHES)
    op.drop_column(DELIVERIES, "kind")
