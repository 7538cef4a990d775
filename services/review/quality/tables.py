"""Table of what people changed of drafts: figures and names alone, no words of anybody."""

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
