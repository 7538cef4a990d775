"""Tables of what people changed of drafts, figures and names alone, and of what they say about messages that nothing published answers."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from services.runtime.database import JSON, Moment


class DraftEditRow(SQLModel, table=True):
    """One decision on one draft. Without kinds where the draft itself is not there any more."""

    __tablename__ = "review_draft_edits"

    decision_id: UUID = Field(primary_key=True)
    request_id: UUID = Field(index=True)
    decided_at: datetime = Field(sa_type=Moment, index=True)
    kinds: list[str] = Field(default_factory=list, sa_type=JSON)
    distance: float | None = None
    words: int = 0
    passages: list[str] = Field(default_factory=list, sa_type=JSON)
    letter: str = ""
    drafted_by: str = ""
    model: str = ""
    prompt_version: str = ""


class GapVerdictRow(SQLModel, table=True):
    """A message that no published answer fitted, and what a supervisor said about that."""

    __tablename__ = "review_gap_verdicts"

    request_id: UUID = Field(primary_key=True)
    verdict: str
    decided_by: str
    decided_at: datetime = Field(sa_type=Moment)
