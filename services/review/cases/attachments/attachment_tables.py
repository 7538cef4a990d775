"""Table of the files that came with messages."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class AttachmentRow(SQLModel, table=True):
    """One file, as it came. No list and no search ever reads it."""

    __tablename__ = "review_attachments"

    request_id: UUID = Field(primary_key=True)
    place: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """Where it stands among the files of its message."""
    name: str
    media_type: str
    """As the agency says."""
    kind: str
    """As its bytes say."""
    size: int
    sha256: str
    scan: str = Field("", sa_column_kwargs={"server_default": ""})
    """What a virus scanner said of it; empty where none was asked."""
    threat: str = Field("", sa_column_kwargs={"server_default": ""})
    """The scanner's name for what is in an infected file."""
    content: bytes = Field(sa_type=sa.LargeBinary)
