"""What a person may do to a case, each defined once: the API's bodies, the page's forms, the rules and the log follow from here."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, get_args
from uuid import UUID

from pydantic import StringConstraints

from schemas.values import Moment, Prose, Urgency

MAX_REASON = 2_000

Reason = Annotated[Prose, StringConstraints(max_length=MAX_REASON)]
Note = Annotated[Prose, StringConstraints(max_length=MAX_REASON)]
How = Literal["phone", "letter", "in_person", "email", "agency", "other"]
"""By what way a person passed a reply on."""


@dataclass(frozen=True)
class Claim:
    """I work on it."""

    kind: ClassVar = "claim"


@dataclass(frozen=True)
class Release:
    """I do not, after all."""

    kind: ClassVar = "release"


@dataclass(frozen=True)
class TakeOver:
    """I work on what somebody else had claimed."""

    kind: ClassVar = "take-over"


@dataclass(frozen=True)
class Correct:
    """Triage saw it wrongly."""

    kind: ClassVar = "correct"
    category: Prose | None = None
    department: Prose | None = None
    urgency: Urgency | None = None


@dataclass(frozen=True)
class Redraft:
    """Write another draft, and mind this."""

    kind: ClassVar = "redraft"
    instructions: Reason | None = None


@dataclass(frozen=True)
class Approve:
    """Send it: as drafted, or as edited. `confirm_recipient` where the address is our own sender's, or one that nobody reads."""

    kind: ClassVar = "approve"
    draft_id: UUID
    subject: Prose | None = None
    body: Prose | None = None
    confirm_recipient: bool = False


@dataclass(frozen=True)
class Recall:
    """Do not send it yet."""

    kind: ClassVar = "recall"


@dataclass(frozen=True)
class Reject:
    """Not this draft, and why."""

    kind: ClassVar = "reject"
    reason: Reason


@dataclass(frozen=True)
class Close:
    """No reply will be sent, and why."""

    kind: ClassVar = "close"
    reason: Reason


@dataclass(frozen=True)
class ConfirmDelivery:
    """I found out: the citizen has it."""

    kind: ClassVar = "confirm-delivery"


@dataclass(frozen=True)
class RecordDelivery:
    """No channel could carry the reply: I gave it to the citizen. `how`, when (now, where left out) and a note."""

    kind: ClassVar = "record-delivery"
    how: How
    given_at: Moment | None = None
    note: Note = ""


@dataclass(frozen=True)
class CorrectRecipient:
    """The address is wrong: replies go to this one; none at all where it is left empty."""

    kind: ClassVar = "correct-recipient"
    email: Prose = ""


@dataclass(frozen=True)
class SendAgain:
    """It did not arrive: send the same reply once more. `confirm_recipient` as for an approval."""

    kind: ClassVar = "send-again"
    confirm_recipient: bool = False


Action = (
    Claim
    | Release
    | TakeOver
    | Correct
    | Redraft
    | Approve
    | Recall
    | Reject
    | Close
    | ConfirmDelivery
    | RecordDelivery
    | CorrectRecipient
    | SendAgain
)

ACTIONS: dict[str, type[Action]] = {action.kind: action for action in get_args(Action)}
"""By the name that stands in addresses."""
