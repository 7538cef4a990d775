"""Reads a mail: bytes in, a `ReceivedMail` out, whatever is wrong with them. Pure, bounded, and it never raises."""

import hashlib
from email.message import Message
from itertools import islice

from schemas.invisible_characters import is_blank, letter
from services.domain import mail_addresses
from services.intake.mail import header_values, mail_syntax
from services.intake.mail.mail_parts import PartReader
from services.intake.mail.received_mail import LONGEST_TEXT, Address, MailFile, ReceivedMail, Remark

LONGEST_SUBJECT = 300
MOST_HEADERS = 300
_ONLY_ONCE = ("from", "subject", "message-id", "date", "reply-to")
_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to")
_CUT = "\n[…]"


def read(raw: bytes) -> ReceivedMail:
    """Reads the mail as far as it can be read; `remarks` say what could not be."""
    digest = hashlib.sha256(raw).hexdigest()
    try:
        return _read(raw, digest)
    except Exception as error:  # noqa: BLE001 - whatever hostile bytes do, the mail is kept and a person sees it
        return ReceivedMail(raw=raw, sha256=digest, remarks=(Remark("unreadable", f"the whole mail: {type(error).__name__}"),))


def _read(raw: bytes, digest: str) -> ReceivedMail:
    parsed = mail_syntax.parsed(raw)
    message = parsed.message
    parts = PartReader()
    if not parsed.complete:
        parts.remark("beyond_bounds", "only the beginning of the mail was read")
    text = _text(message, parts)
    headers = _headers(message)
    for name in _ONLY_ONCE:
        if sum(header == name for header, _ in headers) > 1:
            parts.remark("duplicate_header", name)
    sender, reply_to = _correspondents(message)
    if sender is None:
        parts.remark("no_sender")
    elif any(label.startswith("xn--") for label in sender.email.rpartition("@")[2].split(".")):
        parts.remark("sender_in_other_letters", sender.email)
    in_reply_to = _ids(message, "in-reply-to")
    return ReceivedMail(
        raw=raw,
        sha256=digest,
        sender=sender,
        reply_to=reply_to,
        to=tuple(_addresses(message, "to")),
        cc=tuple(_addresses(message, "cc")),
        delivered_to=tuple(dict.fromkeys(address.email for name in _DELIVERED for address in _addresses(message, name))),
        subject=header_values.line(_first(message, "subject"), LONGEST_SUBJECT),
        date=header_values.date(_first(message, "date")) if _first(message, "date") else None,
        message_id=next(iter(_ids(message, "message-id")), None),
        in_reply_to=next(iter(in_reply_to), None),
        references=tuple(dict.fromkeys(_ids(message, "references") or in_reply_to[1:])),
        language=header_values.line(_first(message, "content-language"), 200).partition(",")[0].strip()[:35] or None,
        text=text,
        files=tuple(parts.files),
        remarks=tuple(parts.remarks.values()),
        headers=headers,
        media_type=message.get_content_type(),
        report_type=_report_type(message),
        reports=tuple(parts.reports),
    )


def _text(message: Message, parts: PartReader) -> str:
    text = letter(parts.read(message)).strip("\n").rstrip()
    if is_blank(text):
        parts.remark("no_text")
        return ""
    if len(text) <= LONGEST_TEXT:
        return text
    parts.remark("text_cut", f"{len(text)} characters; all of them are in message.txt")
    parts.files.append(MailFile("message.txt", "text/plain", text.encode("utf-8", "replace")))
    return text[: LONGEST_TEXT - len(_CUT)].rstrip() + _CUT


def _correspondents(message: Message) -> tuple[Address | None, Address | None]:
    """Who wrote, and where answers go if that is elsewhere."""
    sender = header_values.first_of(_addresses_of(value) for value in header_values.values(message, "from")[:5])
    reply_to = header_values.first_of(_addresses_of(value) for value in header_values.values(message, "reply-to")[:5])
    if sender is None:
        others = (header_values.values(message, name)[:1] for name in ("sender", "reply-to", "return-path"))
        sender = header_values.first_of(_addresses_of(value) for values in others for value in values)
    if reply_to and sender and mail_addresses.same_mailbox(reply_to.email, sender.email):
        reply_to = None
    return sender, reply_to


def _addresses_of(value: str) -> list[Address]:
    return header_values.addresses(value)


def _addresses(message: Message, name: str) -> list[Address]:
    every = (address for value in header_values.values(message, name)[:20] for address in header_values.addresses(value))
    unique = {address.email: address for address in reversed(list(every))}
    return list(reversed(list(unique.values())))[: header_values.MOST_ADDRESSES]


def _ids(message: Message, name: str) -> list[str]:
    return [message_id for value in header_values.values(message, name)[:5] for message_id in header_values.ids(value)]


def _first(message: Message, name: str) -> str:
    """The first value that says something."""
    return next((value for value in header_values.values(message, name) if value.strip()), "")


def _headers(message: Message) -> tuple[tuple[str, str], ...]:
    names = list(dict.fromkeys(name.lower()[:100] for name, _ in islice(message.raw_items(), header_values.MOST_HEADERS)))[:MOST_HEADERS]
    pairs = ((name, value) for name in names for value in header_values.values(message, name)[:20])
    return tuple((name, header_values.line(value)) for name, value in pairs)[:MOST_HEADERS]


def _report_type(message: Message) -> str:
    if message.get_content_type() != "multipart/report":
        return ""
    kind = message.get_param("report-type")
    return header_values.line(kind, 60).lower() if isinstance(kind, str) else ""
