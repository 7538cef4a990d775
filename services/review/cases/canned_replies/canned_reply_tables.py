"""Table of canned replies."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from services.runtime.database import Moment


class CannedReplyRow(SQLModel, table=True):
    """One text that somebody keeps for many replies. It holds no citizen's details: placeholders stand for them."""

    __tablename__ = "review_canned_replies"

    reply_id: UUID = Field(primary_key=True)
    person: str = Field(default="", index=True)
    """Whose own it is; empty: everybody's who works for the agency and department, of which an empty one is every one."""
    agency: str = ""
    department: str = ""
    title: str
    language: str
    text: str
    version: int = 1
    changed_by: str
    changed_at: datetime = Field(sa_type=Moment)
