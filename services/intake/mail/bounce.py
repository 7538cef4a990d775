"""Reads which recipients a bounce speaks of (RFC 3464, or the words of servers that know no RFC), and of which mail. Pure, never raises."""

import logging
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from typing import Literal

from services.intake.mail import header_values, mail_kind
from services.intake.mail.received_mail import ReceivedMail

Action = Literal["failed", "delayed", "delivered"]

MOST_RECIPIENTS = 50
LONGEST_DIAGNOSTIC = 500
_LONGEST_READ, _LONGEST_LINE = 100_000, 1_000  # bytes that are searched for words, and of each line

_ORIGINALS = ("message/rfc822", "text/rfc822-headers", "message/global-headers")
_ACTIONS: dict[str, Action] = {
    "failed": "failed",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "delivered",
    "expanded": "delivered",
}
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_REPLY_CODE = re.compile(r"\b5\d\d[ -][^\r\n]{3,300}")
_QUOTED_ID = re.compile(r"(?im)^[> \t]{0,8}message-id:[ \t]{0,8}(<[^<>\s]{1,996}>)")


@dataclass(frozen=True)
class Returned:
    """What became of a mail for one recipient. `message_id` and `envelope_id` are those of the mail that was sent, where told."""

    recipient: str
    action: Action
    status: str = ""
    diagnostic: str = ""
    message_id: str | None = None
    envelope_id: str | None = None

    @property
    def permanent(self) -> bool:
        """Whether nothing more is tried. A server that gave up after days says `failed` with the status of its last try, as 4.4.7."""
        return self.action == "failed"


def returned(mail: ReceivedMail) -> list[Returned]:
    """What the mail says of each recipient; empty where it is no bounce. Only those that are `permanent` came back."""
    message_id = _original_id(mail)
    statuses = [report.text for report in mail.reports if report.media_type.endswith("delivery-status")]
    if statuses:
        return [item for text in statuses for item in _of_status(text, message_id)][:MOST_RECIPIENTS]
    if mail_kind.of(mail) != "bounce":
        return []
    diagnostic = _REPLY_CODE.search(mail.text[: LONGEST_DIAGNOSTIC * 20])
    words = diagnostic[0][:LONGEST_DIAGNOSTIC] if diagnostic else ""
    status = _STATUS.search(words) or _STATUS.search(mail.text[: LONGEST_DIAGNOSTIC * 20])
    return [Returned(recipient, action, status[1] if status else "", words, message_id) for recipient, action in _by_words(mail)]


def _of_status(text: str, message_id: str | None) -> list[Returned]:
    blocks = [_fields(block) for block in re.split(r"\n[ \t]*\n", text)]
    envelope = next((block["original-envelope-id"] for block in blocks if block.get("original-envelope-id")), None)
    items: list[Returned] = []
    for block in blocks:
        recipient = _address(block.get("original-recipient", "")) or _address(block.get("final-recipient", ""))
        action = _ACTIONS.get(block.get("action", "").lower())
        if not recipient:
            continue
        status = _STATUS.search(block.get("status", ""))
        code = status[1] if status else ""
        if action is None:
            action = "delayed" if code.startswith("4") else "delivered" if code.startswith("2") else "failed"
        diagnostic = block.get("diagnostic-code", "").partition(";")[2].strip() or block.get("diagnostic-code", "")
        items.append(Returned(recipient, action, code, diagnostic[:LONGEST_DIAGNOSTIC], message_id, envelope))
    return items


def _fields(block: str) -> dict[str, str]:
    """The fields of a block, unfolded; the first of a name counts."""
    fields: dict[str, str] = {}
    last = ""
    for line in block.split("\n"):
        name, colon, value = line.partition(":")
        if line[:1] in (" ", "\t") and last:
            fields[last] = f"{fields[last]} {line.strip()}"[: LONGEST_DIAGNOSTIC * 4]
        elif colon:
            last = name.strip().lower()[:100]
            fields.setdefault(last, value.strip()[: LONGEST_DIAGNOSTIC * 4])
    return fields


def _address(value: str) -> str:
    """Of `rfc822; ana@example.org`."""
    text = value.partition(";")[2] or value
    return header_values.usable_email(text.strip().strip("<>")[:320]) or ""


def _original_id(mail: ReceivedMail) -> str | None:
    """The Message-ID of the mail that came back: in its own headers, else what the bounce answers to, else quoted in its text."""
    for report in mail.reports:
        if report.media_type in _ORIGINALS and (match := _QUOTED_ID.search(report.text)):
            return match[1]
    if mail.in_reply_to:
        return mail.in_reply_to
    if mail.references:
        return mail.references[-1]
    match = _QUOTED_ID.search(mail.text)
    return match[1] if match else None


def _by_words(mail: ReceivedMail) -> list[tuple[str, Action]]:
    from flufl.bounce import all_failures

    lines = mail.raw[:_LONGEST_READ].splitlines()
    bounded: Message = message_from_bytes(b"\n".join(line[:_LONGEST_LINE] for line in lines))
    logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)  # it logs each detector, and faults with the bytes of the mail
    try:
        temporary, permanent = all_failures(bounded)
    except Exception:  # noqa: BLE001 - sixteen detectors of other people's words, on hostile bytes
        return []
    pairs: list[tuple[bytes, Action]] = [
        *((address, "failed") for address in sorted(permanent)),
        *((address, "delayed") for address in sorted(temporary)),
    ]
    read = ((header_values.usable_email(address.decode("utf-8", "replace").strip("<>")[:320]), action) for address, action in pairs)
    return [(email, action) for email, action in read if email][:MOST_RECIPIENTS]
