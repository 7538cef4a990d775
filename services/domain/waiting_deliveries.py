"""Why a delivery waits, in words of our own: what a server said may hold a citizen's name. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.domain.phrases import Phrase

Reason = Literal[
    "no_answer", "unreachable", "dropped", "tls", "credentials", "busy", "refused", "file_missing", "not_written", "closed_address", "other"
]
"""A code, for logs, spans and figures."""

REASONS: Mapping[Reason, Phrase] = {
    "no_answer": Phrase("the server does not answer in time"),
    "unreachable": Phrase("the server can't be reached"),
    "dropped": Phrase("the connection to the server broke off"),
    "tls": Phrase("no safe connection could be made: look at the server's certificate"),
    "credentials": Phrase("the server refuses the user name or the password"),
    "busy": Phrase("the server asks to try again later"),
    "refused": Phrase("the server refuses it for now"),
    "file_missing": Phrase("a file that goes with the reply can't be read"),
    "not_written": Phrase("the mail can't be written to its folder: look at the disk"),
    "closed_address": Phrase("the webhook's name leads where nothing is sent to"),
    "other": Phrase("the attempt failed; the log of dispatch says where"),
}

Work = Literal["reply", "acknowledgement", "webhook"]


@dataclass(frozen=True)
class WaitingDelivery:
    """What was tried, did not go out, and is tried again. `since`: when it was decided. `decision_id` of a receipt is its own id."""

    work: Work
    decision_id: UUID
    request_id: UUID
    agency: str | None
    since: datetime
    attempts: int
    reason: Reason
    next_attempt_at: datetime

    @property
    def why(self) -> str:
        """The reason as a sentence."""
        return REASONS.get(self.reason, REASONS["other"])


@dataclass(frozen=True)
class WaitingSummary:
    """How many deliveries of one kind wait for one reason, and the oldest of them."""

    work: Work
    reason: Reason
    count: int
    since: datetime

    @property
    def why(self) -> str:
        """The reason as a sentence."""
        return REASONS.get(self.reason, REASONS["other"])
