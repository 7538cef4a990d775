"""Second factors, sign-ins that wait for one, and sessions that must set one up first."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "review_second_factors",
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("sealed_secret", sa.String(), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("recovery", JSON, nullable=False),
        sa.ForeignKeyConstraint(["email"], ["review_people.email"]),
        sa.PrimaryKeyConstraint("email"),
    )
    op.create_table(
        "review_half_sign_ins",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("known_browser", sa.Boolean(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["email"], ["review_people.email"]),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index("ix_review_half_sign_ins_email", "review_half_sign_ins", ["email"])
    op.create_index("ix_review_half_sign_ins_expires_at", "review_half_sign_ins", ["expires_at"])
    # With a default of the database: the former release's processes write sessions without it.
    op.add_column("review_sessions", sa.Column("factor_due", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("review_sessions", "factor_due")
    op.drop_table("review_half_sign_ins")
    op.drop_table("review_second_factors")
