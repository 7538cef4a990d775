"""Views of the queue that people save under names of their own, and an index of what is due and waited for."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020b"
branch_labels = None
depends_on = None

AWAITED = sa.text("state not in ('approved', 'sent', 'closed')")


def upgrade() -> None:
    op.create_table(
        "review_saved_views",
        sa.Column("view_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("filters", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("view_id"),
        sa.UniqueConstraint("email", "name", name="uq_review_saved_views_name"),
    )
    op.create_index("ix_review_cases_awaited_due", "review_cases", ["due_at"], sqlite_where=AWAITED, postgresql_where=AWAITED)


def downgrade() -> None:
    op.drop_index("ix_review_cases_awaited_due", "review_cases")
    op.drop_table("review_saved_views")
