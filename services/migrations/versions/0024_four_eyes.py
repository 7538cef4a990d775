"""Four eyes: which approvals need a second person, and the first approvals that wait for one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0022b"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INDEX = "ix_review_cases_second_approval"


def upgrade() -> None:
    op.create_table(
        "review_safeguards",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.add_column("review_cases", sa.Column("four_eyes", JSON, nullable=True))
    op.add_column("review_cases", sa.Column("second_approval", sa.Boolean(), nullable=False, server_default=sa.false()))
    if op.get_bind().dialect.name == "postgresql":  # the former release goes on working meanwhile
        with op.get_context().autocommit_block():
            op.execute(f"drop index concurrently if exists {INDEX}")  # one that an upgrade left unfinished
            op.execute(f"create index concurrently {INDEX} on review_cases (received_at, request_id) where second_approval")
    else:
        op.execute(f"create index {INDEX} on review_cases (received_at, request_id) where second_approval")


def downgrade() -> None:
    op.drop_index(INDEX, table_name="review_cases")
    op.drop_column("review_cases", "second_approval")
    op.drop_column("review_cases", "four_eyes")
    op.drop_table("review_safeguards")
