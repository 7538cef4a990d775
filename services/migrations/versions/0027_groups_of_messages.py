"""Groups of messages about one matter, the places that they are about, and the common texts that people write."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "review_groups",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("newest_at", MOMENT, nullable=False),
        sa.Column("rising_since", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("group_id"),
    )
    rises = sa.text("rising_since is not null")
    op.create_index("ix_review_groups_rising", "review_groups", ["rising_since"], sqlite_where=rises, postgresql_where=rises)
    op.create_index("ix_review_groups_newest", "review_groups", ["newest_at"])
    op.create_table(
        "review_group_members",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("alike", sa.Uuid(), nullable=True),
        sa.Column("degree", sa.Double(), nullable=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("request_id"),
    )
    op.create_index("ix_review_group_members_group", "review_group_members", ["group_id", "received_at", "request_id"])
    op.create_table(
        "review_group_left",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("request_id", "group_id"),
    )
    op.create_table(
        "review_group_places",
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("agency", "category", "key", "received_at", "request_id"),
    )
    op.create_index("ix_review_group_places_received_at", "review_group_places", ["received_at"])
    op.create_table(
        "review_ungrouped",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("request_id"),
    )
    op.create_index("ix_review_ungrouped_since", "review_ungrouped", ["since"])
    op.create_table(
        "review_group_texts",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("begun_from", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("group_id", "email"),
    )


def downgrade() -> None:
    for table in (
        "review_group_texts",
        "review_ungrouped",
        "review_group_places",
        "review_group_left",
        "review_group_members",
        "review_groups",
    ):
        op.drop_table(table)
