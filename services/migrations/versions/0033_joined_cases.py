"""Which case a duplicate was joined into."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

INDEX = "ix_review_cases_joined_into"
MADE = f"{INDEX} on review_cases (joined_into) where joined_into is not null"


def upgrade() -> None:
    op.add_column("review_cases", sa.Column("joined_into", sa.Uuid(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":  # the former release goes on working meanwhile
        with op.get_context().autocommit_block():
            op.execute(f"drop index concurrently if exists {INDEX}")  # one that an upgrade left unfinished
            op.execute(f"create index concurrently {MADE}")
    else:
        op.execute(f"create index {MADE}")


def downgrade() -> None:
    op.drop_index(INDEX, table_name="review_cases")
    op.drop_column("review_cases", "joined_into")
