"""Figures of days, what has changed since they were added up, and of each decision what kind it is."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

Counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXTS = ("measure", "span", "agency", "department", "category", "language", "urgency", "aspect")


def upgrade() -> None:
    op.create_table(
        "review_daily_figures",
        sa.Column("id", Counter, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in TEXTS),
        sa.Column("everybodys", sa.Boolean(), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("total", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_review_daily_figures_measure_day", "review_daily_figures", ["measure", "span", "day"])
    op.create_table(
        "review_figure_changes",
        sa.Column("id", Counter, nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    there = sa.text("day is not null")
    op.create_index("ix_review_figure_changes_day", "review_figure_changes", ["day"], sqlite_where=there, postgresql_where=there)
    op.add_column("review_decisions", sa.Column("kind", sa.String(), nullable=True))
    op.execute("insert into review_upkeep (name, position, done) values ('daily figures', null, false)")


def downgrade() -> None:
    op.execute("delete from review_upkeep where name = 'daily figures'")
    op.drop_column("review_decisions", "kind")
    op.drop_index("ix_review_figure_changes_day", table_name="review_figure_changes")
    op.drop_table("review_figure_changes")
    op.drop_index("ix_review_daily_figures_measure_day", table_name="review_daily_figures")
    op.drop_table("review_daily_figures")
