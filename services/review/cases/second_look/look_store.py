"""All database queries of second looks."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, delete

from schemas.replies_decided import ReplyDecided
from services.review.audit import store as audit
from services.review.cases.deciding.first_approval import BlindLook, FirstApproval
from services.review.cases.queue.case_lists import in_scope
from services.review.cases.second_look.comparison import OUTCOMES, Look, Outcome
from services.review.cases.second_look.look_tables import SecondLookRow
from services.review.cases.tables import WHOLE, CaseRow
from services.review.people.rules import Person, Scope
from services.runtime.database import Session, lines
from services.runtime.errors import Conflict, NotFound

MOST = 100
MOST_WAITING = 1_000
TOLD_AFTER = timedelta(hours=4)
"""Half a working day: who wrote waits all that time for nothing but a second person."""


@dataclass(frozen=True)
class OpenLook:
    """A decision that waits for a second look, and nothing of how it was made."""

    request_id: UUID
    title: str
    category: str | None
    language: str | None
    received_at: datetime


@dataclass(frozen=True)
class SecondLook:
    """A look that somebody may take, or has taken."""

    request_id: UUID
    decision_id: UUID
    draft_id: UUID
    outcome: Outcome | None
    look: Look | None


@dataclass(frozen=True)
class CategoryTally:
    """How second looks at replies of a category came out, whoever decided. `outcomes` are in the order of OUTCOMES."""

    category: str
    people: int
    outcomes: tuple[int, ...]


async def add(session: Session, decision: ReplyDecided, available_at: datetime) -> None:
    """Keeps that the decision is to be looked at, unless somebody has looked at one of the case already."""
    row = SecondLookRow(
        request_id=decision.request_id,
        decision_id=decision.decision_id,
        draft_id=decision.draft_id or decision.decision_id,
        decided_by=decision.decided_by,
        seconded_by=decision.seconded_by or "",
        decided_at=decision.decided_at,
        available_at=available_at,
    )
    await _put(session, row)


async def forget(session: Session, decision_id: UUID) -> None:
    """The decision was taken back before anybody looked."""
    await session.exec(delete(SecondLookRow).where(col(SecondLookRow.decision_id) == decision_id, col(SecondLookRow.looked_at).is_(None)))


async def open_for(session: Session, person: Person, now: datetime) -> list[OpenLook]:
    """What that person may look at, the oldest first: in their scope, not their own, and nothing that they have read since."""
    columns = (CaseRow.title, CaseRow.category, CaseRow.language, CaseRow.received_at)
    query = (
        sa.select(col(SecondLookRow.request_id), *(col(column) for column in columns))
        .join(CaseRow, col(CaseRow.request_id) == col(SecondLookRow.request_id))
        .where(
            sa.text("review_second_looks.looked_at is null"),
            col(SecondLookRow.available_at) <= now,
            col(SecondLookRow.decided_by) != person.email,
            col(SecondLookRow.seconded_by) != person.email,
            ~audit.has_read(person.email, col(SecondLookRow.request_id), col(SecondLookRow.decided_at)),
            WHOLE,
            *in_scope(person.scope),
        )
        .order_by(col(SecondLookRow.available_at), col(SecondLookRow.request_id))
        .limit(MOST)
    )
    return [OpenLook(row.request_id, row.title, row.category, row.language, row.received_at) for row in await lines(session, query)]


async def look_for(session: Session, request_id: UUID, person: Person, now: datetime, *, for_update: bool = False) -> SecondLook:
    """The look, where it is this person's to take or was theirs. Raises NotFound, or Conflict where they know too much."""
    row = await session.get(SecondLookRow, request_id, with_for_update=for_update, populate_existing=for_update)
    if not row or row.available_at > now:
        raise NotFound(f"there is no second look at {request_id}")
    if row.looked_by == person.email:
        return _look(row)
    if row.looked_at:
        raise Conflict("somebody has looked at it already: the case shows what came of it")
    if person.email in (row.decided_by, row.seconded_by):
        raise Conflict("you have decided on it yourself: somebody else looks at it")
    if await audit.was_read(session, request_id, person.email, since=row.decided_at):
        raise Conflict("you have read the case since it was decided on, and a second look knows nothing of that: leave it to somebody else")
    return _look(row)


def _look(row: SecondLookRow) -> SecondLook:
    outcome = next((outcome for outcome in OUTCOMES if outcome == row.outcome), None)
    return SecondLook(row.request_id, row.decision_id, row.draft_id, outcome, Look(**row.look) if row.look else None)


async def keep(session: Session, request_id: UUID, look: Look, outcome: Outcome, person: Person, now: datetime) -> None:
    """Keeps what the person would have done and how that compares."""
    row = await session.get(SecondLookRow, request_id)
    if row is None:
        raise NotFound(f"there is no second look at {request_id}")
    row.looked_by, row.looked_at, row.outcome, row.look = person.email, now, outcome, asdict(look)


async def keep_held(session: Session, request_id: UUID, first: FirstApproval, look: BlindLook, outcome: Outcome) -> None:
    """Keeps what somebody would have done before the reply was sent, beside the first approval that waited for them."""
    row = SecondLookRow(
        request_id=request_id,
        decision_id=first.draft_id,  # nothing was decided yet
        draft_id=first.draft_id,
        decided_by=first.by,
        decided_at=first.at,
        available_at=first.at,
        looked_by=look.by,
        looked_at=look.at,
        outcome=outcome,
        look=asdict(Look(look.sends, look.subject, look.body, look.reason)),
    )
    await _put(session, row)


async def _put(session: Session, row: SecondLookRow) -> None:
    """What one person looked at stays: it takes the place only of what nobody has looked at."""
    standing = await session.get(SecondLookRow, row.request_id)
    if standing is None or standing.looked_at is None:
        await session.merge(row)


async def waiting_long(session: Session, scope: Scope, now: datetime) -> int:
    """How many first approvals have waited for a second person for longer than supervisors want to hear of."""
    waits, first_at = sa.text("review_cases.second_approval"), col(CaseRow.four_eyes)["first", "at"].as_string()
    rows = await lines(session, sa.select(first_at.label("at")).where(waits, WHOLE, *in_scope(scope)).limit(MOST_WAITING))
    return sum(row.at is not None and datetime.fromisoformat(row.at) <= now - TOLD_AFTER for row in rows)


async def tally(session: Session, since: datetime, scope: Scope) -> list[CategoryTally]:
    """How looks since then came out, by the category of the case as it is now. Nobody's name is read."""
    outcome = col(SecondLookRow.outcome)
    sums = [sa.func.sum(sa.case((outcome == name, 1), else_=0)).label(name) for name in OUTCOMES]
    people = sa.func.count(sa.distinct(col(SecondLookRow.decided_by))).label("people")
    query = (
        sa.select(col(CaseRow.category), people, *sums)
        .join(CaseRow, col(CaseRow.request_id) == col(SecondLookRow.request_id))
        .where(col(SecondLookRow.looked_at) >= since, *in_scope(scope))
    )
    rows: Sequence[sa.Row[tuple[object, ...]]] = await lines(session, query.group_by(col(CaseRow.category)).order_by(col(CaseRow.category)))
    return [CategoryTally(row.category or "", row.people, tuple(getattr(row, name) for name in OUTCOMES)) for row in rows]
