"""Table of agencies that may publish; their API keys are intake's, their webhooks dispatch's."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from services.runtime.database import Moment


class AgencyRow(SQLModel, table=True):
    """An agency that may publish, unless it was revoked. One that `signs` is refused without a signature."""

    __tablename__ = "review_agencies"

    slug: str = Field(primary_key=True)
    signs: bool = False
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
