"""A message to a webhook that is sent again by hand has its own tries, and is known to have arrived before."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

TABLE = "dispatch_webhook_deliveries"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("attempts_before", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(TABLE, sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column(TABLE, "arrived_at")
    op.drop_column(TABLE, "attempts_before")
