"""The audit log becomes a chain of hashes: seals and anchors beside it, append-only as the log itself.

Nothing is read or sealed here: review seals what the log holds already, in steps, while it works.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0021b"
branch_labels = None
depends_on = None

APPEND_ONLY = {"review_audit_seals": "sequence", "review_audit_anchors": "number"}


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "review_audit_seals",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed_at", moment, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("sequence"),
        sa.UniqueConstraint("entry_id"),
    )
    op.create_table(
        "review_audit_anchors",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "review_audit_chain",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("anchors", sa.BigInteger(), nullable=False),
        sa.Column("anchored_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    for table, key in APPEND_ONLY.items():
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"create trigger {table}_append_only before update or delete or truncate on {table}"
                " for each statement execute function review_audit_append_only()"
            )
            continue
        abort = f"select raise(abort, '{table} is append-only')"
        for verb in ("update", "delete"):
            op.execute(f"create trigger {table}_no_{verb} before {verb} on {table} begin {abort}; end")
        # `insert or replace` deletes without a word to the trigger on delete.
        taken = f"new.{key} <= (select coalesce(max({key}), 0) from {table})"  # noqa: S608 - names of ours
        if table == "review_audit_seals":
            taken += " or exists (select 1 from review_audit_seals where entry_id = new.entry_id)"
        op.execute(f"create trigger {table}_no_replace before insert on {table} when {taken} begin {abort}; end")


def downgrade() -> None:
    op.drop_table("review_audit_chain")
    for table in APPEND_ONLY:
        op.drop_table(table)
