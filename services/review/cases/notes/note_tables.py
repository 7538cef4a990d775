"""Tables of internal notes, and of who has been mentioned and has not put that aside."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from services.runtime.database import JSON, Moment


class NoteRow(SQLModel, table=True):
    """One note. It stands in no event and leaves review never."""

    __tablename__ = "review_notes"

    note_id: UUID = Field(primary_key=True)
    request_id: UUID = Field(index=True)
    author: str
    text: str
    mentioned: list[str] = Field(default_factory=list, sa_type=JSON)
    written_at: datetime = Field(sa_type=Moment)


class MentionRow(SQLModel, table=True):
    """Somebody is to look at a case."""

    __tablename__ = "review_mentions"

    email: str = Field(primary_key=True)
    request_id: UUID = Field(primary_key=True)
    mentioned_at: datetime = Field(sa_type=Moment)
