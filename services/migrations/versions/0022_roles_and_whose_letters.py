"""A second role of a person, and whose request a dead letter is of."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    # The defaults stay: a process of the former release adds people and letters without naming the columns.
    op.add_column("review_people", sa.Column("also", JSON, nullable=False, server_default="[]"))
    op.add_column("review_dead_letters", sa.Column("agency", sa.String(), nullable=True))
    op.add_column("review_dead_letters", sa.Column("request_id", sa.Uuid(), nullable=True))
    op.create_index("ix_review_dead_letters_agency", "review_dead_letters", ["agency"])


def downgrade() -> None:
    op.drop_index("ix_review_dead_letters_agency", "review_dead_letters")
    op.drop_column("review_dead_letters", "request_id")
    op.drop_column("review_dead_letters", "agency")
    op.drop_column("review_people", "also")
