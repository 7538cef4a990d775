"""Agencies that a person is limited to, browsers that a person has signed in with, and an audit log that nothing is put in place of."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

# `insert or replace` deletes the old row without a word to the trigger on delete: an entry may only be put after all others.
SQLITE_GUARD = (
    "create trigger review_audit_no_replace before insert on review_audit"
    " when new.id is not null and new.id > 0 and new.id <= (select coalesce(max(id), 0) from review_audit)"
    " begin select raise(abort, 'review_audit is append-only'); end"
)


def upgrade() -> None:
    op.add_column("review_people", sa.Column("agencies", JSON, nullable=False, server_default="[]"))
    op.create_table(
        "review_devices",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["email"], ["review_people.email"]),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index("ix_review_devices_email", "review_devices", ["email"], unique=False)
    op.add_column("dispatch_webhooks", sa.Column("loopback", sa.Boolean(), nullable=False, server_default=sa.false()))
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE_GUARD)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("drop trigger review_audit_no_replace")
    op.drop_column("dispatch_webhooks", "loopback")
    op.drop_table("review_devices")
    op.drop_column("review_people", "agencies")
