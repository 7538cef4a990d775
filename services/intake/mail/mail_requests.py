"""Makes of a mail the request that `acceptance.accept_all` takes. Pure."""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID, uuid5

from schemas.attached_files import MOST_BYTES, MOST_FILES, MOST_TOGETHER
from schemas.requests_received import MOST_REFERENCES
from schemas.values import MailMachine
from services.domain import mail_addresses, reply_tokens
from services.intake.mail.received_mail import MailFile, ReceivedMail, Remark, RemarkCode

MAILS = UUID("7b1f0d6e-6a57-5a0c-9f43-0d3f9a1c52e4")
"""The namespace of ids made of mails."""

LONGEST_NOTE = 1_000
_HEAD_END = re.compile(rb"\r?\n\r?\n|\r\r")
_SAME = re.compile(rb"(?im)^(from|date|subject|message-id):[^\r\n]{0,2000}(?:\r?\n[ \t][^\r\n]{0,2000}){0,20}")
_NUMBER = re.compile(r"(?<![0-9A-Za-z-])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![0-9A-Za-z-])")
_NOTHING_TO_READ: dict[RemarkCode, str] = {
    "encrypted_pgp": "This mail is encrypted with PGP and could not be read here. The original is kept with it.",
    "encrypted_smime": "This mail is encrypted with S/MIME and could not be read here. The original is kept with it.",
    "opaque_smime": "This mail is signed with S/MIME in one sealed piece and could not be read here. The original is kept with it.",
    "unreadable": "This mail could not be read here. The original is kept with it.",
    "beyond_bounds": "This mail has more parts than are read here. The original is kept with it.",
    "external_body": "This mail only names a file that is kept elsewhere. The original is kept with it.",
}
_ONLY_FILES = "This mail has no text; see its files."
_EMPTY = "This mail has neither text nor files."


def travelling(files: Iterable[MailFile]) -> list[dict[str, object]]:
    """The files with their bytes as long as these fit in the record, each by its size and what is left of the room for all."""
    room, named = MOST_TOGETHER, list[dict[str, object]]()
    for file in files:
        fits = len(file.content) <= min(MOST_BYTES, room)
        room -= len(file.content) if fits else 0
        named.append(about(file) | ({"content": base64.b64encode(file.content).decode()} if fits else {}))
    return named


def about(file: MailFile) -> dict[str, object]:
    """A file as a request names it, without its bytes."""
    return {"name": file.name, "media_type": file.media_type, "size": len(file.content), "sha256": file.sha256}


def request_of(
    mail: ReceivedMail,
    mailbox_agency: str,
    received_at: datetime,
    *,
    automatic: MailMachine | None = None,
    own_addresses: Iterable[str] = (),
    files: Callable[[Iterable[MailFile]], list[dict[str, object]]] = travelling,
    most_files: int = MOST_FILES,
) -> dict[str, object]:
    """The JSON value of the request. The same mail always gives the same `request_id`, by whatever mailbox of the agency it came.

    `files` names the first `most_files` of them; by default with the bytes of as many as Kafka takes. How many are beyond is said in the
    metadata.
    """
    answers_to = mail.reply_to or mail.sender
    value: dict[str, object] = {
        "request_id": str(request_id(mail, mailbox_agency)),
        "channel": "email",
        "received_at": received_at.isoformat(),
        "subject": mail.subject or None,
        "body": mail.text or _instead_of_text(mail),
        "language": mail.language,
        "citizen": {"name": _name(mail), "email": answers_to.email} if answers_to else None,
        "files": files(mail.files[:most_files]),
        "in_reply_to": _text_or_none(case_of(mail, own_addresses)),
        "message_id": mail.message_id,
        "references": references_of(mail) or None,
        "automatic": automatic,
        "metadata": _metadata(mail, most_files),
    }
    return {name: part for name, part in value.items() if part is not None and part != []}


def request_id(mail: ReceivedMail, agency: str) -> UUID:
    """Made of the bytes that travel unchanged: who sends another mail under a Message-ID of before makes another request.

    Not of what was read of them, which a later release may read better: a mail that is fetched again then still has its id.
    """
    end = _HEAD_END.search(mail.raw)
    head, body = (mail.raw[: end.start()], mail.raw[end.end() :]) if end else (mail.raw, b"")
    fields = sorted(b" ".join(match[0].split()).lower() for match in _SAME.finditer(head[:200_000]))
    digest = hashlib.sha256(b"\n".join(fields) + b"\n\n")
    digest.update(body.replace(b"\r\n", b"\n").rstrip())
    if not end:
        digest.update(mail.raw)
    return uuid5(MAILS, f"{agency}\n{mail.message_id or ''}\n{digest.hexdigest()}")


def case_of(mail: ReceivedMail, own_addresses: Iterable[str] = ()) -> UUID | None:
    """The request that the mail follows, by the tag in an address of ours or a number in its subject."""
    own = list(own_addresses)
    for email in (*mail.delivered_to, *(address.email for address in (*mail.to, *mail.cc))):
        tag = email.rpartition("@")[0].partition("+")[2]
        if not own or any(mail_addresses.same_mailbox(email, address) for address in own):
            for number in _numbers_in(tag):
                return number
    return next(iter(_numbers_in(mail.subject)), None)


def _numbers_in(text: str) -> list[UUID]:
    return [*map(UUID, _NUMBER.findall(text)), *reply_tokens.request_in(text)]


def references_of(mail: ReceivedMail) -> list[str]:
    """The ids of the mails that it answers, the one it answers first last; as many as a request takes."""
    every = [*mail.references, *([mail.in_reply_to] if mail.in_reply_to else ())]
    return list(dict.fromkeys(reversed(every)))[::-1][-MOST_REFERENCES:]


def _name(mail: ReceivedMail) -> str | None:
    """The name of whom answers go to; of who wrote, where a form or a program sent it in their name."""
    names = (address.name for address in (mail.reply_to, mail.sender) if address)
    return next((name for name in names if name), None)


def _instead_of_text(mail: ReceivedMail) -> str:
    sentence = next((text for code, text in _NOTHING_TO_READ.items() if mail.has(code)), None)
    return sentence or (_ONLY_FILES if mail.files else _EMPTY)


def _metadata(mail: ReceivedMail, most_files: int) -> dict[str, str]:
    beyond = len(mail.files) - most_files
    remarks = [*mail.remarks, *([Remark("beyond_bounds", f"{beyond} more files")] if beyond > 0 else ())]
    notes = {
        "mail_from": mail.sender.email if mail.sender and mail.reply_to else "",
        "mail_to": ", ".join(dict.fromkeys([address.email for address in mail.to] or mail.delivered_to)),
        "mail_date": mail.date.isoformat() if mail.date else "",
        "mail_remarks": "; ".join(map(str, remarks)),
    }
    return {name: note[:LONGEST_NOTE] for name, note in notes.items() if note}


def _text_or_none(value: UUID | None) -> str | None:
    return str(value) if value else None
