"""Re-opens the matter of a reply that did not solve it: what its citizen wrote by the link goes on with the earlier case.

Intake knows no identity, so that whose message it is, is looked up here, and only of what intake itself has signed.
"""

from datetime import datetime, timedelta

from schemas.requests_received import RequestReceived
from services.domain.taxonomy import Taxonomy
from services.review.audit import store as audit
from services.review.audit.store import Entry
from services.review.cases import store
from services.review.cases.case_state import UNDECIDED, Case, State
from services.review.cases.deciding.applied_action import changed
from services.review.cases.deciding.draft_requests import draft_request, next_revision
from services.review.cases.queue.list_order import RANKS
from services.runtime import outbox
from services.runtime.database import Session


async def with_citizen(session: Session, request: RequestReceived) -> RequestReceived:
    """The message with the citizen of the case that it follows; as it came where there is no such case or reply of its agency.

    Once it is a case, its own citizen stays: the recipient of the earlier case may have been corrected since.
    """
    if request.unsolved_by is None or request.in_reply_to is None:
        return request
    mine = await store.request_in(session, request.request_id)
    earlier = (await store.cases_of(session, [request.in_reply_to])).get(request.in_reply_to)
    if mine:
        return request.model_copy(update={"citizen": mine.citizen, "unsolved_by": mine.unsolved_by})
    if not earlier or not earlier.request or earlier.agency != request.agency:
        return request.model_copy(update={"unsolved_by": None})
    decided = {decision.decision_id for decision, recalled_at in await store.decisions_of(session, earlier.request_id) if not recalled_at}
    if request.unsolved_by not in decided:
        return request.model_copy(update={"unsolved_by": None})
    return request.model_copy(update={"citizen": earlier.recipient})


async def take_over(
    session: Session, before: Case, after: Case, taxonomy: Taxonomy, now: datetime, service: str, first_nudge: timedelta
) -> Case:
    """Sorts a message that re-opens a matter, once it is there and triaged, as the case before it: it is the same matter."""
    request, triage = after.request, after.triage
    if not request or not triage or not request.unsolved_by or not request.in_reply_to or (before.request and before.triage):
        return after
    after = await store.case_for(session, after.request_id)  # as its thread has left it: it may have taken over a wish for a person
    earlier = (await store.cases_of(session, [request.in_reply_to])).get(request.in_reply_to)
    if not earlier or not earlier.category or not earlier.department or after.state not in UNDECIDED:
        return after
    taken, fresh = as_earlier(after, earlier, taxonomy, now)
    if fresh:
        await outbox.add(session, service, draft_request(taken), lane=taken.agency or "")
    await store.save(session, taken, store.pause_for(taken, now, first_nudge))
    sides = {name: [getattr(after, name), getattr(taken, name)] for name in ("category", "department", "urgency")}
    detail = {name: [str(side or "") for side in both] for name, both in sides.items() if both[0] != both[1]}
    await audit.add(session, Entry(now, audit.PARVIS, "take over", after.request_id, {"from": str(earlier.request_id), **detail}))
    return taken


def as_earlier(case: Case, earlier: Case, taxonomy: Taxonomy, now: datetime) -> tuple[Case, bool]:
    """The case sorted as the one that it goes on with, at least as urgent, and whether it needs another draft for that. Pure.

    It is due when the earlier one was, unless it is due sooner: the citizen has waited since their first message.
    """
    urgency = min(case.urgency, earlier.urgency, key=RANKS.__getitem__)
    asked_at = case.request.received_at if case.request else now
    due = min(filter(None, (taxonomy.due(earlier.category or "", urgency, asked_at), earlier.due_at)), default=None)
    by_person = case.sorted_by_person or earlier.sorted_by_person
    taken = changed(
        case, now, category=earlier.category, department=earlier.department, urgency=urgency, due_at=due, sorted_by_person=by_person
    )
    unsure = case.triage is not None and case.triage.outcome == "needs_triage"
    if not unsure and (case.category, case.urgency) == (taken.category, urgency):
        return taken, False
    return taken.model_copy(update={"revision": next_revision(case), "state": State.DRAFTING}), True
