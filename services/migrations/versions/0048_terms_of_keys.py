"""Keys of agencies get a label, scopes, an end, and the day of their last use. Those that are there are good for everything, for ever."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("intake_api_keys", sa.Column("label", sa.String(), nullable=False, server_default=""))
    op.add_column("intake_api_keys", sa.Column("scopes", JSON, nullable=False, server_default="[]"))
    op.add_column("intake_api_keys", sa.Column("expires_at", MOMENT, nullable=True))
    op.add_column("intake_api_keys", sa.Column("used_on", sa.Date(), nullable=True))
    op.add_column("review_agency_keys", sa.Column("expires_at", MOMENT, nullable=True))


def downgrade() -> None:
    op.drop_column("review_agency_keys", "expires_at")
    for name in ("used_on", "expires_at", "scopes", "label"):
        op.drop_column("intake_api_keys", name)
