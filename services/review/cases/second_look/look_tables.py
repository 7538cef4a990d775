"""Table of second looks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from services.runtime.database import JSON, Moment


class SecondLookRow(SQLModel, table=True):
    """A decision that was drawn for a second look, and what came of that."""

    __tablename__ = "review_second_looks"
    __table_args__ = (
        # The first person is never the second, whatever the pages and rules say.
        CheckConstraint("looked_by is null or (looked_by <> decided_by and looked_by <> seconded_by)", name="ck_second_looks_another"),
        Index(
            "ix_second_looks_open",
            "available_at",
            sqlite_where=text("looked_at is null"),
            postgresql_where=text("looked_at is null"),
        ),
        Index("ix_second_looks_looked", "looked_at"),
    )

    request_id: UUID = Field(primary_key=True)
    decision_id: UUID
    draft_id: UUID
    decided_by: str
    seconded_by: str = ""
    decided_at: datetime = Field(sa_type=Moment)
    available_at: datetime = Field(sa_type=Moment)
    """Once the reply has left: the look holds nothing up."""
    looked_by: str | None = None
    looked_at: datetime | None = Field(default=None, sa_type=Moment)
    outcome: str | None = None
    look: dict[str, Any] | None = Field(default=None, sa_type=JSON)
