"""Database queries of matters that emerge. Each reads a bounded part of an index."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, delete, select

from services.review.cases.case_state import UNDECIDED
from services.review.cases.emerging import message_terms, vectors
from services.review.cases.emerging.likeness import History
from services.review.cases.emerging.matter_tables import MatterMessageRow, MatterRow
from services.review.cases.emerging.matters import WINDOW, Message, Signature
from services.review.cases.emerging.naming import Name
from services.review.cases.queue import case_lists
from services.review.cases.tables import WHOLE, CaseRow
from services.review.people.rules import Scope
from services.runtime.database import Session, insert_new, lines

MOST_IN_WINDOW = 1_000
"""Of an agency's last hour, the newest."""
MOST_IN_HISTORY = 3_000
HISTORY_REACHES = timedelta(days=28)
HISTORY_ENDS = timedelta(hours=2)
"""What came later is still about what happens now, and no usual to compare it with."""
SAMPLED_AFTER = timedelta(days=1)
MOST_OPEN = 20
MOST_MEMBERS = 1_000
MOST_COUNTED = 50


@dataclass(frozen=True)
class Matter:
    """A matter as the store has it; how many write about it depends on who looks."""

    matter_id: UUID
    agency: str
    group_id: UUID
    since: datetime
    opened_at: datetime
    over_at: datetime | None
    level: int
    usual: float
    category: str | None
    name: Name
    signature: Signature
    dismissed: bool


@dataclass(frozen=True)
class MemberSeen:
    """A message of a matter that somebody may see, and whether it has no answer yet."""

    message: Message
    waits: bool


# --- messages ----------------------------------------------------------------------------------------------------------------------------


async def keep_message(session: Session, message: Message, agency: str, vector: bytes) -> bool:
    """Keeps what the message is compared by; says whether it was new."""
    row = MatterMessageRow(
        request_id=message.request_id,
        agency=agency,
        received_at=message.received_at,
        draw=message_terms.draw_of(message.request_id),
        sender=message.sender,
        terms=message_terms.packed(message.terms),
        vector=vector,
    )
    return await insert_new(session, row)


async def window(session: Session, agency: str, now: datetime, encoder: str) -> list[Message]:
    """The messages of the agency's last hour, the oldest first."""
    recent = (MatterMessageRow.agency == agency, col(MatterMessageRow.received_at) > now - WINDOW)
    query = select(MatterMessageRow).where(*recent).order_by(col(MatterMessageRow.received_at).desc()).limit(MOST_IN_WINDOW)
    return [_message(row, encoder) for row in reversed((await session.exec(query)).all())]


async def history(session: Session, agency: str, now: datetime, encoder: str) -> History:
    """A sample of the agency's letters of the last weeks, the same for whoever draws it."""
    columns = (col(MatterMessageRow.received_at), col(MatterMessageRow.terms), col(MatterMessageRow.vector))
    since, until = now - HISTORY_REACHES, now - HISTORY_ENDS
    of_weeks = (col(MatterMessageRow.agency) == agency, col(MatterMessageRow.received_at).between(since, until))
    rows = await lines(session, sa.select(*columns).where(*of_weeks).order_by(col(MatterMessageRow.draw)).limit(MOST_IN_HISTORY))
    return History(
        [row.received_at for row in rows],
        [message_terms.unpacked(row.terms) for row in rows],
        [vectors.unpacked(row.vector, encoder) for row in rows],
    )


async def forget_old(session: Session, agency: str, now: datetime) -> None:
    """Deletes what no history reaches back to, and of days that are over what its sample does not hold."""
    of_agency = col(MatterMessageRow.agency) == agency
    await session.exec(delete(MatterMessageRow).where(of_agency, col(MatterMessageRow.received_at) < now - HISTORY_REACHES))
    sampled = select(MatterMessageRow.draw).where(of_agency).order_by(col(MatterMessageRow.draw)).offset(MOST_IN_HISTORY).limit(1)
    if (beyond := (await session.exec(sampled)).first()) is not None:
        over = (of_agency, col(MatterMessageRow.draw) >= beyond, col(MatterMessageRow.received_at) < now - SAMPLED_AFTER)
        await session.exec(delete(MatterMessageRow).where(*over))


async def agencies(session: Session) -> list[str]:
    """The agencies whose messages are kept."""
    return list((await session.exec(select(MatterMessageRow.agency).distinct())).all())


def _message(row: MatterMessageRow, encoder: str) -> Message:
    terms, vector = message_terms.unpacked(row.terms), vectors.unpacked(row.vector, encoder)
    return Message(row.request_id, row.received_at, row.sender, terms, vector, row.matter_id)


# --- matters -----------------------------------------------------------------------------------------------------------------------------


async def open_matters(session: Session, agency: str) -> list[Matter]:
    """The agency's matters that are not over, also those that a person dismissed: their messages begin no second one."""
    of_agency = (MatterRow.agency == agency, col(MatterRow.over_at).is_(None))
    rows = (await session.exec(select(MatterRow).where(*of_agency).order_by(col(MatterRow.opened_at).desc()).limit(MOST_OPEN))).all()
    return [_matter(row) for row in rows]


async def all_open(session: Session) -> list[Matter]:
    """The matters of all agencies that are not over."""
    return [_matter(row) for row in (await session.exec(select(MatterRow).where(col(MatterRow.over_at).is_(None)))).all()]


async def announced(session: Session, scope: Scope) -> list[Matter]:
    """The matters of the agencies in scope that are neither over nor dismissed, the newest first."""
    conditions: list[Any] = [col(MatterRow.over_at).is_(None), col(MatterRow.dismissed_at).is_(None)]
    if scope.agencies:
        conditions.append(col(MatterRow.agency).in_(scope.agencies))
    rows = (await session.exec(select(MatterRow).where(*conditions).order_by(col(MatterRow.opened_at).desc()).limit(MOST_OPEN))).all()
    return [_matter(row) for row in rows]


async def dismissed_groups(session: Session, scope: Scope) -> set[UUID]:
    """The groups of matters that a person dismissed and that are not over."""
    conditions: list[Any] = [col(MatterRow.over_at).is_(None), col(MatterRow.dismissed_at).is_not(None)]
    if scope.agencies:
        conditions.append(col(MatterRow.agency).in_(scope.agencies))
    return set((await session.exec(select(MatterRow.group_id).where(*conditions))).all())


async def matter(session: Session, matter_id: UUID) -> Matter | None:
    """The matter of that id, held for this transaction."""
    row = await session.get(MatterRow, matter_id, with_for_update=True)
    return _matter(row) if row else None


async def begin(session: Session, begun: Matter) -> bool:
    """Keeps a matter that has emerged; says whether it was new."""
    row = MatterRow(
        matter_id=begun.matter_id,
        agency=begun.agency,
        group_id=begun.group_id,
        since=begun.since,
        opened_at=begun.opened_at,
        level=begun.level,
        usual=begun.usual,
        category=begun.category,
        name=_kept_name(begun.name),
        signature={"terms": begun.signature.terms, "weights": begun.signature.weights, "enough": begun.signature.enough},
    )
    return await insert_new(session, row)


async def rise(session: Session, matter_id: UUID, level: int, name: Name, category: str | None) -> None:
    """Keeps how far a matter has risen, and what it is called by now."""
    values = {"level": level, "name": _kept_name(name), "category": category}
    await session.exec(sa.update(MatterRow).where(col(MatterRow.matter_id) == matter_id).values(**values))


async def end(session: Session, matter_id: UUID, now: datetime) -> None:
    """It is over."""
    await session.exec(sa.update(MatterRow).where(col(MatterRow.matter_id) == matter_id).values(over_at=now))


async def dismiss(session: Session, matter_id: UUID, by: str, now: datetime) -> None:
    """A person said that it is no matter."""
    await session.exec(sa.update(MatterRow).where(col(MatterRow.matter_id) == matter_id).values(dismissed_by=by, dismissed_at=now))


async def put_in(session: Session, matter_id: UUID, request_ids: Collection[UUID]) -> None:
    """These messages are of the matter."""
    free = (col(MatterMessageRow.request_id).in_(request_ids), col(MatterMessageRow.matter_id).is_(None))
    await session.exec(sa.update(MatterMessageRow).where(*free).values(matter_id=matter_id))


async def members(session: Session, matter_id: UUID, limit: int = MOST_MEMBERS) -> list[Message]:
    """The messages of a matter, the newest first."""
    query = select(MatterMessageRow).where(MatterMessageRow.matter_id == matter_id)
    rows = (await session.exec(query.order_by(col(MatterMessageRow.received_at).desc()).limit(limit))).all()
    return [_message(row, "") for row in rows]


async def members_seen(session: Session, matter_id: UUID, scope: Scope, since: datetime) -> list[MemberSeen]:
    """The messages of a matter that somebody may see, of that moment or later, the newest first."""
    query = sa.select(MatterMessageRow, col(CaseRow.state)).join(CaseRow, col(CaseRow.request_id) == col(MatterMessageRow.request_id))
    seen = (col(MatterMessageRow.matter_id) == matter_id, col(MatterMessageRow.received_at) > since, WHOLE, *case_lists.in_scope(scope))
    rows = await lines(session, query.where(*seen).order_by(col(MatterMessageRow.received_at).desc()).limit(MOST_MEMBERS))
    undecided = {state.value for state in UNDECIDED}
    return [MemberSeen(_message(row[0], ""), row.state in undecided) for row in rows]


def _kept_name(name: Name) -> dict[str, Sequence[object]]:
    return {"words": name.words, "streets": name.streets, "terms": name.terms}


def _matter(row: MatterRow) -> Matter:
    return Matter(
        matter_id=row.matter_id,
        agency=row.agency,
        group_id=row.group_id,
        since=row.since,
        opened_at=row.opened_at,
        over_at=row.over_at,
        level=row.level,
        usual=row.usual,
        category=row.category,
        name=Name(tuple(row.name["words"]), tuple(row.name["streets"]), tuple(row.name["terms"])),
        signature=Signature(tuple(row.signature["terms"]), tuple(row.signature["weights"]), row.signature["enough"]),
        dismissed=row.dismissed_at is not None,
    )
