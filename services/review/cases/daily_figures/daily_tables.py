"""Tables of the figures of days, and of what has changed since they were added up."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from services.runtime.database import Counter


class DailyFigureRow(SQLModel, table=True):
    """So many cases of a day, or of the month that begins with it, that are alike in all of this. All rows of a day are written anew."""

    __tablename__ = "review_daily_figures"
    __table_args__ = (Index("ix_review_daily_figures_measure_day", "measure", "span", "day"),)

    id: int | None = Field(default=None, sa_column=sa.Column(Counter, primary_key=True))
    day: date
    span: str
    measure: str
    agency: str
    department: str
    everybodys: bool
    category: str
    language: str
    urgency: str
    """Of what was decided alone."""
    aspect: str
    """Of what was sorted the classifier's category; of what was decided the kind of decision."""
    bucket: int
    """Of what was sorted how sure the classifier was; of replies how long they took."""
    cases: int
    total: float
    """Of what came in and of what was sorted the sum of how sure the classifier was; of replies the sum of seconds."""


class FigureChangeRow(SQLModel, table=True):
    """A case that changed, or a day that is to be counted anew. Rows are added, and taken out when they are dealt with: nobody waits."""

    __tablename__ = "review_figure_changes"
    __table_args__ = (
        Index("ix_review_figure_changes_day", "day", sqlite_where=text("day is not null"), postgresql_where=text("day is not null")),
    )

    id: int | None = Field(default=None, sa_column=sa.Column(Counter, primary_key=True))
    request_id: UUID | None = None
    day: date | None = None
