"""When a session began and was last used, a password that must be changed, and tokens with a name, a scope and an end."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022b"
down_revision = "0023"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)

SESSIONS: tuple[tuple[str, sa.types.TypeEngine[Any]], ...] = (
    ("ends_at", MOMENT), ("began_at", MOMENT), ("seen_at", MOMENT), ("address", sa.String()), ("browser", sa.String()),
)  # fmt: skip
TOKENS: tuple[tuple[str, sa.types.TypeEngine[Any]], ...] = (
    ("label", sa.String()), ("scopes", JSON), ("expires_at", MOMENT), ("used_at", MOMENT),
)  # fmt: skip


def upgrade() -> None:
    # Without a value in what the former release's processes write: such a session lasts as it did, such a token has no limits.
    for name, kind in SESSIONS:
        op.add_column("review_sessions", sa.Column(name, kind, nullable=True))
    for name, kind in TOKENS:
        op.add_column("review_tokens", sa.Column(name, kind, nullable=True))
    op.add_column("review_people", sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("review_people", "must_change_password")
    for name, _ in reversed(TOKENS):
        op.drop_column("review_tokens", name)
    for name, _ in reversed(SESSIONS):
        op.drop_column("review_sessions", name)
