"""What a person has told the citizen themselves, by telephone, letter or in person. Pure; time is an argument."""

from datetime import datetime, timedelta
from typing import get_args

from schemas.replies_decided import ReplyDecided
from schemas.replies_dispatched import ReplyDispatched
from services.domain.phrases import Phrase, Word
from services.review.cases.case_state import CLOCKS_DIFFER, UNDECIDED, Case, State
from services.review.cases.deciding import claims
from services.review.cases.deciding.actions import AnswerByHand, How
from services.review.cases.deciding.applied_action import Applied, changed, hidden, must_be, reason_of
from services.review.cases.deciding.decisions import leaving, new_decision
from services.review.people.rules import Person
from services.runtime.errors import Conflict, InvalidInput

ANSWERABLE = UNDECIDED - {State.RECEIVED}
"""Nothing has been decided on yet: what was approved is on its way, or waits to be passed on."""


def answered(case: Case, action: AnswerByHand, person: Person, now: datetime, undo: timedelta) -> Applied:
    """Closes the case as answered: a decision of a named person, after which nothing is mailed."""
    must_be(case, ANSWERABLE, Word("record an answer by hand to"))
    if case.first_approval:
        raise Conflict("a reply waits for a second person: take that approval back, or send it back, and then record your answer")
    claims.must_be_agreed(case, person, although_claimed=action.although_claimed)
    came = case.request.received_at if case.request else case.created_at
    given_at = moment_of(action.how, action.given_at, came, Phrase("the message came in"), now)
    note = reason_of(action.note, "note")
    facts = {"reason": note, "send_after": now + undo, "answered_by": action.how, "answered_at": given_at}
    decision = new_decision(case, "closed", person, now).model_copy(update=facts)
    # Told of as of now: statuses that agencies see are in the order of what was decided.
    delivered = delivered_by_a_person(case, decision, f"answered by a person: {action.how.replace('_', ' ')}", now)
    detail = {
        "decision_id": str(decision.decision_id),
        "how": action.how,
        "given_at": given_at.isoformat(),
        "note": hidden(case, note, "note"),
    }
    return Applied(changed(case, now, state=State.CLOSED), (leaving(decision), leaving(decision, delivered)), detail)


def moment_of(how: str, given_at: datetime | None, earliest: datetime, what_was_then: str, now: datetime) -> datetime:
    """When the citizen was told, now where nothing is said. Raises InvalidInput naming the field, also for a way that there is not."""
    if how not in get_args(How):
        raise InvalidInput(f"how: there is no {how!r}; use one of {', '.join(get_args(How))}", field="how")
    moment = given_at or now
    if moment > now + CLOCKS_DIFFER:
        raise InvalidInput(f"given_at: {moment.isoformat()} is still to come; record it once it is done", field="given_at")
    if moment < earliest - CLOCKS_DIFFER:
        raise InvalidInput(f"given_at: that was before {what_was_then}; give the moment when the citizen had it", field="given_at")
    return moment


def delivered_by_a_person(case: Case, decision: ReplyDecided, detail: str, at: datetime) -> ReplyDispatched:
    """The `replies.dispatched` event of a reply that a person delivered, with its agency, since two may have used one request id."""
    return ReplyDispatched(
        request_id=case.request_id,
        decision_id=decision.decision_id,
        agency=case.agency,
        outcome="delivered",
        channel="none",
        attempts=0,
        detail=detail,
        dispatched_at=at,
    )
