"""What became of a record is told to its agency: where a refused one stands, and which state of a request was published last."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0047"
down_revision = "0044"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
REFUSALS = "intake_refusals"
INDEX = "ix_intake_refusals_agency"


def upgrade() -> None:
    op.add_column("intake_status", sa.Column("published_state", sa.String(), nullable=True))
    with op.batch_alter_table(REFUSALS) as table:
        table.alter_column("request_id", existing_type=sa.Uuid(), nullable=True)
        table.add_column(sa.Column("topic", sa.String(), nullable=True))
        table.add_column(sa.Column("partition", sa.Integer(), nullable=True))
        table.add_column(sa.Column("offset", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("key", sa.String(), nullable=True))
        table.add_column(sa.Column("errors", JSON, nullable=False, server_default="[]"))
    op.create_index(INDEX, REFUSALS, ["agency", "refused_at", "letter_id"])


def downgrade() -> None:
    op.drop_index(INDEX, REFUSALS)
    op.execute("delete from intake_refusals where request_id is null")
    with op.batch_alter_table(REFUSALS) as table:
        for column in ("errors", "key", "offset", "partition", "topic"):
            table.drop_column(column)
        table.alter_column("request_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_column("intake_status", "published_state")
