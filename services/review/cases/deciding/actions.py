"""The actions on a case, each defined once: API bodies, page forms, rules and log entries follow from here."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, get_args
from uuid import UUID

from pydantic import StringConstraints

from schemas.replies_decided import ByHand
from schemas.requests_triaged import LetterKind
from schemas.values import Moment, Prose, Urgency

MAX_REASON = 2_000

Reason = Annotated[Prose, StringConstraints(max_length=MAX_REASON)]
Note = Annotated[Prose, StringConstraints(max_length=MAX_REASON)]
How = ByHand
"""By what way a person passed a reply on."""


@dataclass(frozen=True)
class Claim:
    """Assigns the case to the person."""

    kind: ClassVar = "claim"


@dataclass(frozen=True)
class Release:
    """Gives up the assignment."""

    kind: ClassVar = "release"


@dataclass(frozen=True)
class TakeOver:
    """Assigns to the person a case that somebody else had claimed."""

    kind: ClassVar = "take-over"


@dataclass(frozen=True)
class Assign:
    """Gives the case to a colleague, with a note. Whoever decides on it signs for it."""

    kind: ClassVar = "assign"
    to: Prose
    note: Note = ""


@dataclass(frozen=True)
class Forward:
    """Passes the case on to another department, with a note: it is nobody's there until somebody takes it up."""

    kind: ClassVar = "forward"
    department: Prose
    note: Note = ""


@dataclass(frozen=True)
class Correct:
    """Corrects category, department, urgency or the kind of letter."""

    kind: ClassVar = "correct"
    category: Prose | None = None
    department: Prose | None = None
    urgency: Urgency | None = None
    letter: LetterKind | None = None


@dataclass(frozen=True)
class WrittenByPerson:
    """Says that a person wrote what the headers of its mail call a machine's: it goes on as any other case."""

    kind: ClassVar = "written-by-person"


@dataclass(frozen=True)
class Redraft:
    """Asks for another draft, with instructions."""

    kind: ClassVar = "redraft"
    instructions: Reason | None = None


@dataclass(frozen=True)
class Approve:
    """Approves the reply, as drafted or as edited, or a first approval as its second person.

    `confirm_recipient` where the address is our own sender's, or one that nobody reads;

    `confirm_follow_up` where the citizen has written again since;
    `although_claimed` where a colleague works on the case, here as for the other decisions.
    `looked_at` names figures that no passage supports, by their ids, where a rule asks to look at each.
    `shown` stands for the text and the recipient that the person saw: no other is approved. `group` was answered together.
    `attachments` names files that the quoted articles offer, each by its name, or by `sha256/name` to take it only as it was seen;
    left out: none, or of a second person what was approved first.
    """

    kind: ClassVar = "approve"
    draft_id: UUID
    subject: Prose | None = None
    body: Prose | None = None
    confirm_recipient: bool = False
    confirm_follow_up: bool = False
    although_claimed: bool = False
    looked_at: tuple[Prose, ...] = ()
    shown: Prose = ""
    attachments: tuple[Prose, ...] | None = None
    group: UUID | None = None


@dataclass(frozen=True)
class Recall:
    """Takes back an approval, a rejection or a closing before it leaves, or one's own approval that waits for a second person."""

    kind: ClassVar = "recall"


@dataclass(frozen=True)
class Reject:
    """Rejects the draft, with a reason; another is written."""

    kind: ClassVar = "reject"
    reason: Reason
    although_claimed: bool = False


@dataclass(frozen=True)
class SendBack:
    """Sends a first approval back to whoever gave it, with a reason: the second person does not share it."""

    kind: ClassVar = "send-back"
    reason: Reason


@dataclass(frozen=True)
class Close:
    """Closes the case without a reply, with a reason."""

    kind: ClassVar = "close"
    reason: Reason
    although_claimed: bool = False


@dataclass(frozen=True)
class AnswerByHand:
    """Closes the case as answered by a person, as by telephone: `how`, when (now, where left out) and, as the note, what was said.

    Nothing is sent.
    """

    kind: ClassVar = "answer-by-hand"
    how: How
    note: Note
    given_at: Moment | None = None
    although_claimed: bool = False


@dataclass(frozen=True)
class Join:
    """Closes the case as a duplicate of another of the same person, which is answered for both."""

    kind: ClassVar = "join"
    into: UUID
    although_claimed: bool = False


@dataclass(frozen=True)
class Separate:
    """Takes a case out of the one that it was joined into: it is answered by itself."""

    kind: ClassVar = "separate"


@dataclass(frozen=True)
class ConfirmDelivery:
    """Confirms a delivery that had failed or was in doubt: the citizen has the reply."""

    kind: ClassVar = "confirm-delivery"


@dataclass(frozen=True)
class RecordDelivery:
    """Records that a person gave the reply to the citizen where no channel could carry it: `how`, when (now, where left out) and a note."""

    kind: ClassVar = "record-delivery"
    how: How
    given_at: Moment | None = None
    note: Note = ""


@dataclass(frozen=True)
class CorrectRecipient:
    """Corrects the address that replies go to; empty: none, the reply is passed on by hand."""

    kind: ClassVar = "correct-recipient"
    email: Prose = ""


@dataclass(frozen=True)
class SendAgain:
    """Sends the same reply once more. `confirm_recipient` as for an approval."""

    kind: ClassVar = "send-again"
    confirm_recipient: bool = False


Action = (
    Claim
    | Release
    | TakeOver
    | Assign
    | Forward
    | Correct
    | WrittenByPerson
    | Redraft
    | Approve
    | Recall
    | Reject
    | SendBack
    | Close
    | AnswerByHand
    | Join
    | Separate
    | ConfirmDelivery
    | RecordDelivery
    | CorrectRecipient
    | SendAgain
)

ACTIONS: dict[str, type[Action]] = {action.kind: action for action in get_args(Action)}
"""By the name that stands in addresses."""
