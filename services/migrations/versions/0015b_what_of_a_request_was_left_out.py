"""Which optional fields of a request that came by Kafka could not be used: its agency is told as one that came by HTTP is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015b"
down_revision = "0015"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("intake_status", sa.Column("left_out", JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("intake_status", "left_out")
