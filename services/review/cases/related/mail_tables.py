"""The table of mails, by which messages of one thread are linked."""

from uuid import UUID

from sqlmodel import Field, SQLModel


class MailRow(SQLModel, table=True):
    """A message under one mail of its thread: the mail that it came by or, where `answered`, one that it answers, also one unknown here."""

    __tablename__ = "review_mail_ids"
    __table_args__ = {"sqlite_with_rowid": False}

    mail: bytes = Field(primary_key=True)
    answered: bool = Field(primary_key=True)
    request_id: UUID = Field(primary_key=True)
