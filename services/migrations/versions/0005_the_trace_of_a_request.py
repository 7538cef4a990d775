"""In which trace a request is, where whoever published it began one."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("intake_status", sa.Column("trace_id", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("intake_status", "trace_id")
