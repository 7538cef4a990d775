"""The address that a person put in place of the one that came with the message."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("review_cases", sa.Column("corrected_email", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("review_cases", "corrected_email")
