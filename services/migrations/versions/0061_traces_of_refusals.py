"""In which trace a refused record stands: the agency that asks for its request is told that of its own publisher."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("intake_refusals", sa.Column("trace_id", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("intake_refusals", "trace_id")
