"""Which mails messages came by and answer, which replies came back, and which mails a machine wrote."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

INDEX = "ix_review_cases_from_machine"


def upgrade() -> None:
    op.create_table(
        "review_mail_ids",
        sa.Column("mail", sa.LargeBinary(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("mail", "answered", "request_id"),
        sqlite_with_rowid=False,
    )
    op.add_column("review_cases", sa.Column("returned_decision", sa.Uuid(), nullable=True))
    op.add_column("review_cases", sa.Column("from_machine", sa.Boolean(), nullable=False, server_default=sa.false()))
    if op.get_bind().dialect.name == "postgresql":  # the former release goes on working meanwhile
        with op.get_context().autocommit_block():
            op.execute(f"drop index concurrently if exists {INDEX}")  # one that an upgrade left unfinished
            op.execute(f"create index concurrently {INDEX} on review_cases (received_at, request_id) where from_machine")
    else:
        op.execute(f"create index {INDEX} on review_cases (received_at, request_id) where from_machine")


def downgrade() -> None:
    op.drop_index(INDEX, table_name="review_cases")
    op.drop_column("review_cases", "from_machine")
    op.drop_column("review_cases", "returned_decision")
    op.drop_table("review_mail_ids")
