"""Reads a mail as the request that it is, with the files that are to be stored and the replies of ours that it says came back. Pure."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from schemas.attached_files import MAIL_TYPE, MOST_FILES, ORIGINAL
from services.domain import mail_addresses
from services.intake.mail import bounce, mail_kind, mail_reader, mail_requests
from services.intake.mail.mail_kind import Ours
from services.intake.mail.received_mail import LONGEST_TEXT, ReceivedMail

_DECISION = re.compile(r"<?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:@[^<>\s]{1,253})?>?", re.IGNORECASE)
_LONGEST_REASON = 300


@dataclass(frozen=True)
class ReturnedReply:
    """A reply of ours that came back: its decision, and the server's reason in one line."""

    decision_id: UUID
    reason: str


@dataclass(frozen=True)
class MailRequest:
    """The request as JSON, the bytes of the files that it names as stored, and the replies that came back."""

    value: dict[str, object]
    contents: tuple[bytes, ...] = ()
    returned: tuple[ReturnedReply, ...] = ()

    @property
    def request_id(self) -> UUID:
        """The same each time for one mail and agency."""
        return UUID(str(self.value["request_id"]))


def read(raw: bytes, agency: str, arrived_at: datetime, size: int, ours: Ours) -> MailRequest:
    """The mail as a request of the agency's. `size` is more than there is in `raw` where only its beginning was fetched."""
    mail = mail_reader.read(raw)
    machine = mail_kind.of(mail, ours)
    most_files = MOST_FILES - 1  # and the original
    value = mail_requests.request_of(
        mail,
        agency,
        arrived_at,
        automatic=machine,
        own_addresses=ours.addresses,
        files=lambda listed: [*({**mail_requests.about(file), "stored": True} for file in listed), _original(raw)],
        most_files=most_files,
    )
    if size > len(raw):
        note = f"This mail has {size // 1024 // 1024} MB, more than is taken: it stays in the mailbox, and this is its beginning."
        value["body"] = f"{note}\n\n{value['body']}"[:LONGEST_TEXT]
    return MailRequest(
        value, (*(file.content for file in mail.files[:most_files]), raw), tuple(_returned(mail)) if machine == "bounce" else ()
    )


def unreadable(raw: bytes, agency: str, arrived_at: datetime, why: str) -> MailRequest:
    """A request that holds nothing of the mail but its original: what can't be read by a machine, a person reads."""
    value: dict[str, object] = {
        "request_id": str(uuid5(mail_requests.MAILS, f"{agency}\n{hashlib.sha256(raw).hexdigest()}")),
        "channel": "email",
        "received_at": arrived_at.isoformat(),
        "body": f"This mail could not be read here ({why}). The original is kept with it.",
        "files": [_original(raw)],
    }
    return MailRequest(value, (raw,))


def _original(raw: bytes) -> dict[str, object]:
    digest = hashlib.sha256(raw).hexdigest()
    return {"name": ORIGINAL, "media_type": MAIL_TYPE, "size": len(raw), "sha256": digest, "stored": True}


def _returned(mail: ReceivedMail) -> list[ReturnedReply]:
    """Each reply once. Who sends such a mail must know the number of a decision, which only its recipient was told."""
    replies: dict[UUID, ReturnedReply] = {}
    for returned in bounce.returned(mail):
        named = _DECISION.fullmatch(returned.message_id or "") or _DECISION.fullmatch(returned.envelope_id or "")
        if returned.permanent and named:
            words = mail_addresses.without_addresses(f"{returned.status} {returned.diagnostic}", returned.recipient)
            reason = " ".join(words.split())[:_LONGEST_REASON] or "it came back"
            replies.setdefault(UUID(named[1]), ReturnedReply(UUID(named[1]), reason))
    return list(replies.values())
