"""Lists are read from indexes in their own orders, and cases are counted where they change.

On PostgreSQL indexes are made while other sessions go on writing; each takes some seconds for a million cases.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020b"
down_revision = "0019"
branch_labels = None
depends_on = None

Counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

KEPT = "category, department, language, urgency, everybodys, assignee, due_at"
BY_ARRIVAL = "agency, state, pressing, received_at, request_id"
IN_DANGER = "agency, state, (-pressing), received_at, request_id"
DUE_ON_POSTGRES = "(coalesce(due_at, timestamptz '9999-01-01 00:00:00+00'))"
DUE_ON_SQLITE = "coalesce(due_at, '9999-01-01 00:00:00.000000')"
BY_URGENCY = "agency, state, (-pressing), urgency_rank, {due}, received_at, request_id"
INDEXES = {
    "postgresql": {
        "ix_review_list_by_urgency": f"({BY_URGENCY.format(due=DUE_ON_POSTGRES)}) include ({KEPT}, pressing) where whole",
        "ix_review_list_by_arrival": f"({BY_ARRIVAL}) include ({KEPT}, urgency_rank) where whole",
        "ix_review_list_in_danger": f"({IN_DANGER}) where whole and pressing > 0",
    },
    "sqlite": {
        "ix_review_list_by_urgency": f"({BY_URGENCY.format(due=DUE_ON_SQLITE)}, {KEPT}, pressing) where whole",
        "ix_review_list_by_arrival": f"({BY_ARRIVAL}, {KEPT}, urgency_rank) where whole",
        "ix_review_list_in_danger": f"({IN_DANGER}) where whole and pressing > 0",
    },
}
PLAIN = {f"ix_review_cases_{column}_state": f"({column}, state)" for column in ("category", "department", "language", "assignee")}
FORMER = ("state", "agency", "category", "department", "language", "due_at", "assignee", "pressing")

FIRST_COUNT = """
insert into review_counts (finest, agency, department, state, urgency, everybodys, category, language, cases)
select {finest}, agency, coalesce(department, ''), state, urgency, everybodys, {category}, {language}, count(*)
from review_cases where whole group by 1, 2, 3, 4, 5, 6, 7, 8
"""


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.create_table(
        "review_counts",
        sa.Column("id", Counter, nullable=False),
        sa.Column("finest", sa.Boolean(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("everybodys", sa.Boolean(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_review_counts_category", "review_counts", ["finest", "category"])
    op.create_index("ix_review_counts_language", "review_counts", ["finest", "language"])
    op.execute(FIRST_COUNT.format(finest="false", category="''", language="''"))
    op.execute(FIRST_COUNT.format(finest="true", category="coalesce(category, '')", language="coalesce(language, '')"))
    op.execute("insert into review_upkeep (name, position, done) values ('counts', null, false)")
    indexes = {**INDEXES[dialect], **PLAIN}
    if dialect == "postgresql":
        with op.get_context().autocommit_block():
            for name, definition in indexes.items():
                op.execute(f"drop index concurrently if exists {name}")  # one that an upgrade left unfinished
                op.execute(f"create index concurrently {name} on review_cases {definition}")
    else:
        for name, definition in indexes.items():
            op.execute(f"create index {name} on review_cases {definition}")
    for column in FORMER:
        op.drop_index(f"ix_review_cases_{column}", "review_cases")


def downgrade() -> None:
    for column in FORMER:
        op.create_index(f"ix_review_cases_{column}", "review_cases", [column])
    for name in (*INDEXES["sqlite"], *PLAIN):
        op.drop_index(name, "review_cases")
    op.execute("delete from review_upkeep where name = 'counts'")
    op.drop_table("review_counts")
