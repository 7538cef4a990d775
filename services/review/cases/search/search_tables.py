"""The table of searched words, with PostgreSQL's GIN index or SQLite's FTS5 table beside it."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field, SQLModel

from services.runtime.database import Counter

INDEX = "review_search_words"
"""SQLite's FTS5 table. It holds no text of its own: triggers bring it what the table beside it gets and loses."""

# What is new waits in a list that each search reads to its end: it is kept short.
POSTGRES_INDEX = "create index ix_review_search_words on review_search using gin (words) with (gin_pending_list_limit = 512)"
SQLITE_INDEX = (
    (
        "create virtual table review_search_words using fts5(words, content='review_search', content_rowid='number',"
        " tokenize='ascii', columnsize=0)"
    ),
    (
        "create trigger review_search_added after insert on review_search"
        " begin insert into review_search_words(rowid, words) values (new.number, new.words); end"
    ),
    (
        "create trigger review_search_removed after delete on review_search"
        " begin insert into review_search_words(review_search_words, rowid, words) values ('delete', old.number, old.words); end"
    ),
    (
        "create trigger review_search_changed after update of words on review_search"
        " begin insert into review_search_words(review_search_words, rowid, words) values ('delete', old.number, old.words);"
        " insert into review_search_words(rowid, words) values (new.number, new.words); end"
    ),
)


class SearchRow(SQLModel, table=True):
    """The words of a case. The newest case has the highest number; `basis` says what they were made of."""

    __tablename__ = "review_search"

    number: int | None = Field(default=None, sa_column=sa.Column(Counter, primary_key=True))
    request_id: UUID = Field(unique=True)
    basis: str
    words: Any = Field(sa_column=sa.Column(sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False))


def _ddl(statement: str, dialect: str) -> sa.DDL:
    return sa.DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]  # sqlalchemy's


TABLE: Any = SearchRow.__table__  # type: ignore[attr-defined]  # sqlmodel's
sa.event.listen(TABLE, "after_create", _ddl(POSTGRES_INDEX, "postgresql"))
for _statement in SQLITE_INDEX:
    sa.event.listen(TABLE, "after_create", _ddl(_statement, "sqlite"))
sa.event.listen(TABLE, "before_drop", _ddl(f"drop table if exists {INDEX}", "sqlite"))
