"""Joins a message to its thread, and does what a follow-up means for the case before it, each within a transaction of its caller.

A case that ended without an answer is open again, and a waiting draft is approved only by whoever has seen the follow-up.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from schemas.replies_decided import ReplyDecided
from services.domain import wish_for_person
from services.review.audit import store as audit
from services.review.audit.store import Entry
from services.review.cases import store
from services.review.cases.case_state import UNDECIDED, Case, State, state_of
from services.review.cases.deciding import decisions, draft_requests
from services.review.cases.deciding.applied_action import changed
from services.review.cases.related import link_store
from services.review.cases.related.contact_keys import same_writer
from services.runtime import outbox
from services.runtime.database import Session

ASKS_NOTHING = ("no_answer", "praise")
"""Kinds of letters that leave a closed case closed, where triage is sure of the kind."""


async def join(session: Session, before: Case, after: Case, now: datetime, service: str, first_nudge: timedelta) -> None:
    """Links a message that has just come, or has just been sorted, with its thread; sorted, it re-opens what it follows."""
    if not after.request or (before.request and before.triage):
        return
    fresh = await link_store.keep_thread(session, after.request, audit.PARVIS, now)
    action = "automatic reply came" if after.request.automatic else "written again"
    for number, earlier in (await store.cases_of(session, fresh)).items():
        if earlier.agency == after.agency:
            await audit.add(session, Entry(now, audit.PARVIS, action, number, {"followed_by": str(after.request_id)}))
    if after.triage and not after.machine:
        await share_wish(session, after, now, service, first_nudge)
        await reopen(session, after, now, service, first_nudge)


async def take_as_persons(session: Session, case: Case, now: datetime, service: str, first_nudge: timedelta) -> None:
    """Gives a message that was taken for a machine's mail its place in the thread as a person's."""
    await link_store.take_as_persons(session, case.request_id)
    await share_wish(session, case, now, service, first_nudge)
    await reopen(session, case, now, service, first_nudge)


async def share_wish(session: Session, follow_up: Case, now: datetime, service: str, first_nudge: timedelta) -> None:
    """Lets a wish for a person bind what its writer has open in the thread: the message before it, and the one after."""
    followed = await store.cases_of(session, await link_store.follows(session, follow_up.request_id))
    theirs = [case for _, case in sorted(followed.items()) if is_by_citizen(case, follow_up)]
    voiced = wish_for_person.wishes(follow_up.triage)
    heard = voiced or [wish for case in theirs for wish in wish_for_person.wishes(case.triage)]
    for earlier in theirs if voiced else [follow_up] if heard else []:
        case = await store.case_for(session, earlier.request_id)  # held from here on: somebody may have been faster
        if case.state not in UNDECIDED or not case.triage or wish_for_person.wishes(case.triage):
            continue
        bound = changed(case, now, triage=case.triage.model_copy(update={"signals": [*case.triage.signals, *heard[:1]]}))
        if case.state is State.DRAFTING or (case.draft and case.draft.drafted_by == "model" and case.state is State.AWAITING_APPROVAL):
            applied = draft_requests.redrafted(bound, None, now)
            bound = applied.case
            for leaving in applied.events:
                await outbox.add(session, service, leaving.event, lane=case.agency or "")
        await store.save(session, bound, store.pause_for(bound, now, first_nudge))
        await audit.add(session, Entry(now, audit.PARVIS, "heed wish for a person", case.request_id, {"revision": bound.revision}))


async def reopen(session: Session, follow_up: Case, now: datetime, service: str, first_nudge: timedelta) -> None:
    """Opens again what the message follows and ended without an answer. What was answered stays so: the message is a case itself."""
    if follow_up.triage and follow_up.triage.letter_sure and follow_up.triage.letter in ASKS_NOTHING:
        return
    followed = await store.cases_of(session, await link_store.follows(session, follow_up.request_id))
    for number in sorted(number for number, case in followed.items() if ended_without_answer(case) and is_by_citizen(case, follow_up)):
        case = await store.case_for(session, number)  # held from here on: somebody may have been faster
        made = [decision for decision, recalled_at in await store.decisions_of(session, number) if not recalled_at]
        if not ended_without_answer(case) or (made and made[-1].answered_by):
            continue
        closing = decisions.recallable(case)
        if closing and await outbox.recall(session, service, str(closing), ReplyDecided.topic):
            await store.mark_recalled(session, closing, now)
        opened = changed(case, now, state=state_of(case))
        await store.save(session, opened, store.pause_for(opened, now, first_nudge))
        detail = {"followed_by": str(follow_up.request_id), "state": [case.state.value, opened.state.value]}
        await audit.add(session, Entry(now, audit.PARVIS, "reopen", number, detail))


def ended_without_answer(case: Case) -> bool:
    """Whether a person has closed the case: not as a duplicate, which another case answers, and not by itself as a machine's mail."""
    return case.state is State.CLOSED and case.joined_into is None and not case.machine


def is_by_citizen(case: Case, follow_up: Case) -> bool:
    """Whether whoever wrote the case wrote its follow-up. A number in a subject anybody may have read somewhere."""
    if not follow_up.request or follow_up.agency != case.agency:
        return False
    same = same_writer(case, follow_up)
    # Of whom an agency writes down a call, it knows who it was; a mail without a sender may be anybody's.
    believed = follow_up.request.in_reply_to == case.request_id and follow_up.request.channel != "email"
    return believed if same is None else same


async def written_again(session: Session, case: Case) -> Sequence[Case]:
    """The citizen's open follow-ups of a case that waits for a decision: its draft knows nothing of them."""
    if not case.decidable or case.invented_for:
        return []
    following: list[UUID] = await link_store.followed_by(session, case.request_id)
    cases = await store.cases_of(session, following)
    return [
        cases[number]
        for number in following
        if number in cases and cases[number].state is not State.CLOSED and is_by_citizen(case, cases[number])
    ]
