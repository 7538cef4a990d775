"""The audit log is read in the order of its lists. On PostgreSQL the indexes are made while other sessions go on writing."""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

TABLE = "review_audit"
INDEXES = {"ix_review_audit_at_id": ["at", "id"], "ix_review_audit_actor_at_id": ["actor", "at", "id"]}
FORMER = {"ix_review_audit_at": ["at"], "ix_review_audit_actor": ["actor"]}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        with op.get_context().autocommit_block():
            for name, columns in INDEXES.items():
                op.execute(f"drop index concurrently if exists {name}")  # one that an upgrade left unfinished
                op.create_index(name, TABLE, columns, postgresql_concurrently=True)
    else:
        for name, columns in INDEXES.items():
            op.create_index(name, TABLE, columns)
    for name in FORMER:
        op.drop_index(name, TABLE)


def downgrade() -> None:
    for name, columns in FORMER.items():
        op.create_index(name, TABLE, columns)
    for name in INDEXES:
        op.drop_index(name, TABLE)
