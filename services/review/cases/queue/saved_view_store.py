"""Database queries of saved views, and how many cases each view holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import col, select

from services.review.cases.queue import case_lists
from services.review.cases.queue.saved_view_tables import SavedViewRow
from services.review.cases.tables import CaseRow
from services.runtime.database import Session, lines
from services.runtime.errors import Conflict, NotFound

MOST_SAVED = 20
MOST_COUNTED = 1000
"""Cases that are counted of one view: more are shown as "999+", so that no view ever reads all there are."""


@dataclass(frozen=True)
class SavedView:
    """A view that somebody has saved."""

    view_id: UUID
    name: str
    filters: str


async def of_person(session: Session, email: str) -> list[SavedView]:
    """Their views, in the order in which they were saved."""
    query = select(SavedViewRow).where(SavedViewRow.email == email).order_by(col(SavedViewRow.saved_at), col(SavedViewRow.view_id))
    return [SavedView(row.view_id, row.name, row.filters) for row in (await session.exec(query)).all()]


async def add(session: Session, email: str, name: str, filters: str, now: datetime) -> UUID:
    """Saves a view. Raises Conflict where there are as many as a person has, or one of that name."""
    saved = await of_person(session, email)
    if len(saved) >= MOST_SAVED:
        raise Conflict(f"name: you have {MOST_SAVED} views, which is the most: delete one that you do not need", field="name")
    _must_be_new(saved, name)
    row = SavedViewRow(view_id=uuid4(), email=email, name=name, filters=filters, saved_at=now)
    session.add(row)
    return row.view_id


async def rename(session: Session, email: str, view_id: UUID, name: str) -> SavedView:
    """Gives it another name. Raises NotFound where it is not theirs, Conflict where they have one of that name."""
    row = await _theirs(session, email, view_id)
    _must_be_new([view for view in await of_person(session, email) if view.view_id != view_id], name)
    row.name = name
    return SavedView(row.view_id, row.name, row.filters)


async def remove(session: Session, email: str, view_id: UUID) -> None:
    """Deletes it. Raises NotFound where it is not theirs."""
    await session.delete(await _theirs(session, email, view_id))


async def _theirs(session: Session, email: str, view_id: UUID) -> SavedViewRow:
    row = await session.get(SavedViewRow, view_id)
    if not row or row.email != email:
        raise NotFound("view: you have no such view", field="view")
    return row


def _must_be_new(saved: Sequence[SavedView], name: str) -> None:
    if any(view.name.casefold() == name.casefold() for view in saved):
        raise Conflict(f"name: you have a view called {name!r}: choose another name", field="name")


async def counts(session: Session, queries: Sequence[case_lists.Query]) -> list[int]:
    """How many cases each list holds, up to `MOST_COUNTED`: from counters where they are kept, else in one statement."""
    kept = [number for number, query in enumerate(queries) if case_lists.is_counted(query)]
    count_of = {number: min((await case_lists.count_of(session, queries[number])).number, MOST_COUNTED) for number in kept}
    parts = []
    for number, query in enumerate(queries):
        if number in count_of:
            continue
        few = sa.select(col(CaseRow.request_id)).where(*case_lists.conditions_of(query)).limit(MOST_COUNTED).subquery(f"view_{number}")
        parts.append(sa.select(sa.literal(number).label("number"), sa.func.count().label("cases")).select_from(few))
    if parts:
        count_of |= {row.number: int(row.cases) for row in await lines(session, sa.union_all(*parts))}
    checks = [len(await case_lists.checks(session, query)) for query in queries]
    return [min(count_of[number] + (checks[number] if number not in kept else 0), MOST_COUNTED) for number in range(len(queries))]
