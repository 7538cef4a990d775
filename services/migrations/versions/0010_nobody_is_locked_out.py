"""Wrong passwords lock nobody out: what was counted for it is read by processes of the former release alone, and stays for them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None

COUNTED = "failed_sign_ins"


def upgrade() -> None:
    with op.batch_alter_table("review_people") as table:
        table.alter_column(COUNTED, existing_type=sa.Integer(), existing_nullable=False, server_default="0")


def downgrade() -> None:
    people = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("review_people")}
    if COUNTED not in people:  # some databases have lost them
        op.add_column("review_people", sa.Column(COUNTED, sa.Integer(), nullable=False, server_default="0"))
        op.add_column("review_people", sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True))
