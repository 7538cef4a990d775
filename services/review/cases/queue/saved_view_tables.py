"""Table of the views of the queue that people save."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from services.runtime.database import Moment


class SavedViewRow(SQLModel, table=True):
    """A view under a person's own name for it: the filters are the queue's query string."""

    __tablename__ = "review_saved_views"
    __table_args__ = (UniqueConstraint("email", "name", name="uq_review_saved_views_name"),)

    view_id: UUID = Field(primary_key=True)
    email: str
    name: str
    filters: str
    saved_at: datetime = Field(sa_type=Moment)
