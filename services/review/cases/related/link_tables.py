"""The table of links between cases."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from services.runtime.database import Moment


class LinkRow(SQLModel, table=True):
    """One case that belongs to another: it follows it, or is a second matter of its letter. The other may be unknown here as yet."""

    __tablename__ = "review_case_links"

    request_id: UUID = Field(primary_key=True)
    other: UUID = Field(primary_key=True, index=True)
    kind: str
    linked_by: str
    linked_at: datetime = Field(sa_type=Moment)
