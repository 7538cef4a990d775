"""Database queries of links between cases."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, delete, or_, select

from schemas.requests_received import RequestReceived
from services.review.cases.acknowledgements import acknowledgement_store
from services.review.cases.queue import case_lists
from services.review.cases.queue.case_lists import Line
from services.review.cases.related import mail_store
from services.review.cases.related.case_links import MOST_LINKS, CaseLink, LinkKind, Named, named_in
from services.review.cases.related.link_tables import LinkRow
from services.review.cases.tables import CaseRow, DecisionRow
from services.review.people.rules import Scope
from services.runtime.database import Session, insert_all_new, lines


async def add(session: Session, links: Sequence[CaseLink], linked_by: str, now: datetime) -> bool:
    """Keeps links; says whether any was new."""
    rows = [
        LinkRow(request_id=link.request_id, other=link.other, kind=link.kind.value, linked_by=linked_by, linked_at=now) for link in links
    ]
    return bool(rows) and await insert_all_new(session, rows) > 0


async def remove(session: Session, first: UUID, second: UUID) -> bool:
    """Takes the follow-up link of two cases away, whichever follows the other; says whether there was one."""
    either = or_(
        (col(LinkRow.request_id) == first) & (col(LinkRow.other) == second),
        (col(LinkRow.request_id) == second) & (col(LinkRow.other) == first),
    )
    removed = await session.exec(delete(LinkRow).where(either, col(LinkRow.kind) == LinkKind.FOLLOWS.value))
    return bool(removed.rowcount)


async def of_case(session: Session, request_id: UUID) -> list[CaseLink]:
    """The links of a case, either way, the newest first."""
    either = or_(col(LinkRow.request_id) == request_id, col(LinkRow.other) == request_id)
    rows = (await session.exec(select(LinkRow).where(either).order_by(col(LinkRow.linked_at).desc()).limit(MOST_LINKS))).all()
    return [CaseLink(row.request_id, row.other, LinkKind(row.kind)) for row in rows]


async def first_matters(session: Session, request_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Of those cases that are a second matter of a letter, the case that it was split off from."""
    split = (col(LinkRow.request_id).in_(request_ids), col(LinkRow.kind) == LinkKind.SPLIT.value)
    rows = await lines(session, sa.select(col(LinkRow.request_id), col(LinkRow.other)).where(*split))
    return {row.request_id: row.other for row in rows}


async def keep_thread(session: Session, request: RequestReceived, linked_by: str, now: datetime) -> list[UUID]:
    """Links a message with the cases that it answers, and with those that answer it and came before it.

    Returns the cases that it is newly linked with as their follow-up. One that is not here yet is linked once it comes. Of two
    messages taken in at once neither sees the other: done once more for each after it is kept, one of them does.
    """
    await mail_store.keep(session, request)
    named = named_in(request)
    earlier = [number for number in (*named.cases, *await _answered(session, named)) if number != request.request_id]
    earlier += [number for number in await _answered_instead(session, earlier) if number != request.request_id]
    kind = LinkKind.MACHINE if request.automatic else LinkKind.FOLLOWS
    links = [CaseLink(request.request_id, number, kind) for number in dict.fromkeys(earlier)]
    fresh = [link.other for link in links if await add(session, [link], linked_by, now)]
    for number in await mail_store.that_answer(session, request):
        by_machine = await _is_machine_s(session, number)
        later = CaseLink(number, request.request_id, LinkKind.MACHINE if by_machine else LinkKind.FOLLOWS)
        await add(session, [later], linked_by, now)
    return fresh


async def _answered(session: Session, named: Named) -> list[UUID]:
    """Of the mails before it the newest that is ours or came in here: who answers that one answers those before it too."""
    decisions = [mail.decision for mail in named.mails if mail.decision]
    columns = (col(DecisionRow.decision_id), col(DecisionRow.request_id))
    rows = await lines(session, sa.select(*columns).where(col(DecisionRow.decision_id).in_(decisions))) if decisions else ()
    decided = {row.decision_id: row.request_id for row in rows}
    decided |= await acknowledgement_store.requests_of(session, decisions)
    came = await mail_store.came_by(session, [mail.key for mail in named.mails])
    for mail in reversed(named.mails):
        if mail.decision in decided:
            return [decided[mail.decision]]
        if mail.key in came:
            return came[mail.key]
    return []


async def _answered_instead(session: Session, cases: Sequence[UUID]) -> list[UUID]:
    """The cases that are answered for those that were joined into them."""
    joined = (col(CaseRow.request_id).in_(cases), col(CaseRow.joined_into).is_not(None))
    return [row.joined_into for row in await lines(session, sa.select(col(CaseRow.joined_into)).where(*joined))] if cases else []


async def _is_machine_s(session: Session, request_id: UUID) -> bool:
    automatic = col(CaseRow.request)["automatic"].as_string()
    rows = await lines(session, sa.select(automatic.label("automatic")).where(col(CaseRow.request_id) == request_id))
    return any(row.automatic for row in rows)


async def take_as_persons(session: Session, request_id: UUID) -> None:
    """Makes the links of what was taken for a machine's mail those of a person's message."""
    machines = (col(LinkRow.request_id) == request_id, col(LinkRow.kind) == LinkKind.MACHINE.value)
    await session.exec(sa.update(LinkRow).where(*machines).values(kind=LinkKind.FOLLOWS.value))


async def follows(session: Session, request_id: UUID) -> list[UUID]:
    """The cases that this one follows."""
    following = (col(LinkRow.request_id) == request_id, col(LinkRow.kind) == LinkKind.FOLLOWS.value)
    return [row.other for row in await lines(session, sa.select(col(LinkRow.other)).where(*following).limit(MOST_LINKS))]


async def followed_by(session: Session, request_id: UUID) -> list[UUID]:
    """The cases that follow this one, the newest links first."""
    following = (col(LinkRow.other) == request_id, col(LinkRow.kind) == LinkKind.FOLLOWS.value)
    statement = sa.select(col(LinkRow.request_id)).where(*following).order_by(col(LinkRow.linked_at).desc()).limit(MOST_LINKS)
    return [row.request_id for row in await lines(session, statement)]


async def with_follow_ups(session: Session, shown: Sequence[Line], scope: Scope) -> list[Line]:
    """The same lines, marked where a case follows another one of its agency that is in scope."""
    ids = [line.request_id for line in shown]
    links = (
        sa.select(col(LinkRow.request_id), col(CaseRow.agency))
        .join(CaseRow, col(CaseRow.request_id) == col(LinkRow.other))
        .where(col(LinkRow.request_id).in_(ids), col(LinkRow.kind) == LinkKind.FOLLOWS.value, *case_lists.in_scope(scope))
    )
    agencies = {(row.request_id, row.agency) for row in await lines(session, links)}
    return [line.model_copy(update={"follow_up": (line.request_id, line.agency) in agencies}) for line in shown]
