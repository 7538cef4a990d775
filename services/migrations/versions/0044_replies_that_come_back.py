"""A reply that comes back is found by its decision. On PostgreSQL the index is made while other sessions go on writing."""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

TABLE = "intake_status"
INDEX = "ix_intake_status_decision_id"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        with op.get_context().autocommit_block():
            op.execute(f"drop index concurrently if exists {INDEX}")  # one that an upgrade left unfinished
            op.create_index(INDEX, TABLE, ["decision_id"], postgresql_concurrently=True)
    else:
        op.create_index(INDEX, TABLE, ["decision_id"])


def downgrade() -> None:
    op.drop_index(INDEX, TABLE)
