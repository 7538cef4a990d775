"""Second looks: approvals that were drawn, and what somebody who did not know them would have done."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TABLE = "review_second_looks"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("seconded_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_by", sa.String(), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("look", JSON, nullable=True),
        sa.PrimaryKeyConstraint("request_id"),
        sa.CheckConstraint("looked_by is null or (looked_by <> decided_by and looked_by <> seconded_by)", name="ck_second_looks_another"),
    )
    waiting = sa.text("looked_at is null")
    op.create_index("ix_second_looks_open", TABLE, ["available_at"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index("ix_second_looks_looked", TABLE, ["looked_at"])


def downgrade() -> None:
    op.drop_table(TABLE)
