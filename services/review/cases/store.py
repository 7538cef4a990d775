"""Database queries that load and save single cases, their drafts, decisions and deliveries."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, delete, select

from schemas.drafts_proposed import DraftProposed
from schemas.replies_decided import ReplyDecided
from schemas.replies_dispatched import ReplyDispatched
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from schemas.values import Urgency
from services.domain import known_bad_drafts
from services.review.cases.attention_checks import check_store
from services.review.cases.case_state import UNDECIDED, WAITS_FOR_SOMEBODY, Case, State
from services.review.cases.daily_figures import daily_store
from services.review.cases.deciding.first_approval import FourEyes
from services.review.cases.queue import counts_store
from services.review.cases.queue.list_order import RANKS, THOUSANDTHS
from services.review.cases.related import contact_store
from services.review.cases.search import search_store
from services.review.cases.tables import CaseRow, DecisionRow, DeliveryRow, DraftRow
from services.runtime.database import Moment, Session, insert_new, lines
from services.runtime.errors import NotFound, Refused


async def case_for(session: Session, request_id: UUID) -> Case:
    """The case, held for this transaction. Raises NotFound."""
    row = await session.get(CaseRow, request_id, with_for_update=True)
    if not row and (check := await check_store.case_of(session, request_id, for_update=True)):
        return check
    if not row:
        raise NotFound(f"there is no request {request_id}")
    return _case(row)


async def case_or_new(session: Session, request_id: UUID, now: datetime, trace: dict[str, str]) -> Case:
    """The case, made by whichever event comes first; its trace goes on from there."""
    fresh = Case(request_id=request_id, version=0, created_at=now, updated_at=now, trace=trace)
    await insert_new(session, row_of(fresh, None))
    return await case_for(session, request_id)


async def look(session: Session, request_id: UUID) -> Case:
    """The case as it is, without holding it. Raises NotFound."""
    row = await session.get(CaseRow, request_id)
    if not row and (check := await check_store.case_of(session, request_id)):
        return check
    if not row:
        raise NotFound(f"there is no request {request_id}")
    return _case(row)


async def cases_of(session: Session, request_ids: Collection[UUID]) -> dict[UUID, Case]:
    """These cases as they are, without holding them."""
    rows = (await session.exec(select(CaseRow).where(col(CaseRow.request_id).in_(request_ids)))).all() if request_ids else ()
    return {row.request_id: _case(row) for row in rows}


async def addresses_returned_from(session: Session, request_ids: Sequence[UUID]) -> list[str]:
    """The addresses that the last replies of these cases came back from."""
    returned = (col(CaseRow.request_id).in_(request_ids), col(CaseRow.returned_decision).is_not(None))
    rows = await lines(session, sa.select(col(CaseRow.decision)).where(*returned)) if request_ids else ()
    decided = [ReplyDecided.model_validate(row.decision) for row in rows if row.decision]
    return [decision.recipient.email for decision in decided if decision.recipient and decision.recipient.email]


async def cases_before(session: Session, before: tuple[datetime, UUID] | None, limit: int) -> list[tuple[datetime, Case]]:
    """The newest cases that came before that moment and id, held for this transaction; what is held already is being written anyway."""
    statement = select(CaseRow).where(col(CaseRow.whole)).order_by(col(CaseRow.received_at).desc(), col(CaseRow.request_id).desc())
    if before:
        place = sa.tuple_(sa.literal(before[0], Moment()), sa.literal(before[1], sa.Uuid()))
        statement = statement.where(sa.tuple_(col(CaseRow.received_at), col(CaseRow.request_id)) < place)
    rows = (await session.exec(statement.limit(limit).with_for_update(skip_locked=True))).all()
    return [(row.received_at, _case(row)) for row in rows]


async def texts_of(session: Session, request_ids: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    """The texts of cases that a search finds words in, by what they are, without the subject, which stands in every list."""
    columns = (col(CaseRow.request_id), col(CaseRow.request), col(CaseRow.draft), col(CaseRow.decision), col(CaseRow.corrected_email))
    rows = await lines(session, sa.select(*columns).where(col(CaseRow.request_id).in_(request_ids)))
    return {row.request_id: _texts(row) for row in rows}


def _texts(row: sa.Row[Any]) -> dict[str, str]:
    request, draft, decision = row.request or {}, row.draft or {}, row.decision or {}
    citizen = request.get("citizen") or {}
    ways = (citizen.get("name"), row.corrected_email or citizen.get("email"), citizen.get("phone"), citizen.get("address"))
    return {
        "message": request.get("body") or "",
        "citizen": ", ".join(way for way in ways if way),
        "place": (request.get("location") or {}).get("address") or "",
        "attachments": ", ".join(attached["name"] for attached in (*(request.get("attachments") or ()), *(request.get("files") or ()))),
        "reply": decision.get("body") or "",
        "draft": draft.get("body") or "",
        "number": str(row.request_id),
    }


async def save(session: Session, case: Case, nudge_at: datetime | None) -> None:
    """Writes the case, where it is counted and what it and its citizen are found by; its days and its next nudge begin anew."""
    if case.invented_for:
        raise Refused("an attention check is no citizen's case: it is kept with its like")
    row = row_of(case, nudge_at)
    kept = await session.get(CaseRow, case.request_id)
    before = counts_store.cell_of(kept)
    same_contacts = kept is not None and kept.request is not None and kept.corrected_email == case.corrected_email
    await session.merge(row)
    await counts_store.move(session, before, counts_store.cell_of(row))
    await search_store.index(session, case)
    await daily_store.note_change(session, case.request_id)
    if not same_contacts:
        await contact_store.keep(session, case)


def row_of(case: Case, nudge_at: datetime | None = None) -> CaseRow:
    """The case as lists read it."""
    event = case.request or case.triage
    return CaseRow(
        request_id=case.request_id,
        state=case.state.value,
        version=case.version,
        created_at=case.created_at,
        updated_at=case.updated_at,
        agency=case.agency or "",
        title=case.title,
        whole=case.request is not None,
        category=case.category,
        confidence=case.triage.confidence if case.triage else None,
        department=case.department,
        urgency=case.urgency.value,
        urgency_rank=RANKS[case.urgency],
        pressing=0 if case.danger is None else 1 + round(THOUSANDTHS * case.danger),
        language=case.triage.language.code if case.triage else None,
        received_at=event.received_at if event else case.created_at,
        due_at=case.due_at,
        assignee=case.assignee,
        corrected_email=case.corrected_email,
        joined_into=case.joined_into,
        sorted_by_person=case.sorted_by_person,
        everybodys=case.everybodys,
        four_eyes=case.four_eyes.model_dump(mode="json") if case.four_eyes else None,
        second_approval=case.first_approval is not None,
        returned_decision=case.returned_decision,
        from_machine=case.machine is not None,
        revision=case.revision,
        instructions=case.instructions,
        request=case.request.model_dump(mode="json") if case.request else None,
        triage=case.triage.model_dump(mode="json") if case.triage else None,
        draft=case.draft.model_dump(mode="json") if case.draft else None,
        decision=case.decision.model_dump(mode="json") if case.decision else None,
        trace=case.trace,
        erased_at=case.erased_at,
        nudges=0,
        nudge_at=nudge_at,
    )


def _case(row: CaseRow) -> Case:
    return Case(
        request_id=row.request_id,
        state=State(row.state),
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        request=RequestReceived.model_validate(row.request) if row.request else None,
        triage=RequestTriaged.model_validate(row.triage) if row.triage else None,
        category=row.category,
        department=row.department,
        urgency=Urgency(row.urgency),
        corrected_email=row.corrected_email,
        joined_into=row.joined_into,
        sorted_by_person=row.sorted_by_person,
        returned_decision=row.returned_decision,
        revision=row.revision,
        four_eyes=FourEyes.model_validate(row.four_eyes) if row.four_eyes else None,
        instructions=row.instructions,
        draft=DraftProposed.model_validate(row.draft) if row.draft else None,
        decision=ReplyDecided.model_validate(row.decision) if row.decision else None,
        assignee=row.assignee,
        due_at=row.due_at,
        trace=row.trace,
        erased_at=row.erased_at,
    )


async def joined_into(session: Session, request_id: UUID, limit: int) -> list[UUID]:
    """The cases that this one is answered for as well."""
    return list((await session.exec(select(CaseRow.request_id).where(col(CaseRow.joined_into) == request_id).limit(limit))).all())


async def add_draft(session: Session, draft: DraftProposed, now: datetime) -> bool:
    """Records a draft; returns whether it was new."""
    row = DraftRow(
        draft_id=draft.draft_id, request_id=draft.request_id, revision=draft.revision, proposed_at=now, event=draft.model_dump(mode="json")
    )
    return await insert_new(session, row)


async def forget_draft(session: Session, draft: DraftProposed) -> None:
    """Deletes a draft that belonged to another request of the same id."""
    await session.exec(delete(DraftRow).where(col(DraftRow.draft_id) == draft.draft_id))


async def request_in(session: Session, request_id: UUID) -> RequestReceived | None:
    """The message of a case, if there is one."""
    row = await session.get(CaseRow, request_id)
    return RequestReceived.model_validate(row.request) if row and row.request else None


async def drafts_of(session: Session, request_id: UUID) -> list[DraftProposed]:
    """Every draft of the request, the newest last."""
    rows = (await session.exec(select(DraftRow).where(DraftRow.request_id == request_id).order_by(col(DraftRow.revision)))).all()
    return [DraftProposed.model_validate(row.event) for row in rows]


async def add_decision(session: Session, decision: ReplyDecided) -> None:
    """Records a decision. Raises Refused for a draft that is known to be wrong: the database and dispatch refuse it as well."""
    if decision.draft_id in known_bad_drafts.draft_ids():
        raise Refused("the draft is a test of attention: nothing of it is ever sent")
    session.add(
        DecisionRow(
            decision_id=decision.decision_id,
            request_id=decision.request_id,
            decided_at=decision.decided_at,
            kind="by_hand" if decision.answered_by else decision.decision,
            event=decision.model_dump(mode="json"),
        )
    )


async def drafts_decided_on(session: Session, decision_ids: Sequence[UUID]) -> list[tuple[Case, DraftProposed | None, ReplyDecided]]:
    """Decisions on drafts, each with its case and the draft, where that is still there."""
    rows = (await session.exec(select(DecisionRow).where(col(DecisionRow.decision_id).in_(decision_ids)))).all()
    decisions = [ReplyDecided.model_validate(row.event) for row in rows]
    request_ids = {decision.request_id for decision in decisions}
    cases = {row.request_id: _case(row) for row in await session.exec(select(CaseRow).where(col(CaseRow.request_id).in_(request_ids)))}
    draft_ids = {decision.draft_id for decision in decisions}
    drafts = {row.draft_id: row.event for row in await session.exec(select(DraftRow).where(col(DraftRow.draft_id).in_(draft_ids)))}
    return [
        (cases[d.request_id], DraftProposed.model_validate(drafts[d.draft_id]) if d.draft_id in drafts else None, d)
        for d in decisions
        if d.request_id in cases
    ]


async def mark_recalled(session: Session, decision_id: UUID, now: datetime) -> None:
    """Marks a decision as recalled; it stays on record."""
    row = await session.get(DecisionRow, decision_id)
    if row:
        row.recalled_at = now


async def waiting_since(session: Session, case: Case) -> datetime:
    """Since when a person is waited for: since the draft came, a decision was recalled, or the case began."""
    of_case = col(DecisionRow.request_id) == case.request_id, col(DecisionRow.recalled_at).is_not(None)
    moments: list[datetime | None] = [case.created_at, *(await session.exec(select(DecisionRow.recalled_at).where(*of_case))).all()]
    if case.draft:
        moments += (await session.exec(select(DraftRow.proposed_at).where(DraftRow.draft_id == case.draft.draft_id))).all()
    return max((moment for moment in moments if moment), default=case.created_at)


async def decisions_of(session: Session, request_id: UUID) -> list[tuple[ReplyDecided, datetime | None]]:
    """Every decision on the request with the moment it was recalled, the newest last."""
    rows = (await session.exec(select(DecisionRow).where(DecisionRow.request_id == request_id).order_by(col(DecisionRow.decided_at)))).all()
    return [(ReplyDecided.model_validate(row.event), row.recalled_at) for row in rows]


async def add_delivery(session: Session, dispatched: ReplyDispatched, now: datetime) -> bool:
    """Records a delivery outcome; returns whether it was new."""
    row = DeliveryRow(
        decision_id=dispatched.decision_id,
        # What a mail server had taken and gave back is told beside that it was delivered, or had failed before.
        outcome="returned" if dispatched.returned else dispatched.outcome,
        request_id=dispatched.request_id,
        told_at=now,
        event=dispatched.model_dump(mode="json"),
    )
    return await insert_new(session, row)


async def deliveries_of(session: Session, request_id: UUID) -> list[ReplyDispatched]:
    """The delivery outcomes of the request, the newest last."""
    rows = (await session.exec(select(DeliveryRow).where(DeliveryRow.request_id == request_id).order_by(col(DeliveryRow.told_at)))).all()
    return [ReplyDispatched.model_validate(row.event) for row in rows]


async def claim_if_free(session: Session, request_id: UUID, email: str) -> bool:
    """Assigns a case that nobody works on and that waits for somebody; says whether it was so. Its version stays: nothing was decided."""
    waits = [state.value for state in WAITS_FOR_SOMEBODY]
    if await check_store.claim_if_free(session, request_id, email):
        return True
    free = (col(CaseRow.request_id) == request_id, col(CaseRow.assignee).is_(None), col(CaseRow.state).in_(waits))
    return bool((await session.exec(sa.update(CaseRow).where(*free).values(assignee=email))).rowcount)


async def standing_still(session: Session, now: datetime, limit: int) -> list[tuple[Case, int]]:
    """Cases whose next step is overdue, with how often they were nudged; held for this transaction."""
    statement = (
        select(CaseRow).where(col(CaseRow.nudge_at) <= now).order_by(col(CaseRow.nudge_at)).limit(limit).with_for_update(skip_locked=True)
    )
    return [(_case(row), row.nudges) for row in (await session.exec(statement)).all()]


async def nudged(session: Session, request_id: UUID, nudges: int, nudge_at: datetime) -> None:
    """Notes that a step was published once more."""
    row = await session.get(CaseRow, request_id)
    if row:
        row.nudges, row.nudge_at = nudges, nudge_at


async def nudge_all(session: Session, now: datetime) -> None:
    """Makes every waiting step overdue, since the broker lost its records."""
    waiting = [s.value for s in (UNDECIDED | {State.APPROVED}) - {State.AWAITING_APPROVAL, State.NEEDS_TRIAGE}]
    await session.exec(sa.update(CaseRow).where(col(CaseRow.state).in_(waiting)).values(nudge_at=now))


def pause_for(case: Case, now: datetime, first: timedelta) -> datetime | None:
    """The time of the next check of a case that waits for a service; None where it waits for a person."""
    waits = case.state in (State.RECEIVED, State.DRAFTING, State.APPROVED)
    return now + first if waits else None


async def is_erased(session: Session, request_id: UUID) -> bool:
    """Whether its citizen's identity and words were erased."""
    erased_at = select(CaseRow.erased_at).where(col(CaseRow.request_id) == request_id)
    return (await session.exec(erased_at)).one_or_none() is not None


async def agency_of(session: Session, request_id: UUID) -> str | None:
    """Whose case that request is; None where it is none yet."""
    return (await session.exec(select(CaseRow.agency).where(col(CaseRow.request_id) == request_id))).one_or_none()


async def standing(
    session: Session, since: datetime, limit: int, *conditions: sa.ColumnElement[bool]
) -> list[tuple[UUID, State, datetime, dict[str, str]]]:
    """Cases that were nudged and have not moved since then, the longest first: id, state, last change and trace of each."""
    columns = (col(CaseRow.request_id), col(CaseRow.state), col(CaseRow.updated_at), col(CaseRow.trace))
    # What waits for a service has a moment for its next nudge, and few do: only those are read.
    still = (col(CaseRow.nudge_at).is_not(None), col(CaseRow.nudges) > 0, col(CaseRow.updated_at) <= since, col(CaseRow.whole))
    rows = await lines(session, sa.select(*columns).where(*still, *conditions).order_by(col(CaseRow.updated_at)).limit(limit))
    return [(row.request_id, State(row.state), row.updated_at, row.trace) for row in rows]
