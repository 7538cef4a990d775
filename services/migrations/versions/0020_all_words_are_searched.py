"""All words of a case are searched, by an index of words; existing cases are indexed while the service runs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None

Counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SQLITE_INDEX = (
    "create virtual table review_search_words using fts5(words, content='review_search', content_rowid='number',"
    " tokenize='ascii', columnsize=0)",
    "create trigger review_search_added after insert on review_search"
    " begin insert into review_search_words(rowid, words) values (new.number, new.words); end",
    "create trigger review_search_removed after delete on review_search"
    " begin insert into review_search_words(review_search_words, rowid, words) values ('delete', old.number, old.words); end",
    "create trigger review_search_changed after update of words on review_search"
    " begin insert into review_search_words(review_search_words, rowid, words) values ('delete', old.number, old.words);"
    " insert into review_search_words(rowid, words) values (new.number, new.words); end",
)


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.create_table(
        "review_search",
        sa.Column("number", Counter, nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("words", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("request_id"),
    )
    upkeep = op.create_table(
        "review_upkeep",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    cases = op.get_bind().execute(sa.text("select count(*) from review_cases")).scalar_one()
    # Nothing to do where there is nothing yet; else the newest first, with numbers below those of cases that come from now on.
    op.bulk_insert(upkeep, [{"name": "search", "position": None, "done": cases == 0}])
    if dialect == "postgresql":
        op.create_index("ix_review_search_words", "review_search", ["words"], postgresql_using="gin")
        if cases:
            op.execute(sa.text("select setval(pg_get_serial_sequence('review_search', 'number'), :n)").bindparams(n=cases))
    else:
        for statement in SQLITE_INDEX:
            op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("drop table review_search_words")
    op.drop_table("review_search")
    op.drop_table("review_upkeep")
