"""Joins what somebody sent twice: one case is closed as a duplicate of the other, which is answered for both. Pure; time is an argument."""

from datetime import datetime, timedelta

from services.domain import mail_addresses, wish_for_person
from services.domain.phrases import Phrase, Word
from services.review.cases.case_state import UNDECIDED, Case, State, state_of
from services.review.cases.deciding import claims, decisions
from services.review.cases.deciding.actions import Join
from services.review.cases.deciding.applied_action import Applied, changed, must_be
from services.review.cases.related.contact_keys import contact_keys
from services.review.people.rules import Person
from services.runtime.errors import Conflict, NotFound


def obstacle(case: Case, other: Case) -> str:  # noqa: PLR0911 - one line an obstacle
    """Why the case can't be closed as a duplicate of the other, in a sentence; empty where it can."""
    if case.request_id == other.request_id:
        return Phrase("it is this case itself")
    if case.agency != other.agency:
        return Phrase("it is another agency's case")
    if other.state is State.CLOSED:
        return Phrase("it is closed, so nobody would be answered")
    if other.machine:
        return Phrase("a machine wrote it, so nobody would be answered")
    if not same_sender(case, other):
        return Phrase("it is not from the same e-mail address or telephone: each person gets an answer of their own")
    if case.danger is not None:
        return Phrase("this one may be an emergency: join the other one into this")
    if wish_for_person.wishes(case.triage) and not wish_for_person.wishes(other.triage):
        return Phrase("the citizen wants a person, or no automated handling, in this one: join the other one into this")
    return ""


def same_sender(case: Case, other: Case) -> bool:
    """Whether one answer reaches whoever wrote both: a telephone that two addresses share is a household's."""
    if case.address and other.address:
        return mail_addresses.same_mailbox(case.address, other.address)
    return not set(contact_keys(case)).isdisjoint(contact_keys(other))


def joined(case: Case, action: Join, other: Case | None, person: Person, now: datetime, undo: timedelta) -> Applied:
    """Closes the case as a duplicate of the other. `other` is None where there is none that the person may see."""
    must_be(case, UNDECIDED, Word("join"))
    claims.must_be_agreed(case, person, although_claimed=action.although_claimed)
    if other is None:
        raise NotFound(f"there is no request {action.into} that is yours to see")
    if why := obstacle(case, other):
        raise Conflict(f"into: can't join it with {action.into}: {why}", field="into")
    done = decisions.closed_with(case, Phrase(f"A duplicate of {action.into}, which is answered for both."), person, now, undo)
    detail = {**done.detail, "into": str(action.into)}
    return Applied(done.case.model_copy(update={"joined_into": action.into}), done.events, detail)


def separated(case: Case, now: datetime, undo: timedelta) -> Applied:
    """Takes the case out of the other again, to be answered by itself; while its closing has not left, that is taken back."""
    if case.state is not State.CLOSED or case.joined_into is None:
        raise Conflict(f"the case is {case.state} and is joined with no other")
    detail = {"from": str(case.joined_into)}
    if now <= case.updated_at + undo:
        taken_back = decisions.recalled(case, now)
        return Applied(taken_back.case, taken_back.events, {**taken_back.detail, **detail}, takes_back=taken_back.takes_back)
    return Applied(changed(case, now, state=state_of(case), joined_into=None), detail=detail)
