"""What a virus scanner said of a file that came with a message."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0049"
branch_labels = None
depends_on = None

TABLE = "review_attachments"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("scan", sa.String(), nullable=False, server_default=""))
    op.add_column(TABLE, sa.Column("threat", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column(TABLE, "threat")
    op.drop_column(TABLE, "scan")
