"""Tables of groups of messages, of the places by which they are found, and of the common text that somebody writes for one."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from services.runtime.database import Moment


class GroupRow(SQLModel, table=True):
    """Messages about one matter, of one agency."""

    __tablename__ = "review_groups"
    __table_args__ = (
        # Few groups rise at a time: those alone are read for the queue, and not all that ever were.
        Index(
            "ix_review_groups_rising",
            "rising_since",
            sqlite_where=text("rising_since is not null"),
            postgresql_where=text("rising_since is not null"),
        ),
        Index("ix_review_groups_newest", "newest_at"),
    )

    group_id: UUID = Field(primary_key=True)
    agency: str
    opened_at: datetime = Field(sa_type=Moment)
    newest_at: datetime = Field(sa_type=Moment)
    rising_since: datetime | None = Field(default=None, sa_type=Moment)


class MemberRow(SQLModel, table=True):
    """A case in the one group that it belongs to, and why."""

    __tablename__ = "review_group_members"
    __table_args__ = (Index("ix_review_group_members_group", "group_id", "received_at", "request_id"),)

    request_id: UUID = Field(primary_key=True)
    group_id: UUID
    received_at: datetime = Field(sa_type=Moment)
    kind: str
    alike: UUID | None = None
    degree: float | None = Field(default=None, sa_type=sa.Double)
    key: str = ""
    by: str = ""
    sender: str = ""
    """Stands for whoever wrote, within this group alone; empty where nothing is known of them."""


class LeftRow(SQLModel, table=True):
    """A person took the case out of the group: it does not come back by itself."""

    __tablename__ = "review_group_left"

    request_id: UUID = Field(primary_key=True)
    group_id: UUID = Field(primary_key=True)


class PlaceRow(SQLModel, table=True):
    """A place that a recent message is about, by a key that holds none of its words."""

    __tablename__ = "review_group_places"
    __table_args__ = (Index("ix_review_group_places_received_at", "received_at"),)

    agency: str = Field(primary_key=True)
    category: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    received_at: datetime = Field(sa_type=Moment, primary_key=True)
    request_id: UUID = Field(primary_key=True)
    latitude: float | None = Field(default=None, sa_type=sa.Double)
    longitude: float | None = Field(default=None, sa_type=sa.Double)


class UngroupedRow(SQLModel, table=True):
    """A case that nobody has looked at yet for what it belongs to."""

    __tablename__ = "review_ungrouped"
    __table_args__ = (Index("ix_review_ungrouped_since", "since"),)

    request_id: UUID = Field(primary_key=True)
    since: datetime = Field(sa_type=Moment)


class CommonTextRow(SQLModel, table=True):
    """The reply that a person writes for all of a group, with placeholders."""

    __tablename__ = "review_group_texts"

    group_id: UUID = Field(primary_key=True)
    email: str = Field(primary_key=True)
    subject: str
    body: str
    begun_from: UUID
    """The case whose draft it began as."""
    language: str
    saved_at: datetime = Field(sa_type=Moment)
