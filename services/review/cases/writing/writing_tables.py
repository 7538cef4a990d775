"""Tables of the words that people are writing, and of who has a case open."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.runtime.database import Moment


class WrittenTextRow(SQLModel, table=True):
    """What one person writes in one field, by the page that they write it on. Without text it was used."""

    __tablename__ = "review_written_texts"

    request_id: UUID = Field(primary_key=True)
    email: str = Field(primary_key=True)
    draft_id: UUID = Field(primary_key=True)
    field: str = Field(primary_key=True)
    page: str = Field(primary_key=True)
    sequence: int = Field(sa_type=sa.BigInteger)
    text: str | None = None
    base_page: str = ""
    base: int = Field(default=0, sa_type=sa.BigInteger)
    saved_at: datetime = Field(sa_type=Moment, index=True)


class PresenceRow(SQLModel, table=True):
    """Somebody has the case open, until a moment that their page moves on as long as it is open. Nothing is kept after it."""

    __tablename__ = "review_presence"

    request_id: UUID = Field(primary_key=True)
    email: str = Field(primary_key=True)
    page: str = Field(primary_key=True)
    reads_until: datetime = Field(sa_type=Moment, index=True)
    writes_until: datetime | None = Field(default=None, sa_type=Moment)
