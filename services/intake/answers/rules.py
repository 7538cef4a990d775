"""What a citizen answers to "did this reply solve the matter?", and the message that "no" becomes. Pure."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from schemas.invisible_characters import is_blank
from schemas.replies_rated import ReplyRated
from schemas.values import without_gaps
from services.intake.posted_form import Form
from services.runtime.message_catalogues import PageLanguage

MOST_CHARACTERS = 20_000
_TOKEN = re.compile("[a-z2-7]{32}")

BARE: Mapping[PageLanguage, str] = {
    "en": "The reply did not solve the matter.",
    "fr": "La réponse n’a pas réglé la question.",
}
"""What the office reads where nothing was typed."""

Fault = Literal["", "nothing_chosen", "too_long"]


@dataclass(frozen=True)
class AskedReply:
    """A reply that asks, and what was answered so far: nothing, or whether it solved the matter."""

    token_hash: str
    agency: str
    request_id: UUID
    decision_id: UUID
    asked_at: datetime
    solved: bool | None = None
    rated_at: datetime | None = None


@dataclass(frozen=True)
class Answer:
    """What was chosen, if anything was, and typed."""

    solved: bool | None = None
    words: str = ""

    @property
    def fault(self) -> Fault:
        """Why it can't be taken as it is."""
        if self.solved is None:
            return "nothing_chosen"
        return "too_long" if not self.solved and len(self.words) > MOST_CHARACTERS else ""


def hash_of(token: str) -> str | None:
    """What a link's token is known by; None where it can't be one."""
    token = token.lower()
    return hashlib.sha256(token.encode()).hexdigest() if _TOKEN.fullmatch(token) else None


def read(form: Form) -> Answer:
    """The form as it was sent. Who typed what is missing and chose nothing has said that it is not solved."""
    words = without_gaps(form.get("missing") or "").replace("\r\n", "\n").replace("\r", "\n")
    words = "" if is_blank(words) else words
    chosen = {"yes": True, "no": False}.get(form.get("solved") or "")
    return Answer(False if chosen is None and words else chosen, words)


def takes(reply: AskedReply, answer: Answer) -> bool:
    """Whether the answer says something new: what seemed solved may turn out not to be, and "no" is with the office already."""
    return reply.solved is None or (reply.solved and answer.solved is False)


def rated(reply: AskedReply, now: datetime, *, solved: bool) -> ReplyRated:
    """The event that tells review."""
    return ReplyRated(request_id=reply.request_id, decision_id=reply.decision_id, agency=reply.agency, solved=solved, rated_at=now)


def follow_up(reply: AskedReply, answer: Answer, language: PageLanguage) -> dict[str, object]:
    """The message that re-opens the matter. Whose it is only review knows; its number is drawn, so that nobody can take it first."""
    return {
        "channel": "web",
        "language": language,
        "body": answer.words or BARE[language],
        "in_reply_to": str(reply.request_id),
        "unsolved_by": str(reply.decision_id),
    }
