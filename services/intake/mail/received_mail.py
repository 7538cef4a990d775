"""What a mail says, as far as it could be read. Plain values: nothing here reads or decides."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

RemarkCode = Literal[
    "beyond_bounds",  # more parts, deeper nesting or longer text than is read; only the original has all
    "broken_encoding",  # base64 or quoted-printable that is none
    "charset_guessed",
    "duplicate_header",
    "encrypted_pgp",
    "encrypted_smime",
    "external_body",  # only the address of the content was sent
    "invitation",
    "no_sender",
    "no_text",
    "opaque_smime",  # signed or encrypted in one piece, which is not opened
    "partial_message",  # one piece of a mail that was cut into several
    "sender_in_other_letters",  # the domain has letters that may look like others
    "signed_pgp",  # the signature was not verified
    "signed_smime",
    "text_cut",
    "unreadable",  # a part, or all of it, ended its reader
    "winmail",  # text or files were taken out of winmail.dat
]


@dataclass(frozen=True)
class Remark:
    """Something about the mail that the person who answers it should know; `detail` is at most 200 characters."""

    code: RemarkCode
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code


@dataclass(frozen=True)
class Address:
    """One line each; `email` is as `schemas.values.Person` takes it, its domain in ASCII."""

    email: str
    name: str = ""


@dataclass(frozen=True)
class MailFile:
    """A file of the mail, decoded; `media_type` goes by its bytes, `name` is one line without paths."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    inline: bool = False
    content_id: str | None = None

    @property
    def sha256(self) -> str:
        """Of its bytes, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Report:
    """A part that machines write for machines: delivery status, receipt, feedback, or the headers of the mail that came back."""

    media_type: str
    text: str


@dataclass(frozen=True)
class ReceivedMail:
    """A mail as read. `raw` is the original, byte for byte; everything else is bounded and safe to show."""

    raw: bytes = field(repr=False)
    sha256: str
    sender: Address | None = None
    reply_to: Address | None = None
    """Only where it is another mailbox than the sender's: answers go there."""
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    delivered_to: tuple[str, ...] = ()
    """Addresses of Delivered-To, X-Original-To and Envelope-To: where a reply token survives."""
    subject: str = ""
    date: datetime | None = None
    """As the sender's clock had it, with an offset; None where it is missing or none."""
    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    language: str | None = None
    text: str = ""
    """At most LONGEST_TEXT characters; empty where there is nothing to read."""
    files: tuple[MailFile, ...] = ()
    remarks: tuple[Remark, ...] = ()
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Names in small letters, values decoded and of one line, in their order."""
    media_type: str = "text/plain"
    report_type: str = ""
    """Of multipart/report: `delivery-status`, `disposition-notification`, `feedback-report`."""
    reports: tuple[Report, ...] = field(default=(), repr=False)

    def header(self, name: str) -> str:
        """The first header of that name (small letters); empty where there is none."""
        return next((value for header, value in self.headers if header == name), "")

    def has(self, code: RemarkCode) -> bool:
        """Whether there is a remark of that code."""
        return any(remark.code == code for remark in self.remarks)


LONGEST_TEXT = 20_000
"""Characters, as a request takes."""
