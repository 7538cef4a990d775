"""Tables of agencies that acknowledge what comes in, and of receipts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from services.runtime.database import JSON, Moment


class AcknowledgingRow(SQLModel, table=True):
    """What a named person has decided for an agency."""

    __tablename__ = "review_acknowledging"

    agency: str = Field(primary_key=True)
    name: str
    active: bool
    texts: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    decided_by: str
    decided_at: datetime = Field(sa_type=Moment)


class AcknowledgementRow(SQLModel, table=True):
    """One receipt. `event` is there until it is known what became of it; `mailbox` stands for whom it went to, for counting."""

    __tablename__ = "review_acknowledgements"
    __table_args__ = (Index("ix_review_acknowledgements_mailbox_decided_at", "mailbox", "decided_at"),)

    acknowledgement_id: UUID = Field(primary_key=True)
    request_id: UUID = Field(index=True)
    mailbox: bytes
    decided_by: str
    decided_at: datetime = Field(sa_type=Moment)
    event: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    outcome: str | None = None
    detail: str = ""
    told_at: datetime | None = Field(default=None, sa_type=Moment)
    nudges: int = 0
    nudge_at: datetime | None = Field(default=None, sa_type=Moment, index=True)
