"""The words of receipts as they were seen when they were switched on; whose receipt it is; whom it went to for a day only."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0053"
down_revision = "0051"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
SWITCHES = "review_acknowledging"
RECEIPTS = "review_acknowledgements"
BY_MAILBOX, COUNTED = "ix_review_acknowledgements_mailbox_decided_at", "ix_review_acknowledgements_counted"
BY_AGENCY = "ix_review_acknowledgements_agency_told_at"
WHERE = sa.text("mailbox is not null")


def upgrade() -> None:
    op.add_column(SWITCHES, sa.Column("seen", JSON, nullable=False, server_default="{}"))
    op.drop_index(BY_MAILBOX, RECEIPTS)
    with op.batch_alter_table(RECEIPTS) as table:
        table.add_column(sa.Column("agency", sa.String(), nullable=False, server_default=""))
        table.alter_column("mailbox", existing_type=sa.LargeBinary(), nullable=True)
    op.create_index(COUNTED, RECEIPTS, ["mailbox", "decided_at"], sqlite_where=WHERE, postgresql_where=WHERE)
    op.create_index(BY_AGENCY, RECEIPTS, ["agency", "told_at"])


def downgrade() -> None:
    op.drop_index(BY_AGENCY, RECEIPTS)
    op.drop_index(COUNTED, RECEIPTS)
    op.execute(sa.text("update review_acknowledgements set mailbox = '' where mailbox is null"))
    with op.batch_alter_table(RECEIPTS) as table:
        table.alter_column("mailbox", existing_type=sa.LargeBinary(), nullable=False)
        table.drop_column("agency")
    op.create_index(BY_MAILBOX, RECEIPTS, ["mailbox", "decided_at"])
    op.drop_column(SWITCHES, "seen")
