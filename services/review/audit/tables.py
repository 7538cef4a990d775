"""Table of the append-only audit log. The database itself refuses to change or delete a row: see the migrations."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from services.runtime.database import JSON, Counter, Moment


class AuditRow(SQLModel, table=True):
    """One thing that was done, by a person or by Parvis itself."""

    __tablename__ = "review_audit"

    id: int | None = Field(default=None, primary_key=True, sa_type=Counter)
    at: datetime = Field(sa_type=Moment, index=True)
    actor: str = Field(index=True)
    action: str
    request_id: UUID | None = Field(default=None, index=True)
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
