"""`parvis.replies.decided.v1`: a named person's decision. Holds the citizen's identity."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from schemas.values import AgencySlug, Channel, Event, Line, Moment, Person, Value

TOPIC = "parvis.replies.decided.v1"

Decision = Literal["approved", "edited", "rejected", "closed"]
ByHand = Literal["phone", "letter", "in_person", "email", "agency", "other"]
"""By what way a person gave an answer."""


class ReplyAttachment(Value):
    """A published file that goes with the reply: its bytes lie in the installation's store of files, under the agency and `sha256`."""

    name: Annotated[Line, StringConstraints(min_length=1, max_length=255)]
    media_type: Annotated[Line, StringConstraints(pattern=r"^[a-z]+/[a-z0-9.+-]+$", max_length=127)]
    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=1)]


class ReplyDecided(Event):
    """Only `approved` and `edited` carry a text and are sent; the others say that there will be none, and why."""

    topic: ClassVar[str] = TOPIC

    decision_id: UUID
    draft_id: UUID | None = None
    agency: AgencySlug | None = None
    channel: Channel | None = None
    language: str | None = None
    decision: Decision
    decided_by: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    seconded_by: str | None = None
    decided_at: Moment
    send_after: Moment | None = None
    subject: str | None = None
    body: str | None = None
    recipient: Person | None = None
    reason: str | None = None
    answered_by: ByHand | None = None
    """Of what is closed: the citizen has an answer, which a person gave in this way; `reason` says in short what it was."""
    answered_at: Moment | None = None
    answers_mail: str | None = None
    """The Message-ID of the citizen's mail, where it came by one: the reply goes into its thread."""
    references: list[str] = []
    """The mails before that one in its thread, the oldest first."""
    in_reply_to: UUID | None = None
    """Of a message that the citizen wrote by the link in a reply, which their agency never had: the request that it goes on with."""
    attachments: list[ReplyAttachment] = []
    edit_kinds: list[str] = []
    edit_distance: int = 0
    note: str = ""
    """What stands at the end of `body`, beneath the words that were decided on: how the reply came about, and where to object."""
    rating_hash: str | None = None
    """The SHA-256 of the token in the note's link by which the citizen says whether the reply solved the matter."""

    @property
    def own_text(self) -> str:
        """The body without the note."""
        return (self.body or "").removesuffix(self.note).rstrip() if self.note else self.body or ""
