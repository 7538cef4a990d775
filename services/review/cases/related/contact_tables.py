"""The table of citizens' contacts, by which cases of one citizen are looked up."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from services.runtime.database import Moment


class ContactRow(SQLModel, table=True):
    """A case under one key of its citizen. The key is all there is: the cases of a citizen stand side by side, in their order."""

    __tablename__ = "review_citizen_contacts"
    __table_args__ = {"sqlite_with_rowid": False}

    contact: bytes = Field(primary_key=True)
    received_at: datetime = Field(sa_type=Moment, primary_key=True)
    request_id: UUID = Field(primary_key=True)
