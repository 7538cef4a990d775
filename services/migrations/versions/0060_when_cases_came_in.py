"""By when a case came in: what came in each minute of the last hour is counted whenever somebody looks."""

from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

INDEX = "ix_review_cases_created_at"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":  # the former release goes on working meanwhile
        with op.get_context().autocommit_block():
            op.execute(f"drop index concurrently if exists {INDEX}")  # one that an upgrade left unfinished
            op.execute(f"create index concurrently {INDEX} on review_cases (created_at)")
    else:
        op.execute(f"create index {INDEX} on review_cases (created_at)")


def downgrade() -> None:
    op.drop_index(INDEX, table_name="review_cases")
