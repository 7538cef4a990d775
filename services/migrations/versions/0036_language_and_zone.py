"""In which language and zone a person reads."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("review_people", sa.Column("language", sa.String(), nullable=False, server_default=""))
    op.add_column("review_people", sa.Column("time_zone", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("review_people") as people:
        people.drop_column("time_zone")
        people.drop_column("language")
