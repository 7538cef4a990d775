"""Tables of fingerprints and their MinHash bands, by which near-duplicates are found."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.runtime.database import Counter


class FingerprintRow(SQLModel, table=True):
    """The fingerprint of one request. Its number is short, since each band names it, and the newest request has the highest."""

    __tablename__ = "review_fingerprints"

    number: int | None = Field(default=None, sa_type=Counter, primary_key=True)
    request_id: UUID = Field(unique=True)
    fingerprint: str


class FingerprintBandRow(SQLModel, table=True):
    """One of the values that near-duplicates have in common. The key is all there is: on SQLite without a second copy of it."""

    __tablename__ = "review_fingerprint_bands"
    __table_args__ = {"sqlite_with_rowid": False}

    value: int = Field(sa_type=sa.BigInteger, primary_key=True)
    number: int = Field(sa_type=sa.BigInteger, primary_key=True)
