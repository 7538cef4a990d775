"""Table of attention checks: apart from citizens' cases, so that no list, count, figure, search or event of those ever holds one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from services.runtime.database import JSON, Moment


class AttentionCheckRow(SQLModel, table=True):
    """One check of one person. The database refuses each decision and each event about one: see the triggers of the migration."""

    __tablename__ = "review_attention_checks"
    __table_args__ = (
        CheckConstraint("(outcome is null) = (answered_at is null)", name="ck_attention_checks_answered"),
        Index(
            "ix_attention_checks_waiting",
            "email",
            sqlite_where=text("answered_at is null"),
            postgresql_where=text("answered_at is null"),
        ),
        Index("ix_attention_checks_person", "email", "placed_at"),
        Index("ix_attention_checks_answered", "answered_at"),
    )

    request_id: UUID = Field(primary_key=True)
    record_key: str = Field(unique=True)
    """The key that an event about it would have."""
    email: str
    agency: str
    department: str
    category: str
    known_bad_draft: str
    mistake: str
    placed_at: datetime = Field(sa_type=Moment)
    answered_at: datetime | None = Field(default=None, sa_type=Moment)
    outcome: str | None = None
    case: dict[str, Any] = Field(sa_type=JSON)
