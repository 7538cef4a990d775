"""Table of supervisors' verdicts on corrections. The text is a copy of the redacted one: an example outlives its case's changes."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from services.runtime.database import Moment


class TrainingRow(SQLModel, table=True):
    """A correction that was accepted or declined as an example."""

    __tablename__ = "review_training_rows"

    request_id: UUID = Field(primary_key=True)
    verdict: str
    agency: str
    language: str
    channel: str
    text: str
    said: str
    category: str
    decided_by: str
    decided_at: datetime = Field(sa_type=Moment, index=True)
    note: str = ""
