"""Every query about who has a case open: short leases, so that all processes know, and nothing is kept of it afterwards."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, delete, select

from services.review.cases.live.presence import Present
from services.review.cases.writing.writing_tables import PresenceRow
from services.runtime.database import Database, Session, insert_into

LEASE = timedelta(seconds=20)  # four rounds of the page that renews it


async def visit(database: Database, row: PresenceRow, now: datetime) -> None:
    """Renews the lease of one page: written only where half of it is over, or somebody began to write."""
    async with database.reading() as session:
        standing = await session.get(PresenceRow, (row.request_id, row.email, row.page))
    enough = now + LEASE / 2
    if standing and standing.reads_until > enough and (not row.writes_until or (standing.writes_until and standing.writes_until > enough)):
        return
    async with database.transaction() as session:
        await session.exec(delete(PresenceRow).where(col(PresenceRow.reads_until) < now))
        # Two requests of one page may overlap.
        statement = insert_into(session, PresenceRow).values(row.model_dump())
        moved = {name: statement.excluded[name] for name in ("reads_until", "writes_until")}
        await session.exec(statement.on_conflict_do_update(index_elements=["request_id", "email", "page"], set_=moved))


def lease(request_id: UUID, email: str, page: str, now: datetime, *, writing: bool) -> PresenceRow:
    """A page that is open now."""
    return PresenceRow(
        request_id=request_id, email=email, page=page, reads_until=now + LEASE, writes_until=now + LEASE if writing else None
    )


async def leave(session: Session, request_id: UUID, email: str, page: str) -> None:
    """The page was closed."""
    same = (col(PresenceRow.request_id) == request_id, col(PresenceRow.email) == email, col(PresenceRow.page) == page)
    await session.exec(delete(PresenceRow).where(*same))


async def present(session: Session, request_ids: Sequence[UUID], now: datetime) -> dict[UUID, list[Present]]:
    """Who has these cases open, by case; everybody once, whoever writes first."""
    rows = await session.exec(
        select(PresenceRow)
        .where(col(PresenceRow.request_id).in_(request_ids), col(PresenceRow.reads_until) >= now)
        .order_by(sa.asc(col(PresenceRow.email)))
    )
    people: dict[UUID, dict[str, bool]] = {}
    for row in rows:
        writes = bool(row.writes_until and row.writes_until >= now)
        theirs = people.setdefault(row.request_id, {})
        theirs[row.email] = theirs.get(row.email, False) or writes
    return {
        case: sorted((Present(email, writes) for email, writes in theirs.items()), key=lambda p: not p.writes)
        for case, theirs in people.items()
    }
