"""Request ids belong to their agency; who may publish, as review knows it; the key that services sign with; turns in the outbox."""

import secrets
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0009"
branch_labels = None
depends_on = None

OWNED = ("intake_status", "intake_journal")


def upgrade() -> None:
    for table in OWNED:
        _key(table, ["request_id", "agency"])
    op.create_table(
        "intake_refusals",
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("letter_id"),
    )
    op.create_index("ix_intake_refusals_request_id", "intake_refusals", ["request_id"], unique=False)
    op.create_table(
        "review_agencies",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("signs", sa.Boolean(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("slug"),
    )
    op.create_table(
        "review_agency_keys",
        sa.Column("signing_key", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("signing_key"),
    )
    op.create_index("ix_review_agency_keys_agency", "review_agency_keys", ["agency"], unique=False)
    op.execute(
        "insert into review_agencies (slug, signs, revoked_at) select a.slug, false, case when exists (select 1 from intake_api_keys k"
        " where k.agency = a.slug and k.revoked_at is null) then null else (select max(k.revoked_at) from intake_api_keys k"
        " where k.agency = a.slug) end from intake_agencies a"
    )
    keys = op.create_table(
        "signing_keys",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.bulk_insert(keys, [{"name": "services", "key": secrets.token_hex(32), "created_at": datetime.now(UTC)}])
    op.add_column("outbox", sa.Column("lane", sa.String(), nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("turn", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index("ix_outbox_turns", "outbox", ["service", "turn", "id"], unique=False)
    op.create_index("ix_outbox_lanes", "outbox", ["service", "lane", "turn"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_outbox_lanes", "outbox")
    op.drop_index("ix_outbox_turns", "outbox")
    op.drop_column("outbox", "turn")
    op.drop_column("outbox", "lane")
    for table in ("signing_keys", "review_agency_keys", "review_agencies", "intake_refusals"):
        op.drop_table(table)
    for table in OWNED:
        _key(table, ["request_id"])


def _key(table: str, columns: list[str]) -> None:
    """Another primary key: SQLite makes the table anew, PostgreSQL changes it."""
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        op.drop_constraint(f"{table}_pkey", table, type_="primary")
        op.create_primary_key(f"{table}_pkey", table, columns)
        return
    old = sa.Table(table, sa.MetaData(), autoload_with=bind)
    indexes = [(str(index.name), [column.name for column in index.columns]) for index in old.indexes]
    copies = [sa.Column(c.name, c.type, nullable=c.nullable, primary_key=c.name in columns) for c in old.columns]
    op.rename_table(table, f"{table}_old")
    for name, _ in indexes:
        op.drop_index(name, f"{table}_old")
    op.create_table(table, *copies)
    op.execute(f"insert into {table} select * from {table}_old")  # noqa: S608 - names of our own
    op.drop_table(f"{table}_old")
    for name, of in sorted(indexes):
        op.create_index(name, table, of, unique=False)
