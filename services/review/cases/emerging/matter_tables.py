"""Tables of matters that emerge, and of what each message of the last weeks is compared by."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from services.runtime.database import JSON, Moment

_OPEN = text("over_at is null")
_OF_MATTER = text("matter_id is not null")


class MatterRow(SQLModel, table=True):
    """A matter that people began to write about, of one agency."""

    __tablename__ = "review_matters"
    # Few are open at a time: those alone are read with each message and each queue.
    __table_args__ = (Index("ix_review_matters_open", "agency", "opened_at", sqlite_where=_OPEN, postgresql_where=_OPEN),)

    matter_id: UUID = Field(primary_key=True)
    agency: str
    group_id: UUID
    since: datetime = Field(sa_type=Moment)
    opened_at: datetime = Field(sa_type=Moment)
    over_at: datetime | None = Field(default=None, sa_type=Moment)
    level: int = 0
    usual: float = Field(sa_type=sa.Double)
    category: str | None = None
    name: dict[str, Any] = Field(sa_type=JSON)
    """Its words and streets, of redacted texts, and the numbers of the terms behind them."""
    signature: dict[str, Any] = Field(sa_type=JSON)
    """Numbers of terms, and what each weighs."""
    dismissed_by: str = ""
    dismissed_at: datetime | None = Field(default=None, sa_type=Moment)


class MatterMessageRow(SQLModel, table=True):
    """What a message of the last weeks is about, as numbers that hold none of its words; of an agency with many, a sample."""

    __tablename__ = "review_matter_messages"
    __table_args__ = (
        Index("ix_review_matter_messages_received_at", "agency", "received_at"),
        # The letters with the lowest draws are a sample of all, however many there are.
        Index("ix_review_matter_messages_draw", "agency", "draw"),
        Index("ix_review_matter_messages_matter", "matter_id", "received_at", sqlite_where=_OF_MATTER, postgresql_where=_OF_MATTER),
    )

    request_id: UUID = Field(primary_key=True)
    agency: str
    received_at: datetime = Field(sa_type=Moment)
    draw: int = Field(sa_type=sa.BigInteger)
    sender: str = ""
    """Stands for whoever wrote, at this agency and for this alone; empty where nothing is known of them."""
    terms: bytes
    vector: bytes = b""
    """What it means, where an encoder is set, behind a mark of the encoder; empty without one."""
    matter_id: UUID | None = None
