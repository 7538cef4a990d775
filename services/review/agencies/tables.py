"""What review knows of agencies: intake has their API keys, dispatch their webhooks."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from services.runtime.database import Moment


class AgencyRow(SQLModel, table=True):
    """An agency that may publish, unless it was revoked. One that `signs` is refused without a signature."""

    __tablename__ = "review_agencies"

    slug: str = Field(primary_key=True)
    signs: bool = False
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)


class AgencyKeyRow(SQLModel, table=True):
    """What verifies an agency's signature: it follows from the API key, which can't be told from it."""

    __tablename__ = "review_agency_keys"

    signing_key: str = Field(primary_key=True)
    agency: str = Field(index=True)
    prefix: str
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
