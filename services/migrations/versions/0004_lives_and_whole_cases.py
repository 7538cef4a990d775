"""Which life of the broker a service has seen, and whether a case holds its message."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "broker_lives",
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("life", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("service"),
    )
    op.add_column("review_cases", sa.Column("whole", sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    op.drop_column("review_cases", "whole")
    op.drop_table("broker_lives")
