"""Database table of what citizens said of replies."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from services.runtime.database import Moment


class RatingRow(SQLModel, table=True):
    """Whether the reply of a case solved the matter, as its citizen said last. Asked once a case."""

    __tablename__ = "review_ratings"
    __table_args__ = (Index("ix_review_ratings_agency", "agency", "rated_at"),)

    request_id: UUID = Field(primary_key=True)
    decision_id: UUID
    agency: str
    solved: bool
    rated_at: datetime = Field(sa_type=Moment)
