"""Wrong passwords lock nobody out: what was counted for it goes."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("review_people", "locked_until")
    op.drop_column("review_people", "failed_sign_ins")


def downgrade() -> None:
    op.add_column("review_people", sa.Column("failed_sign_ins", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("review_people", sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True))
