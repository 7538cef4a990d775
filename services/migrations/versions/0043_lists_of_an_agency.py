"""An agency lists its requests by when they came and by when they changed. On PostgreSQL the indexes are made while others write."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0041"
branch_labels = None
depends_on = None

TABLE = "intake_status"
INDEXES = {"ix_intake_status_accepted": ["agency", "accepted_at", "request_id"], "ix_intake_status_updated": ["agency", "updated_at"]}
FORMER = "ix_intake_status_agency"


def upgrade() -> None:
    # Not required: processes of the former release write rows without it.
    op.add_column(TABLE, sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(TABLE, sa.Column("chosen_category", sa.String(), nullable=True))
    op.add_column(TABLE, sa.Column("urgency", sa.String(), nullable=True))
    op.execute(
        "update intake_status set accepted_at = coalesce((select j.accepted_at from intake_journal j"
        " where j.request_id = intake_status.request_id and j.agency = intake_status.agency), updated_at)"
    )
    if op.get_bind().dialect.name == "postgresql":
        with op.get_context().autocommit_block():
            for name, columns in INDEXES.items():
                op.execute(f"drop index concurrently if exists {name}")  # one that an upgrade left unfinished
                op.create_index(name, TABLE, columns, postgresql_concurrently=True)
    else:
        for name, columns in INDEXES.items():
            op.create_index(name, TABLE, columns)
    op.drop_index(FORMER, TABLE)


def downgrade() -> None:
    op.create_index(FORMER, TABLE, ["agency"])
    for name in INDEXES:
        op.drop_index(name, TABLE)
    for column in ("urgency", "chosen_category", "accepted_at"):
        op.drop_column(TABLE, column)
