"""Tables of agencies that acknowledge what comes in, and of receipts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from services.runtime.database import JSON, Moment

COUNTED = "mailbox is not null"


class AcknowledgingRow(SQLModel, table=True):
    """What a named person has decided for an agency."""

    __tablename__ = "review_acknowledging"

    agency: str = Field(primary_key=True)
    name: str
    active: bool
    texts: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    decided_by: str
    decided_at: datetime = Field(sa_type=Moment)
    seen: dict[str, dict[str, str]] = Field(default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": "{}"})


class AcknowledgementRow(SQLModel, table=True):
    """One receipt. `event` is there until it is known what became of it; `mailbox` stands for whom it went to while that counts."""

    __tablename__ = "review_acknowledgements"
    __table_args__ = (
        Index("ix_review_acknowledgements_counted", "mailbox", "decided_at", sqlite_where=text(COUNTED), postgresql_where=text(COUNTED)),
        Index("ix_review_acknowledgements_agency_told_at", "agency", "told_at"),
    )

    acknowledgement_id: UUID = Field(primary_key=True)
    request_id: UUID = Field(index=True)
    agency: str = Field(default="", sa_column_kwargs={"server_default": ""})
    mailbox: bytes | None
    decided_by: str
    decided_at: datetime = Field(sa_type=Moment)
    event: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    outcome: str | None = None
    detail: str = ""
    told_at: datetime | None = Field(default=None, sa_type=Moment)
    nudges: int = 0
    nudge_at: datetime | None = Field(default=None, sa_type=Moment, index=True)
