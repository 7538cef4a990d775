"""The languages that cases are written in are listed from an index."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_review_cases_language", "review_cases", ["language"])


def downgrade() -> None:
    op.drop_index("ix_review_cases_language", "review_cases")
