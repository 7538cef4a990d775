"""Tables of cases, drafts, decisions and deliveries."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from services.runtime.database import JSON, Moment

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
    )

    request_id: UUID = Field(primary_key=True)
    state: str = Field(index=True)
    version: int
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)
    agency: str = Field(default="", index=True)
    title: str = ""
    whole: bool = True
    search: str = ""
    """Empty: only processes of the former release search in it."""
    category: str | None = Field(default=None, index=True)
    confidence: float | None = None
    department: str | None = Field(default=None, index=True)
    urgency: str = "normal"
    urgency_rank: int = 2
    pressing: int = Field(default=0, index=True)
    """Above nothing while an emergency waits for somebody: 1 and, in thousandths, how sure it is that somebody is in danger."""
    language: str | None = Field(default=None, index=True)
    received_at: datetime = Field(sa_type=Moment, index=True)
    due_at: datetime | None = Field(default=None, sa_type=Moment, index=True)
    assignee: str | None = Field(default=None, index=True)
    corrected_email: str | None = None
    sorted_by_person: bool = False
    everybodys: bool = False
    """Open, and nobody has said yet whose matter it is: a limit to departments does not hide it."""
    revision: int = 1
    instructions: str | None = None
    request: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    triage: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    draft: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    decision: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    trace: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    nudges: int = 0
    nudge_at: datetime | None = Field(default=None, sa_type=Moment, index=True)


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
