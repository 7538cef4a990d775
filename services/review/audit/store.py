"""All database queries of the audit log: insert and read, never update or delete."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import col, func, or_, select

from services.review.audit.tables import AuditRow
from services.runtime.database import Session, lines

PARVIS = "parvis"
"""The actor of what no person did."""
READ_AT_ONCE = 500
READ = "read"
READ_FILE = "read file"
READINGS = frozenset({READ, READ_FILE})
"""What changes nothing."""
FOR = "for"
"""In the detail of a reading: for what, where it was not the case page with all that was decided."""
"""Somebody looked at a case: an entry of its own, and no step of the case."""


_WHOLE: Any = col(AuditRow.detail)[FOR].as_string().is_(None)


@dataclass(frozen=True)
class Entry:
    """One entry: who did what, when, to which request."""

    at: datetime
    actor: str
    action: str
    request_id: UUID | None = None
    detail: Mapping[str, object] = field(default_factory=dict)


async def add(session: Session, entry: Entry) -> None:
    """Adds the entry in the transaction of the change that it records."""
    session.add(AuditRow(at=entry.at, actor=entry.actor, action=entry.action, request_id=entry.request_id, detail=dict(entry.detail)))


async def of_request(session: Session, request_id: UUID) -> list[Entry]:
    """Everything that happened to one request, oldest first; not who looked at it."""
    of_it = (AuditRow.request_id == request_id, col(AuditRow.action).not_in(READINGS))
    rows = (await session.exec(select(AuditRow).where(*of_it).order_by(col(AuditRow.id)))).all()
    return [_entry(row) for row in rows]


async def page(
    session: Session, *, actor: str | None, before: int | None, limit: int, of: sa.Select[UUID] | None = None
) -> list[tuple[int, Entry]]:
    """The newest entries first, with their numbers; `before` continues a listing, `of` selects the requests that they are of."""
    query = select(AuditRow).order_by(*NEWEST_FIRST).limit(limit)
    if actor:
        query = query.where(AuditRow.actor == actor)
    if of is not None:
        query = query.where(is_of(of))
    if before:
        query = query.where(is_older(before))
    return [(row.id or 0, _entry(row)) for row in (await session.exec(query)).all()]


NEWEST_FIRST = (col(AuditRow.at).desc(), col(AuditRow.id).desc())


def is_older(number: int) -> sa.ColumnElement[bool]:
    """Whether an entry comes after that one in a list that has the newest first."""
    at = sa.select(col(AuditRow.at)).where(col(AuditRow.id) == number).scalar_subquery()
    return sa.tuple_(col(AuditRow.at), col(AuditRow.id)) < sa.tuple_(at, sa.literal(number))


def is_of(requests: sa.Select[UUID]) -> sa.ColumnElement[bool]:
    """Whether an entry is of one of these requests.

    A question about each entry that is read, and not a list of requests: so that a page reads about as many entries as it shows, and
    the database does not begin with all cases.
    """
    (request_id,) = requests.selected_columns
    asked = requests.where(request_id == col(AuditRow.request_id)).correlate(AuditRow)
    return asked.scalar_subquery().is_not(None)


async def has_acted(session: Session, actor: str) -> bool:
    """Whether anything in the log was done by that person."""
    return (await session.exec(select(AuditRow.id).where(AuditRow.actor == actor).limit(1))).first() is not None


async def was_read(session: Session, request_id: UUID, actor: str, *, since: datetime) -> bool:
    """Whether that person's reading of the case is noted since then."""
    noted = select(AuditRow.id).where(
        AuditRow.request_id == request_id, AuditRow.action == READ, AuditRow.actor == actor, col(AuditRow.at) >= since, _WHOLE
    )
    return (await session.exec(noted.limit(1))).first() is not None


def has_read(actor: str, request_id: Mapped[UUID], since: Mapped[datetime]) -> sa.ColumnElement[bool]:
    """The condition on a row about a case that this person has read it, with all that was decided, since that row's moment."""
    log = aliased(AuditRow)
    of_it = (col(log.request_id) == request_id, col(log.action) == READ, col(log.actor) == actor, col(log.at) >= since)
    return sa.exists().where(*of_it, col(log.detail)[FOR].as_string().is_(None))


async def readings(session: Session, request_ids: Sequence[UUID]) -> dict[tuple[UUID, str], list[datetime]]:
    """When each of these cases was read, by whom."""
    moments: dict[tuple[UUID, str], list[datetime]] = {}
    for first in range(0, len(request_ids), READ_AT_ONCE):
        some = col(AuditRow.request_id).in_(request_ids[first : first + READ_AT_ONCE])
        query = sa.select(col(AuditRow.request_id), col(AuditRow.actor), col(AuditRow.at)).where(col(AuditRow.action) == READ, _WHOLE, some)
        for row in await lines(session, query):
            moments.setdefault((row.request_id, row.actor), []).append(row.at)
    return moments


async def of_account(session: Session, email: str, actions: Sequence[str], *, since: datetime, limit: int) -> list[Entry]:
    """Those actions of that person, or about their account, since then; the newest first."""
    detail = col(AuditRow.detail)
    about = or_(col(AuditRow.actor) == email, detail["email"].as_string() == email, detail["name"].as_string() == email)
    query = select(AuditRow).where(col(AuditRow.at) >= since, col(AuditRow.action).in_(actions), about)
    return [_entry(row) for row in (await session.exec(query.order_by(col(AuditRow.id).desc()).limit(limit))).all()]


async def newest(session: Session) -> int:
    """The number of the newest entry."""
    return (await session.exec(select(func.max(AuditRow.id)))).one() or 0


async def after(session: Session, number: int, *, also: Sequence[int] = (), limit: int) -> list[tuple[int, Entry]]:
    """The entries after that number, and those of the numbers given beside, oldest first."""
    later = col(AuditRow.id) > number
    wanted = or_(later, col(AuditRow.id).in_(also)) if also else later
    rows = (await session.exec(select(AuditRow).where(wanted).order_by(col(AuditRow.id)).limit(limit))).all()
    return [(row.id or 0, _entry(row)) for row in rows]


def _entry(row: AuditRow) -> Entry:
    return Entry(row.at, row.actor, row.action, row.request_id, row.detail)
