"""The cases of one person are read in the order of the list, as those of everybody are."""

from alembic import op

revision = "0020c"
down_revision = "0022"
branch_labels = None
depends_on = None

NAME = "ix_review_list_of_person"
DUE = {
    "postgresql": "(coalesce(due_at, timestamptz '9999-01-01 00:00:00+00'))",
    "sqlite": "coalesce(due_at, '9999-01-01 00:00:00.000000')",
}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    columns = f"assignee, agency, state, (-pressing), urgency_rank, {DUE[dialect]}, received_at, request_id"
    definition = f"{NAME} on review_cases ({columns}) where whole and assignee is not null"
    if dialect == "postgresql":
        with op.get_context().autocommit_block():
            op.execute(f"drop index concurrently if exists {NAME}")  # one that an upgrade left unfinished
            op.execute(f"create index concurrently {definition}")
        # What is new waits in a list that each search reads to its end: it is kept short.
        op.execute("alter index ix_review_search_words set (gin_pending_list_limit = 512)")
    else:
        op.execute(f"create index {definition}")
    op.drop_index("ix_review_cases_assignee_state", "review_cases")


def downgrade() -> None:
    op.create_index("ix_review_cases_assignee_state", "review_cases", ["assignee", "state"])
    op.drop_index(NAME, "review_cases")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("alter index ix_review_search_words reset (gin_pending_list_limit)")
