"""Verifies a finished mail by parsing it as its receivers will: refuses it where it is not exactly what was meant."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_string
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.policy import SMTPUTF8, compat32
from email.utils import getaddresses

from services.dispatch import html_letter, html_letter_reader
from services.dispatch.html_letter_reader import UnexpectedHtml
from services.domain.phrases import Phrase

PART_FIELDS = ["Content-Type", "Content-Transfer-Encoding"]
FILE_FIELDS = [*PART_FIELDS, "Content-Disposition"]
LONGEST_LINE = 998  # octets, RFC 5322


class UnsafeMail(ValueError):
    """The finished bytes are not the mail that was decided on: nothing may be sent."""


@dataclass(frozen=True)
class MailedFile:
    """A file that goes with the mail, by the digest that was decided on."""

    name: str
    media_type: str
    sha256: str


@dataclass(frozen=True)
class Letter:
    """The expected content of a mail: names and texts as people read them, addresses as servers want them."""

    sender_name: str
    sender: str
    name: str
    recipient: str
    subject: str
    message_id: str
    body: str
    reply_to: str | None = None
    thread: tuple[str, ...] = ()
    """The Message-IDs of the mails before it, the one that it answers last."""
    html: bool = False
    """Whether the same text is there as HTML as well."""
    language: str | None = None
    files: tuple[MailedFile, ...] = ()
    """What goes with it, in this order."""


def check(content: bytes, fields: Sequence[str], letter: Letter) -> None:
    """Raises UnsafeMail unless the mail has exactly these fields, goes to the one recipient, and reads as the letter does."""
    _check_lines(content, fields)
    text = content.decode()  # ASCII, but for an address that can be written in no other way
    mail = message_from_string(text, _class=EmailMessage, policy=SMTPUTF8)
    if mail.keys() != list(fields) or mail.defects or mail.is_multipart() is not (letter.html or bool(letter.files)):
        raise UnsafeMail(Phrase("it has other fields or parts than were written"))
    _check_address(mail["From"], letter.sender_name, letter.sender)
    _check_address(mail["To"], letter.name, letter.recipient)
    if letter.reply_to:
        _check_address(mail["Reply-To"], letter.sender_name, letter.reply_to)
    # Older programs read by other rules: they too must find one address, and no word of a name beside it.
    head = message_from_string(text.partition("\r\n\r\n")[0], policy=compat32)
    for field in ("From", "To", *(["Reply-To"] if letter.reply_to else [])):
        plain = str(head[field])
        if len(getaddresses([re.sub(r"\r\n[ \t]", " ", plain)])) != 1:
            raise UnsafeMail(Phrase(f"{field} reads as more than one address"))
    if str(mail["Subject"]) != letter.subject or str(mail["Message-ID"]) != letter.message_id:
        raise UnsafeMail(Phrase("its subject or its id reads otherwise"))
    if [str(mail.get(field, "")).split() for field in ("In-Reply-To", "References")] != [list(letter.thread[-1:]), list(letter.thread)]:
        raise UnsafeMail(Phrase("it stands in another thread"))
    text_part, *attached = _mixed(mail) if letter.files else [mail]
    _check_text(_parts(text_part) if letter.html else [text_part], letter)
    _check_files(attached, letter.files)


def _mixed(mail: EmailMessage) -> list[EmailMessage]:
    """The text and the files."""
    if mail.get_content_type() != "multipart/mixed" or mail.preamble or mail.epilogue:
        raise UnsafeMail(Phrase("it has other fields or parts than were written"))
    return [part for part in mail.iter_parts() if isinstance(part, EmailMessage)]


def _check_files(parts: Sequence[EmailMessage], files: Sequence[MailedFile]) -> None:
    if len(parts) != len(files):
        raise UnsafeMail(Phrase("it has other files than were decided on"))
    for part, file in zip(parts, files, strict=True):
        if part.keys() != FILE_FIELDS or part.defects or part.is_multipart():
            raise UnsafeMail(Phrase("it has other fields or parts than were written"))
        content = part.get_payload(decode=True)
        read = (part.get_content_disposition(), part.get_filename(), part.get_content_type())
        if read != ("attachment", file.name, file.media_type):
            raise UnsafeMail(Phrase(f"the file {file.name} reads otherwise"))
        if not isinstance(content, bytes) or hashlib.sha256(content).hexdigest() != file.sha256:
            raise UnsafeMail(Phrase(f"the file {file.name} is not the one that was decided on"))


def _parts(mail: EmailMessage) -> list[EmailMessage]:
    """The two alternatives, the plain one first: a program that knows both shows the last."""
    parts = [part for part in mail.iter_parts() if isinstance(part, EmailMessage)]
    kinds = [part.get_content_type() for part in parts]
    strange = any(part.keys() != PART_FIELDS or part.defects or part.is_multipart() for part in parts)
    if (
        mail.get_content_type() != "multipart/alternative"
        or kinds != ["text/plain", "text/html"]
        or strange
        or mail.preamble
        or mail.epilogue
    ):
        raise UnsafeMail(Phrase("it has other fields or parts than were written"))
    return parts


def _check_text(alternatives: Sequence[EmailMessage], letter: Letter) -> None:
    texts = [str(part.get_content()).replace("\r\n", "\n") for part in alternatives]
    if texts[0] != letter.body:
        raise UnsafeMail(Phrase("its text reads otherwise"))
    for html in texts[1:]:
        try:
            read, root = html_letter_reader.read(html)
        except UnexpectedHtml:
            raise UnsafeMail(Phrase("its HTML has more in it than the text")) from None
        if html_letter.as_shown(read) != html_letter.as_shown(letter.body.rstrip("\n")) or root != html_letter.root(letter.language):
            raise UnsafeMail(Phrase("its HTML reads otherwise"))


def _check_lines(content: bytes, fields: Sequence[str]) -> None:
    """Checks the raw lines, whatever a parser makes of them."""
    head, end, body = content.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    begun = [line.partition(b":")[0].decode("latin-1") for line in lines if line[:1] not in (b" ", b"\t")]
    if not end or begun != list(fields):
        raise UnsafeMail(Phrase("it has other fields than were written"))
    if not body.isascii() or b"\0" in content or re.search(rb"\r(?!\n)|(?<!\r)\n", content):
        raise UnsafeMail(Phrase("a line ends in the middle of a text"))
    if any(len(line) > LONGEST_LINE for line in content.split(b"\r\n")) or not all(line.strip() for line in lines):
        raise UnsafeMail(Phrase("a line is too long, or empty"))


def _check_address(header: object, name: str, address: str) -> None:
    if not isinstance(header, AddressHeader) or len(header.addresses) != 1 or [group.display_name for group in header.groups] != [None]:
        raise UnsafeMail(Phrase("an address field has not exactly one address"))
    only = header.addresses[0]
    # Python puts a space between two encoded words of a name, where RFC 2047 has none.
    if only.addr_spec != address or "".join(only.display_name.split()) != "".join(name.split()):
        raise UnsafeMail(Phrase("an address field names somebody else"))
