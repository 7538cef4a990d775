"""Table of the work over all cases that is done a little at a time."""

from sqlmodel import Field, SQLModel


class UpkeepRow(SQLModel, table=True):
    """How far a piece of work over all cases has come that is done a little at a time."""

    __tablename__ = "review_upkeep"

    name: str = Field(primary_key=True)
    position: str | None = None
    done: bool = False
