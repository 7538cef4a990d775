"""Table of the rules about approvals."""

from typing import Any

from sqlmodel import Field, SQLModel

from services.runtime.database import JSON


class SafeguardsRow(SQLModel, table=True):
    """All rules in force, in one row: whoever changes one holds it, so that no revision lacks another's change."""

    __tablename__ = "review_safeguards"

    id: int = Field(default=1, primary_key=True)
    revision: int = 0
    draw_secret: str = ""
    """What shares of decisions are drawn by: made with the first rule, and shown nowhere."""
    rules: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
