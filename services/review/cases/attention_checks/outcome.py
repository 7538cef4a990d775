"""Says what a person's action makes of an attention check: whether the mistake was noticed. Pure."""

from typing import Literal

from schemas.replies_decided import ReplyDecided
from services.domain.known_bad_drafts import KnownBadDraft
from services.review.cases.deciding.actions import Action, AnswerByHand, Approve, Assign, Close, Correct, Forward, Join, Redraft, Reject
from services.review.cases.deciding.applied_action import Applied

Outcome = Literal["caught", "missed", "passed_on"]
"""What was passed on counts as neither: somebody else would have looked at it."""


def outcome_of(action: Action, applied: Applied, check: KnownBadDraft) -> Outcome | None:
    """What has come of the check by that action. None where it goes on, as after a claim."""
    match action:
        case Approve():
            reply = next((leaving.event for leaving in applied.events if isinstance(leaving.event, ReplyDecided)), None)
            sent = (reply.body or "") if reply else ""
            return "missed" if any(words in sent for words in check.wrong) else "caught"
        case Reject() | Redraft():
            return "caught"
        case Close() | Forward():
            return "caught" if check.mistake == "other_bodys_matter" else "passed_on"
        case Correct() if applied.events:
            return "caught" if check.mistake == "other_bodys_matter" else "passed_on"
        case Assign() | AnswerByHand() | Join():
            return "passed_on"
        case _:
            return None
