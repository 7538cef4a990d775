"""Table of the append-only audit log. The database itself refuses to change or delete a row: see the migrations."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from services.runtime.database import JSON, Counter, Moment


class AuditRow(SQLModel, table=True):
    """One thing that was done, by a person or by Parvis itself."""

    __tablename__ = "review_audit"
    # In the order of its lists: of all, and of what one person did.
    __table_args__ = (Index("ix_review_audit_at_id", "at", "id"), Index("ix_review_audit_actor_at_id", "actor", "at", "id"))

    id: int | None = Field(default=None, primary_key=True, sa_type=Counter)
    at: datetime = Field(sa_type=Moment)
    actor: str
    action: str
    request_id: UUID | None = Field(default=None, index=True)
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class SealRow(SQLModel, table=True):
    """The place of an entry in the chain. Append-only, as the log."""

    __tablename__ = "review_audit_seals"

    sequence: int = Field(primary_key=True, sa_type=sa.BigInteger, sa_column_kwargs={"autoincrement": False})
    entry_id: int = Field(unique=True, sa_type=sa.BigInteger)
    sealed_at: datetime = Field(sa_type=Moment)
    version: int
    hash: str


class AnchorRow(SQLModel, table=True):
    """A signed word of where the chain stood. Append-only."""

    __tablename__ = "review_audit_anchors"

    number: int = Field(primary_key=True, sa_type=sa.BigInteger, sa_column_kwargs={"autoincrement": False})
    sequence: int = Field(sa_type=sa.BigInteger)
    hash: str
    at: datetime = Field(sa_type=Moment)
    public_key: str
    signature: str


class ChainRow(SQLModel, table=True):
    """Where the chain stands. One row: whoever seals holds it."""

    __tablename__ = "review_audit_chain"

    name: str = Field(primary_key=True)
    sequence: int = Field(sa_type=sa.BigInteger)
    hash: str
    anchors: int = Field(sa_type=sa.BigInteger)
    anchored_at: datetime | None = Field(default=None, sa_type=Moment)
