"""By what contacts a citizen wrote, so that their other cases are found."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review_citizen_contacts",
        sa.Column("contact", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("contact", "received_at", "request_id"),
        sqlite_with_rowid=False,
    )
    # Cases of before are looked through while review runs, the newest first.
    op.execute("insert into review_upkeep (name, position, done) values ('citizen contacts', null, false)")


def downgrade() -> None:
    op.execute("delete from review_upkeep where name = 'citizen contacts'")
    op.drop_table("review_citizen_contacts")
