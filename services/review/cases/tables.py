"""Tables of cases, drafts, decisions and deliveries."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Index, text
from sqlalchemy.ext.compiler import compiles
from sqlmodel import Field, SQLModel

from services.runtime.database import JSON, Counter, Moment

LIST_INDEX = "ix_review_list"
"""Indexes of lists, in the orders that people see, with all that a list is filtered by: a page is read from one of them alone."""

_FILTERS = ("category", "department", "language", "urgency", "everybodys", "assignee", "due_at")
_BY_URGENCY = "agency, state, (-pressing), urgency_rank, {due}, received_at, request_id"
_BY_ARRIVAL = "agency, state, pressing, received_at, request_id"
_IN_DANGER = "agency, state, (-pressing), received_at, request_id"
_DUE = {
    "postgresql": "(coalesce(due_at, timestamptz '9999-01-01 00:00:00+00'))",
    "sqlite": "coalesce(due_at, '9999-01-01 00:00:00.000000')",
}


def _list_index(dialect: str, name: str, keys: str, read: str, where: str = "") -> str:
    """SQLite reads an index alone only where it also holds what its own condition is about."""
    columns = f"({keys}) include ({read})" if dialect == "postgresql" else f"({keys}, {read}, whole)"
    return f"{LIST_INDEX}_{name} on review_cases {columns} where whole{where}"


def _list_indexes(dialect: str) -> Iterator[str]:
    """Two orders serve all four. All cases have them; so have those of a person, a category and a language, which begin an index."""
    orders = {"urgency": (_BY_URGENCY.format(due=_DUE[dialect]), "pressing"), "arrival": (_BY_ARRIVAL, "urgency_rank")}
    for order, (keys, rest) in orders.items():
        yield _list_index(dialect, f"by_{order}", keys, f"{', '.join(_FILTERS)}, {rest}")
        for first, prefix in (("assignee", "of_person"), ("category", "in_category"), ("language", "in_language")):
            read = ", ".join(column for column in _FILTERS if column != first)
            yield _list_index(dialect, f"{prefix}_by_{order}", f"{first}, {keys}", f"{read}, {rest}", f" and {first} is not null")
    yield _list_index(dialect, "in_danger", _IN_DANGER, f"{', '.join(_FILTERS)}, urgency_rank, pressing", " and pressing > 0")


LIST_INDEXES = {dialect: tuple(_list_indexes(dialect)) for dialect in _DUE}

WHOLE: Any = text("review_cases.whole")
"""Written as the indexes have it: SQLite takes a partial index for nothing else."""


class _Written(sa.ColumnElement[Any]):
    """An expression that an index holds, word for word as it was made."""

    inherit_cache = True
    _traverse_internals: Any = []


class _Due(_Written):
    type = Moment()
    inherit_cache = True


class _NotPressing(_Written):
    type = sa.Integer()
    inherit_cache = True


@compiles(_Due, "sqlite")
def _due_on_sqlite(*_: object, **__: object) -> str:
    return "coalesce(review_cases.due_at, '9999-01-01 00:00:00.000000')"


@compiles(_Due)
def _due(*_: object, **__: object) -> str:
    return "coalesce(review_cases.due_at, timestamptz '9999-01-01 00:00:00+00')"


@compiles(_NotPressing)
def _not_pressing(*_: object, **__: object) -> str:
    return "(-review_cases.pressing)"


DUE: Any = _Due()
"""When a case is due, far away where it never is."""
NOT_PRESSING: Any = _NotPressing()

AWAITED: Any = text("review_cases.state not in ('approved', 'sent', 'closed')")
"""The citizen has no answer, and none is on its way: written as the index of what is due has it."""


class CaseRow(SQLModel, table=True):
    """One request. Columns are what a queue sorts and filters by; the parts themselves are the events as they came."""

    __tablename__ = "review_cases"
    # Few cases are ever sorted by hand: those alone are listed for supervisors, and not by reading all others.
    __table_args__ = (
        Index(
            "ix_review_cases_sorted_by_person",
            "received_at",
            "request_id",
            sqlite_where=text("sorted_by_person"),
            postgresql_where=text("sorted_by_person"),
        ),
        Index(
            "ix_review_cases_awaited_due",
            "due_at",
            sqlite_where=text("state not in ('approved', 'sent', 'closed')"),
            postgresql_where=text("state not in ('approved', 'sent', 'closed')"),
        ),
        # Few cases are ever joined: those alone are looked up by the case that is answered for them.
        Index(
            "ix_review_cases_joined_into",
            "joined_into",
            sqlite_where=text("joined_into is not null"),
            postgresql_where=text("joined_into is not null"),
        ),
        Index(
            "ix_review_cases_second_approval",
            "received_at",
            "request_id",
            sqlite_where=text("second_approval"),
            postgresql_where=text("second_approval"),
        ),
        Index(
            "ix_review_cases_from_machine",
            "received_at",
            "request_id",
            sqlite_where=text("from_machine"),
            postgresql_where=text("from_machine"),
        ),
        Index("ix_review_cases_category_language", "category", "language", "state"),
        Index("ix_review_cases_department_state", "department", "state"),
    )

    request_id: UUID = Field(primary_key=True)
    state: str
    version: int
    created_at: datetime = Field(sa_type=Moment, index=True)
    updated_at: datetime = Field(sa_type=Moment)
    agency: str = ""
    title: str = ""
    whole: bool = True
    search: str = ""
    """Empty: only processes of the former release search in it."""
    category: str | None = None
    confidence: float | None = None
    department: str | None = None
    urgency: str = "normal"
    urgency_rank: int = 2
    pressing: int = 0
    """Above nothing while an emergency waits for somebody: 1 and, in thousandths, how sure it is that somebody is in danger."""
    language: str | None = None
    received_at: datetime = Field(sa_type=Moment, index=True)
    due_at: datetime | None = Field(default=None, sa_type=Moment)
    assignee: str | None = None
    corrected_email: str | None = None
    joined_into: UUID | None = None
    sorted_by_person: bool = False
    everybodys: bool = False
    """Open, and nobody has said yet whose matter it is: a limit to departments does not hide it."""
    four_eyes: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    second_approval: bool = False
    """An approval waits for a second person."""
    returned_decision: UUID | None = None
    from_machine: bool = False
    revision: int = 1
    instructions: str | None = None
    request: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    triage: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    draft: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    decision: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    trace: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    nudges: int = 0
    nudge_at: datetime | None = Field(default=None, sa_type=Moment, index=True)
    erased_at: datetime | None = Field(default=None, sa_type=Moment)
    """When its citizen's identity and words were erased: what comes late of it is not taken in."""


class DraftRow(SQLModel, table=True):
    """A draft as drafting proposed it."""

    __tablename__ = "review_drafts"

    draft_id: UUID = Field(primary_key=True)
    request_id: UUID = Field(index=True)
    revision: int
    proposed_at: datetime = Field(sa_type=Moment, index=True)
    event: dict[str, Any] = Field(sa_type=JSON)


class DecisionRow(SQLModel, table=True):
    """What a person decided, word for word."""

    __tablename__ = "review_decisions"

    decision_id: UUID = Field(primary_key=True)
    request_id: UUID = Field(index=True)
    decided_at: datetime = Field(sa_type=Moment, index=True)
    recalled_at: datetime | None = Field(default=None, sa_type=Moment)
    kind: str | None = None
    """The decision itself, so that nobody reads letters to count. None of the former release's, until their day is counted."""
    event: dict[str, Any] = Field(sa_type=JSON)


class DeliveryRow(SQLModel, table=True):
    """What dispatch said became of a decision."""

    __tablename__ = "review_deliveries"

    decision_id: UUID = Field(primary_key=True)
    outcome: str = Field(primary_key=True)
    request_id: UUID = Field(index=True)
    told_at: datetime = Field(sa_type=Moment)
    event: dict[str, Any] = Field(sa_type=JSON)


class EditRow(SQLModel, table=True):
    """Text that somebody was writing, as processes of the former release keep it: read, and not written any more."""

    __tablename__ = "review_edits"

    request_id: UUID = Field(primary_key=True)
    email: str = Field(primary_key=True)
    draft_id: UUID
    subject: str
    body: str
    saved_at: datetime = Field(sa_type=Moment)


class CountRow(SQLModel, table=True):
    """So many cases more, or less, that are alike in all of this. Rows are only added, and folded into one now and then: nobody waits.

    The number of cases is the sum of the rows. Where `finest`, category and language are told; else they are empty.
    """

    __tablename__ = "review_counts"
    __table_args__ = (
        Index("ix_review_counts_category_language", "finest", "category", "language"),
        Index("ix_review_counts_language", "finest", "language"),
    )

    id: int | None = Field(default=None, sa_column=sa.Column(Counter, primary_key=True))
    finest: bool
    agency: str
    department: str
    state: str
    urgency: str
    everybodys: bool
    category: str
    language: str
    cases: int


_CASES: Any = CaseRow.__table__  # type: ignore[attr-defined]  # sqlmodel's
for _dialect, _indexes in LIST_INDEXES.items():
    for _index in _indexes:
        _ddl = sa.DDL(f"create index {_index}").execute_if(dialect=_dialect)  # type: ignore[no-untyped-call]  # sqlalchemy's
        sa.event.listen(_CASES, "after_create", _ddl)
