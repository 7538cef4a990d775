"""Applies a person's action to a case: the new case and the events to publish, or the reason against it. Pure; time is an argument."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from schemas.replies_decided import ReplyAttachment
from services.domain.taxonomy import Taxonomy
from services.review.cases.case_state import Case
from services.review.cases.deciding import (
    answers_by_hand,
    assignment,
    blind_looks,
    claims,
    decisions,
    deliveries,
    draft_requests,
    four_eyes,
    joining,
    machine_mail,
    triage_correction,
)
from services.review.cases.deciding.actions import (
    Action,
    AnswerByHand,
    Approve,
    Assign,
    Claim,
    Close,
    ConfirmDelivery,
    Correct,
    CorrectRecipient,
    Forward,
    Join,
    Recall,
    RecordDelivery,
    Redraft,
    Reject,
    Release,
    SendAgain,
    SendBack,
    Separate,
    TakeOver,
    WrittenByPerson,
)
from services.review.cases.deciding.applied_action import Applied
from services.review.people.rules import Person
from services.review.safeguards.rules import Rule
from services.runtime.errors import Conflict, NotAllowed, NotFound

AROUND_A_LOOK = (AnswerByHand, Close, Join, Recall, Redraft, Reject)
"""What ends a draft, or shows who has decided on it: not for the second person before they have said what they would send."""


def visible(case: Case, person: Person) -> Case:
    """The case, where it is this person's to see. Raises NotAllowed; NotFound where even whose it is is not theirs to know."""
    if not person.scope.has_agency(case.agency) or case.invented_for not in (None, person.email):
        raise NotFound(f"there is no request {case.request_id}")
    if not in_scope(case, person):
        raise NotAllowed(f"the case belongs to {case.department}: ask a supervisor, or someone there")
    return case


def in_scope(case: Case, person: Person) -> bool:
    """Whether the case is this person's to see. The queries say the same in `listing.in_scope`."""
    if case.invented_for not in (None, person.email):
        return False
    return person.scope.has_agency(case.agency) and person.scope.has_department(None if case.everybodys else case.department)


def apply(  # noqa: C901, PLR0911, PLR0912 - one line an action
    case: Case,
    action: Action,
    person: Person,
    now: datetime,
    taxonomy: Taxonomy,
    undo: timedelta,
    senders: Collection[str] = (),
    colleague: Person | None = None,
    second_person: Rule | None = None,
    *,
    look_at_figures: bool = False,
    other: Case | None = None,
    written_again: bool = False,
    files: Sequence[ReplyAttachment] | None = None,
) -> Applied:
    """Applies the action, or raises an error that says why not.

    `senders` are the addresses that replies are sent from; `colleague` is whom an action names, where there is such a person;
    `second_person` is the rule that asks an approval for one; `look_at_figures` whether one asks to look at each unsupported figure;
    `other` is the case that an action names; `written_again` whether the citizen has, and that message is still open;
    `files` go with the reply.
    """
    visible(case, person)
    if isinstance(action, AROUND_A_LOOK) and blind_looks.is_blind(case, person):
        raise Conflict(
            "this draft was drawn for a second look: approve it as if nobody had, or send it back with a reason, and then do this"
        )
    machine_mail.must_be_a_persons(case, action)
    if written_again and isinstance(action, Approve) and not action.confirm_follow_up:
        raise Conflict(
            "confirm_follow_up: the citizen has written again, which this reply knows nothing of: read that message, then confirm (true),"
            " or answer both in one reply",
            field="confirm_follow_up",
        )
    match action:
        case Claim() | TakeOver():
            return claims.claimed(case, person, now, take_over=isinstance(action, TakeOver))
        case Release():
            return claims.released(case, person, now)
        case Assign():
            may_see = colleague is not None and in_scope(case, colleague)
            return assignment.assigned(case, action, person, colleague, now, may_see=may_see)
        case Forward():
            return assignment.forwarded(case, action, person, now, taxonomy)
        case Correct():
            return triage_correction.corrected(case, action, person, now, taxonomy)
        case WrittenByPerson():
            return machine_mail.written_by_person(case, now, taxonomy)
        case Redraft():
            return draft_requests.redrafted(case, action.instructions, now)
        case Approve():
            return four_eyes.approved(case, action, person, now, undo, senders, second_person, look_at_figures=look_at_figures, files=files)
        case Recall():
            return four_eyes.recalled(case, person, now)
        case Reject():
            return decisions.rejected(case, action, person, now, undo)
        case SendBack():
            return four_eyes.sent_back(case, action, person, now)
        case Close():
            return decisions.closed(case, action, person, now, undo)
        case AnswerByHand():
            return answers_by_hand.answered(case, action, person, now, undo)
        case Join():
            theirs = other is not None and in_scope(other, person)
            return joining.joined(case, action, other if theirs else None, person, now, undo)
        case Separate():
            return joining.separated(case, now, undo)
        case ConfirmDelivery():
            return deliveries.confirmed(case, now)
        case RecordDelivery():
            return deliveries.recorded(case, action, now)
        case CorrectRecipient():
            return deliveries.recipient_corrected(case, action, now)
        case SendAgain():
            return deliveries.sent_again(case, action, person, now, senders)
