"""What a case keeps of four eyes: the first approval that waits for a second person, or how it was sent back. Pure values."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from schemas.replies_decided import ReplyAttachment, ReplyDecided
from services.review.safeguards.rules import Rule


def same_files(files: Iterable[ReplyAttachment], others: Iterable[ReplyAttachment]) -> bool:
    """Whether those are the same files under the same names, in whatever order."""
    return {(file.name, file.sha256) for file in files} == {(file.name, file.sha256) for file in others}


class FirstApproval(BaseModel):
    """A text that one person has approved, word for word."""

    model_config = ConfigDict(frozen=True)

    draft_id: UUID
    by: str
    at: datetime
    subject: str
    body: str
    address: str | None
    """Where it would go: whoever corrects the recipient has changed what was approved."""
    attachments: tuple[ReplyAttachment, ...] = ()
    """What goes with it."""
    earlier: tuple[str, ...] = ()
    """Who approved other texts of the same draft before: none of them is the second person."""

    def same_as(self, decision: ReplyDecided, address: str | None) -> bool:
        """Whether that is what was approved, with the same files, to whom it was."""
        same_text = (self.subject, self.body, self.address) == (decision.subject, decision.body, address)
        return same_text and same_files(self.attachments, decision.attachments)


class SentBack(BaseModel):
    """A first approval that a second person did not share, and why."""

    model_config = ConfigDict(frozen=True)

    draft_id: UUID
    by: str
    at: datetime
    reason: str
    approved_by: str
    subject: str
    body: str
    attachments: tuple[ReplyAttachment, ...] = ()


class BlindLook(BaseModel):
    """What a second person would have sent, or why nothing, decided without knowing what the first one approved."""

    model_config = ConfigDict(frozen=True)

    draft_id: UUID
    by: str
    at: datetime
    subject: str = ""
    body: str = ""
    attachments: tuple[ReplyAttachment, ...] = ()
    sends: bool = True
    reason: str = ""


class FourEyes(BaseModel):
    """Why a second person is asked for, and how far that is."""

    model_config = ConfigDict(frozen=True)

    because: Rule
    first: FirstApproval | None = None
    sent_back: SentBack | None = None
    looks: tuple[BlindLook, ...] = ()
    """Where a share is drawn: of second people who have decided without knowing of the first. From then on they see both."""
