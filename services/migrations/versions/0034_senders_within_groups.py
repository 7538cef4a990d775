"""Who wrote what within a group, so that whoever writes often counts once."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("review_group_members", sa.Column("sender", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("review_group_members", "sender")
