"""Database queries of links between cases."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, delete, or_, select

from schemas.requests_received import RequestReceived
from services.review.cases.queue import case_lists
from services.review.cases.queue.case_lists import Line
from services.review.cases.related.case_links import MOST_LINKS, CaseLink, LinkKind, named_in
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


async def keep_named(session: Session, request: RequestReceived, linked_by: str, now: datetime) -> None:
    """Links a message with the cases that it names. One that is not here yet is linked once it comes, if its agency is the same."""
    named = named_in(request)
    cases = list(named.cases)
    if named.decisions:
        decided = select(DecisionRow.request_id).where(col(DecisionRow.decision_id).in_(named.decisions))
        cases += [number for number in (await session.exec(decided)).all() if number != request.request_id]
    await add(session, [CaseLink(request.request_id, other, LinkKind.FOLLOWS) for other in dict.fromkeys(cases)], linked_by, now)


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
