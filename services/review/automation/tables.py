"""Table of the drafting switch."""

from typing import Any

from sqlmodel import Field, SQLModel

from services.runtime.database import JSON


class DraftingSwitchRow(SQLModel, table=True):
    """All rules in force, in one row: whoever changes one holds it, so that no revision lacks another's change."""

    __tablename__ = "review_drafting_switch"

    id: int = Field(default=1, primary_key=True)
    revision: int = 0
    rules: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
