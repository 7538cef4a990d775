"""Database tables of intake: agencies' keys, the journal of accepted requests, and what an agency may see of them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from services.runtime.database import JSON, Moment


class AgencyRow(SQLModel, table=True):
    __tablename__ = "intake_agencies"

    slug: str = Field(primary_key=True)
    name: str
    created_at: datetime = Field(sa_type=Moment)


class ApiKeyRow(SQLModel, table=True):
    """The key itself is shown once and never kept: `hash` finds it, `prefix` lets a person tell two apart."""

    __tablename__ = "intake_api_keys"

    id: UUID = Field(primary_key=True)
    agency: str = Field(foreign_key="intake_agencies.slug", index=True)
    prefix: str
    hash: str = Field(unique=True, index=True)
    label: str = ""
    scopes: list[str] = Field(default_factory=list, sa_type=JSON)
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime | None = Field(default=None, sa_type=Moment)
    used_on: date | None = None
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)


class IdempotencyRow(SQLModel, table=True):
    """What an Idempotency-Key stood for, when it was first seen."""

    __tablename__ = "intake_idempotency"

    agency: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_id: UUID
    digest: str
    created_at: datetime = Field(sa_type=Moment)


class JournalRow(SQLModel, table=True):
    """One accepted request. `event` is text, byte for byte what is published: PostgreSQL's JSONB would reorder it."""

    __tablename__ = "intake_journal"

    request_id: UUID = Field(primary_key=True)
    agency: str = Field(primary_key=True, index=True)
    event: str
    content: str
    trace: dict[str, str] = Field(sa_type=JSON)
    accepted_at: datetime = Field(sa_type=Moment)
    settled_at: datetime | None = Field(default=None, sa_type=Moment, index=True)
    next_publish_at: datetime | None = Field(default=None, sa_type=Moment, index=True)
    publishes: int


class StatusRow(SQLModel, table=True):
    """What an agency sees of its request: two agencies may have used one id, and each sees its own.

    `accepted_at` is when intake first heard of it; a row that a process of the former release writes gets it with its first event.
    `chosen_category` is what the sender chose, which may be another than triage's `category`.
    `state_at` is when the decision or delivery that gave the state was made.
    `left_out` is what triage told of fields that could not be used.
    `published_state` is what the topic of statuses says last; null before its first word.
    `erased_at` is when the citizen's identity and words were erased: no text of the reply is kept from then on.
    `trace_id` is that of the first event heard of it: whoever publishes to Kafka may have begun a trace of their own.
    """

    __tablename__ = "intake_status"
    __table_args__ = (
        Index("ix_intake_status_accepted", "agency", "accepted_at", "request_id"),
        Index("ix_intake_status_updated", "agency", "updated_at"),
    )

    request_id: UUID = Field(primary_key=True)
    agency: str = Field(primary_key=True)
    accepted_at: datetime | None = Field(default=None, sa_type=Moment)
    state: str
    category: str | None = None
    chosen_category: str | None = None
    department: str | None = None
    urgency: str | None = None
    decision_id: UUID | None = Field(default=None, index=True)
    reply_subject: str | None = None
    reply_body: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=Moment)
    state_at: datetime | None = Field(default=None, sa_type=Moment)
    trace_id: str | None = None
    published_state: str | None = None
    left_out: list[dict[str, str]] = Field(default=[], sa_type=JSON, sa_column_kwargs={"server_default": "[]"})
    updated_at: datetime = Field(sa_type=Moment)
    erased_at: datetime | None = Field(default=None, sa_type=Moment)


class RefusalRow(SQLModel, table=True):
    """A record in an agency's name that was not accepted: the agency is told, whoever published it.

    `request_id` is null where it could not be read. Where the record stands, and its trace, are null in rows of a former release.
    """

    __tablename__ = "intake_refusals"
    __table_args__ = (Index("ix_intake_refusals_agency", "agency", "refused_at", "letter_id"),)

    letter_id: UUID = Field(primary_key=True)
    request_id: UUID | None = Field(default=None, index=True)
    agency: str
    kind: str
    detail: str
    refused_at: datetime = Field(sa_type=Moment)
    topic: str | None = None
    partition: int | None = None
    offset: int | None = Field(default=None, sa_type=BigInteger)
    key: str | None = None
    errors: list[dict[str, str]] = Field(default=[], sa_type=JSON, sa_column_kwargs={"server_default": "[]"})
    trace_id: str | None = None
