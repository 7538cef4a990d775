"""The cases of one category, language or person are read in every order of the lists, from indexes that begin with it.

On PostgreSQL indexes are made while other sessions go on writing; each takes some seconds for a million cases.
"""

from collections.abc import Iterator

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

FILTERS = ("category", "department", "language", "urgency", "everybodys", "assignee", "due_at")
DUE = {
    "postgresql": "(coalesce(due_at, timestamptz '9999-01-01 00:00:00+00'))",
    "sqlite": "coalesce(due_at, '9999-01-01 00:00:00.000000')",
}
BY_URGENCY = "agency, state, (-pressing), urgency_rank, {due}, received_at, request_id"
BY_ARRIVAL = "agency, state, pressing, received_at, request_id"
IN_DANGER = "agency, state, (-pressing), received_at, request_id"
FORMER = ("ix_review_list_of_person", "ix_review_cases_category_state", "ix_review_cases_language_state", "ix_review_counts_category")
FOR_FEW = {
    "ix_review_cases_category_language": "review_cases (category, language, state)",
    "ix_review_counts_category_language": "review_counts (finest, category, language)",
}


def of_lists(dialect: str) -> Iterator[tuple[str, str]]:
    """On SQLite those of before are made again: with `whole` in it an index is read alone, without the rows."""

    def index(name: str, keys: str, read: str, where: str = "") -> tuple[str, str]:
        columns = f"({keys}) include ({read})" if dialect == "postgresql" else f"({keys}, {read}, whole)"
        return f"ix_review_list_{name}", f"review_cases {columns} where whole{where}"

    orders = {"urgency": (BY_URGENCY.format(due=DUE[dialect]), "pressing"), "arrival": (BY_ARRIVAL, "urgency_rank")}
    for order, (keys, rest) in orders.items():
        if dialect == "sqlite":
            yield index(f"by_{order}", keys, f"{', '.join(FILTERS)}, {rest}")
        for first, prefix in (("assignee", "of_person"), ("category", "in_category"), ("language", "in_language")):
            read = ", ".join(column for column in FILTERS if column != first)
            yield index(f"{prefix}_by_{order}", f"{first}, {keys}", f"{read}, {rest}", f" and {first} is not null")
    yield index("in_danger", IN_DANGER, f"{', '.join(FILTERS)}, urgency_rank, pressing", " and pressing > 0")


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    indexes = {**dict(of_lists(dialect)), **FOR_FEW}
    if dialect == "postgresql":
        with op.get_context().autocommit_block():
            for name, definition in indexes.items():
                op.execute(f"drop index concurrently if exists {name}")  # one that an upgrade left unfinished, or of before
                op.execute(f"create index concurrently {name} on {definition}")
    else:
        for name, definition in indexes.items():
            op.execute(f"drop index if exists {name}")
            op.execute(f"create index {name} on {definition}")
    for name in FORMER:
        op.execute(f"drop index if exists {name}")


def downgrade() -> None:
    """The indexes of before that hold more now stay as they are."""
    dialect = op.get_bind().dialect.name
    keys = f"assignee, {BY_URGENCY.format(due=DUE[dialect])}"
    op.execute(f"create index ix_review_list_of_person on review_cases ({keys}) where whole and assignee is not null")
    op.create_index("ix_review_cases_category_state", "review_cases", ["category", "state"])
    op.create_index("ix_review_cases_language_state", "review_cases", ["language", "state"])
    op.create_index("ix_review_counts_category", "review_counts", ["finest", "category"])
    for name in (*dict(of_lists(dialect)), *FOR_FEW):
        if "_of_person_" in name or "_in_category_" in name or "_in_language_" in name or name in FOR_FEW:
            op.execute(f"drop index {name}")
