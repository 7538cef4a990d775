"""Database table of replies that their citizens are asked about."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from services.runtime.database import Moment


class AskedReplyRow(SQLModel, table=True):
    """One reply with a link, and what was answered. Of the link's token a hash: who reads the table can answer for nobody."""

    __tablename__ = "intake_asked_replies"

    token_hash: str = Field(primary_key=True)
    agency: str
    request_id: UUID = Field(index=True)
    decision_id: UUID
    asked_at: datetime = Field(sa_type=Moment)
    solved: bool | None = None
    rated_at: datetime | None = Field(default=None, sa_type=Moment)
