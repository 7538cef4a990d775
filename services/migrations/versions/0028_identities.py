"""Who people are at a provider of single sign-on, which ways to it were used, and how a session began."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "review_identities",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("linked_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["email"], ["review_people.email"]),
        sa.PrimaryKeyConstraint("issuer", "subject"),
    )
    op.create_index("ix_review_identities_email", "review_identities", ["email"])
    op.create_table(
        "review_used_flows",
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("mark"),
    )
    op.create_index("ix_review_used_flows_used_at", "review_used_flows", ["used_at"])
    # Without a value in what the former release's processes write: they know passwords alone.
    op.add_column("review_sessions", sa.Column("by", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("review_sessions", "by")
    op.drop_table("review_used_flows")
    op.drop_table("review_identities")
