"""Composes the mail (RFC 5322) of a decided reply or of a receipt: names, subjects and texts stay text and nothing else."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Literal
from uuid import UUID

from schemas import invisible_characters
from schemas.acknowledgements_decided import AcknowledgementDecided
from schemas.replies_decided import ReplyDecided
from schemas.values import Person
from services.dispatch import dkim_signature, html_letter, mail_headers, mail_integrity
from services.dispatch.dkim_signature import DkimKey
from services.dispatch.mail_integrity import Letter, MailedFile
from services.domain import mail_addresses, message_ids, reply_tokens
from services.domain.mail_addresses import UnusableAddress
from services.runtime.errors import ParvisError

SUPPRESS = {"X-Auto-Response-Suppress": mail_headers.field("X-Auto-Response-Suppress", "OOF, AutoReply")}
"""Asks programs for no notice of absence: a case for nobody. A person wrote the reply, so it is not `Auto-Submitted`."""
AUTOMATIC = {
    "Auto-Submitted": mail_headers.field("Auto-Submitted", "auto-replied"),
    "X-Auto-Response-Suppress": mail_headers.field("X-Auto-Response-Suppress", "All"),
}
"""What a receipt says of itself (RFC 3834), so that no other machine answers it."""
_LINES_OF_7BIT = 78  # characters: longer ones are encoded, so that no server breaks them


class UnusableSetting(ParvisError):
    """A setting that no mail can be sent with."""

    title = "A setting can't be used"


@dataclass(frozen=True)
class AnswerAddress:
    """Where citizens' answers go. `by_case`: with the case's token behind a plus, so that an answer finds its case by it."""

    local: str
    domain: str
    by_case: bool = False

    def of(self, request_id: UUID) -> str:
        """The address for answers to a reply in that case."""
        return f"{self.local}+{reply_tokens.token_of(request_id)}@{self.domain}" if self.by_case else f"{self.local}@{self.domain}"


@dataclass(frozen=True)
class Sender:
    """Who replies are from, and where answers go where that is elsewhere."""

    name: str
    email: str
    reply_to: AnswerAddress | None = None
    html: bool = False
    """Whether a mail has its text as HTML as well."""
    dkim: DkimKey | None = None

    @property
    def domain(self) -> str:
        """The part after the @."""
        return self.email.rpartition("@")[2]


@dataclass(frozen=True)
class Mail:
    """The finished bytes, the envelope recipient and the Message-ID. An `automatic` one has no return path: nothing may come back."""

    content: bytes
    recipient: str
    message_id: str
    automatic: bool = False


def sender(mail_from: str, reply_to: str = "") -> Sender:
    """Parses the settings MAIL_FROM, `Name <address>` or an address, and MAIL_REPLY_TO. Raises UnusableSetting."""
    try:
        name, email = mail_addresses.named(mail_from)
    except UnusableAddress as error:
        raise UnusableSetting(
            f"PARVIS_MAIL_FROM is {mail_from!r}: {error}; give an address, as `City Hall <no-reply@city.example>`", field="PARVIS_MAIL_FROM"
        ) from None
    if not email.isascii():
        raise UnusableSetting(f"PARVIS_MAIL_FROM is {mail_from!r}: only ASCII may stand before the @", field="PARVIS_MAIL_FROM")
    try:
        answers = answer_address(reply_to) if reply_to else None
    except UnusableAddress as error:
        raise UnusableSetting(
            f"PARVIS_MAIL_REPLY_TO is {reply_to!r}: {error}; give the address that is read, as `answers@city.example`",
            field="PARVIS_MAIL_REPLY_TO",
        ) from None
    return Sender(invisible_characters.one_line(name), email, answers)


def answer_address(text: str) -> AnswerAddress:
    """Parses `answers@city.example`, or `answers+@city.example` for an address of each case's own. Raises UnusableAddress."""
    local, _, domain = mail_addresses.mailbox(text.strip()).rpartition("@")
    if not local.isascii():
        raise UnusableAddress("only ASCII may stand before the @")
    if local.endswith("+"):
        mail_addresses.mailbox(f"{local}{'a' * reply_tokens.LENGTH}@{domain}")  # what it will be must fit as well
    return AnswerAddress(local.removesuffix("+"), domain, by_case=local.endswith("+"))


def message_id(decision_id: UUID, domain: str) -> str:
    """The Message-ID of a decision, always the same: a mail in doubt can be looked for."""
    return f"<{decision_id}@{domain}>"


def compose(reply: ReplyDecided | AcknowledgementDecided, *, sent_by: Sender, now: datetime, files: Sequence[bytes] = ()) -> Mail:
    """Composes the mail with its files, in the order of `attachments`.

    Raises UnusableAddress where nothing can be delivered to the recipient, UnsafeMail where it came out otherwise.
    """
    to = reply.recipient or Person()
    automatic = isinstance(reply, AcknowledgementDecided)
    attached = reply.attachments if isinstance(reply, ReplyDecided) else []
    number = reply.acknowledgement_id if isinstance(reply, AcknowledgementDecided) else reply.decision_id
    letter = Letter(
        sender_name=invisible_characters.one_line(sent_by.name),
        sender=sent_by.email,
        name=invisible_characters.one_line(to.name or ""),
        recipient=mail_addresses.mailbox(to.email or ""),
        subject=invisible_characters.one_line(reply.subject or ""),
        message_id=message_id(number, sent_by.domain),
        reply_to=sent_by.reply_to.of(reply.request_id) if sent_by.reply_to else None,
        thread=_thread(reply),
        body=invisible_characters.letter(reply.body or "").rstrip("\n") + "\n",
        html=sent_by.html,
        files=tuple(MailedFile(invisible_characters.one_line(f.name), f.media_type, f.sha256) for f in attached),
        language=reply.language if reply.language and re.fullmatch(r"[A-Za-z0-9-]{1,35}", reply.language) else None,
    )
    fields = {
        "From": mail_headers.mailbox("From", letter.sender_name, letter.sender),
        "To": mail_headers.mailbox("To", letter.name, letter.recipient),
        "Subject": mail_headers.text("Subject", letter.subject),
        "Date": mail_headers.field("Date", format_datetime(now)),
        "Message-ID": mail_headers.field("Message-ID", letter.message_id),
    }
    if letter.reply_to:
        fields["Reply-To"] = mail_headers.mailbox("Reply-To", letter.sender_name, letter.reply_to)
    if letter.thread:
        fields["In-Reply-To"] = mail_headers.ids("In-Reply-To", letter.thread[-1:])
        fields["References"] = mail_headers.ids("References", letter.thread)
    fields |= (AUTOMATIC if automatic else SUPPRESS) | {"MIME-Version": mail_headers.field("MIME-Version", "1.0")}
    part_fields, body = _alternatives(letter) if letter.html else _part("text/plain", letter.body)
    if letter.files:
        part_fields, body = _with_files(_joined(part_fields, body), letter.files, files)
    fields |= part_fields
    if letter.language:
        fields["Content-Language"] = mail_headers.field("Content-Language", letter.language)
    content = _joined(fields, body)
    mail_integrity.check(content, list(fields), letter)
    if sent_by.dkim:
        content = _signed(content, list(fields), sent_by.dkim, letter)
    return Mail(content, letter.recipient, letter.message_id, automatic)


def _signed(content: bytes, fields: Sequence[str], key: DkimKey, letter: Letter) -> bytes:
    signed = dkim_signature.signature(content, key) + content
    mail_integrity.check(signed, [dkim_signature.FIELD, *fields], letter)
    return signed


def _joined(fields: Mapping[str, str], body: bytes) -> bytes:
    return "\r\n".join([*fields.values(), "", ""]).encode() + body


def _part(kind: Literal["text/plain", "text/html"], text: str) -> tuple[dict[str, str], bytes]:
    encoding, body = _body(text)
    fields = {
        "Content-Type": mail_headers.field("Content-Type", f'{kind}; charset="utf-8"'),
        "Content-Transfer-Encoding": mail_headers.field("Content-Transfer-Encoding", encoding),
    }
    return fields, body


def _alternatives(letter: Letter) -> tuple[dict[str, str], bytes]:
    """The same text twice, plain and as HTML (RFC 2046, 5.1.4)."""
    html = html_letter.written(letter.body, letter.language)
    # A text can't have a line that is made of itself.
    boundary = "=_" + hashlib.sha256(html.encode()).hexdigest()[:24]
    parts = [_joined(*_part("text/plain", letter.body)), _joined(*_part("text/html", html))]
    between = b"\r\n--" + boundary.encode()
    body = b"".join(between + b"\r\n" + part for part in parts).removeprefix(b"\r\n") + between + b"--\r\n"
    return {"Content-Type": mail_headers.field("Content-Type", f'multipart/alternative; boundary="{boundary}"')}, body


def _with_files(text: bytes, named: Sequence[MailedFile], files: Sequence[bytes]) -> tuple[dict[str, str], bytes]:
    """The text first, then each file in base64 (RFC 2046, 5.1.3)."""
    parts = [text]
    for file, content in zip(named, files, strict=True):
        fields = {
            "Content-Type": mail_headers.field("Content-Type", file.media_type),
            "Content-Transfer-Encoding": mail_headers.field("Content-Transfer-Encoding", "base64"),
            "Content-Disposition": mail_headers.file_name("Content-Disposition", "attachment", file.name),
        }
        parts.append(_joined(fields, base64.encodebytes(content).replace(b"\n", b"\r\n")))
    boundary = "=_" + hashlib.sha256(b"".join(parts)).hexdigest()[:24]
    between = b"\r\n--" + boundary.encode()
    body = b"".join(between + b"\r\n" + part for part in parts).removeprefix(b"\r\n") + between + b"--\r\n"
    return {"Content-Type": mail_headers.field("Content-Type", f'multipart/mixed; boundary="{boundary}"')}, body


def _thread(reply: ReplyDecided | AcknowledgementDecided) -> tuple[str, ...]:
    """The mails of the reply's thread (RFC 5322, 3.6.4), the one it answers last; nothing where it answers none."""
    answers = message_ids.message_id(reply.answers_mail)
    return (*message_ids.thread(earlier for earlier in reply.references if earlier != answers), answers) if answers else ()


def _body(text: str) -> tuple[str, bytes]:
    """The transfer encoding and the encoded body: 7bit where possible, else the shorter of quoted-printable and base64, never 8bit."""
    if text.isascii() and all(len(line) <= _LINES_OF_7BIT for line in text.split("\n")):
        return "7bit", text.replace("\n", "\r\n").encode()
    octets = text.replace("\n", "\r\n").encode()
    quoted = binascii.b2a_qp(text.encode(), istext=True).replace(b"\n", b"\r\n")
    in_base64 = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    return ("quoted-printable", quoted) if len(quoted) <= len(in_base64) else ("base64", in_base64)
