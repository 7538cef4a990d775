"""Places attention checks behind decisions, and takes a person's actions on them: nothing of these ever reaches the outbox."""

from datetime import datetime
from uuid import uuid4

from schemas.replies_decided import ReplyDecided
from services.domain.taxonomy import Taxonomy
from services.review.cases.attention_checks import check_store, placing
from services.review.cases.attention_checks.outcome import Outcome, outcome_of
from services.review.cases.case_state import Case, State
from services.review.cases.deciding.actions import Action
from services.review.cases.deciding.applied_action import Applied, changed
from services.review.people.rules import Person
from services.review.safeguards import drawing, rules
from services.review.safeguards.rules import Approval
from services.review.safeguards.store import Standing
from services.runtime.database import Session
from services.runtime.errors import Conflict

PURPOSE = "attention check"


async def answer(session: Session, before: Case, applied: Applied, action: Action, now: datetime) -> tuple[Case, Outcome | None]:
    """Keeps what an action makes of a check. Its events are dropped: the message is invented, and nobody waits for an answer."""
    if await check_store.answered(session, before.request_id):
        raise Conflict("this was a test draft, and what was wrong with it has been shown: there is nothing left to undo")
    check = await check_store.check_of(session, before.request_id)
    outcome = outcome_of(action, applied, check) if check else "passed_on"
    after = changed(before, now, state=State.CLOSED) if outcome else applied.case.model_copy(update={"invented_for": before.invented_for})
    await check_store.save(session, after, outcome, now)
    return after, outcome


async def place_if_drawn(
    session: Session, before: Case, applied: Applied, person: Person, standing: Standing, taxonomy: Taxonomy, now: datetime
) -> None:
    """Puts a check into the queue of whoever has decided on a draft, where the decision is drawn and none waits for them."""
    decision = next((leaving.event for leaving in applied.events if isinstance(leaving.event, ReplyDecided)), None)
    if not decision or not before.draft or not before.triage or not before.request:
        return
    share = rules.share_of(standing.rules, "test_drafts", Approval(before.agency, before.category, before.urgency))
    if not drawing.is_drawn(standing.draw_secret, PURPOSE, decision.decision_id, share):
        return
    if await check_store.waiting(session, person.email):
        return
    number = drawing.number(standing.draw_secret, "which check", decision.decision_id)
    check = placing.choice(person, before, await check_store.last_seen(session, person.email), taxonomy, now, number)
    if check:
        case = placing.placed(check, person, before, taxonomy, now, uuid4(), number)
        await check_store.add(session, case, check, now)
