"""Messages that came before there were groups are grouped as well, a little at a time while review runs."""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("insert into review_upkeep (name, position, done) values ('groups', null, false)")


def downgrade() -> None:
    op.execute("delete from review_upkeep where name = 'groups'")
