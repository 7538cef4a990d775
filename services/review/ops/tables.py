"""Table of dead letters, which outlives the topic's retention."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from services.runtime.database import JSON, Moment


class DeadLetterRow(SQLModel, table=True):
    """One record that failed, in whichever services it failed."""

    __tablename__ = "review_dead_letters"

    letter_id: UUID = Field(primary_key=True)
    topic: str = Field(index=True)
    agency: str | None = Field(default=None, index=True)
    request_id: UUID | None = None
    services: list[str] = Field(default_factory=list, sa_type=JSON)
    error_type: str
    error_message: str
    state: str = Field(default="waiting", index=True)
    first_failed_at: datetime = Field(sa_type=Moment)
    last_failed_at: datetime = Field(sa_type=Moment)
    settled_at: datetime | None = Field(default=None, sa_type=Moment)
    settled_by: str | None = None
    replays: int = 0
    event: dict[str, Any] = Field(sa_type=JSON)
