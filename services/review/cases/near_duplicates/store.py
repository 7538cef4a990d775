"""Stores and finds near-duplicates by MinHash bands (LSH), fast among a million cases."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from services.domain import fingerprints
from services.domain.fingerprints import Slots
from services.review.cases.near_duplicates.tables import FingerprintBandRow, FingerprintRow
from services.review.cases.queue import case_lists
from services.review.cases.queue.case_lists import Line
from services.review.people.rules import Person
from services.runtime.database import Session, insert_all_new, lines

ALIKE = 0.5
"""From here on two messages are shown as similar: half of their word pairs are the same. Answers of a form alone reach 0.3."""

NEWEST_OF_BAND = 200
"""A campaign or an automatic reply fills its bands by the thousand: the newest are enough."""

MOST_LOOKED_AT = 100


@dataclass(frozen=True)
class Near:
    """Another request with its estimated Jaccard resemblance of word pairs."""

    request_id: UUID
    resemblance: float


@dataclass(frozen=True)
class Similar:
    """A case whose message resembles another."""

    line: Line
    resemblance: float


async def keep(session: Session, request_id: UUID, fingerprint: str) -> None:
    """Indexes a request by its fingerprint. Twice is the same as once; a message without words is like no other."""
    slots = fingerprints.read(fingerprint)
    if slots is None or (await session.exec(select(FingerprintRow.number).where(FingerprintRow.request_id == request_id))).first():
        return
    row = FingerprintRow(request_id=request_id, fingerprint=fingerprint)
    session.add(row)
    await session.flush()
    assert row.number is not None
    await insert_all_new(session, [FingerprintBandRow(value=value, number=row.number) for value in sorted(fingerprints.bands(slots))])


async def near(session: Session, request_id: UUID) -> list[Near]:
    """Requests that resemble this one, the nearest first and of those the newest."""
    own = (await session.exec(select(FingerprintRow.fingerprint).where(FingerprintRow.request_id == request_id))).first()
    slots = fingerprints.read(own) if own else None
    if slots is None:
        return []
    # One range of the key for each band: the database reads as many rows as it gives, however many there are.
    of_bands = [
        sa.select(col(FingerprintBandRow.number))
        .where(col(FingerprintBandRow.value) == value)
        .order_by(col(FingerprintBandRow.number).desc())
        .limit(NEWEST_OF_BAND)
        .subquery()
        for value in fingerprints.bands(slots)
    ]
    met = sa.union(*(sa.select(band.c.number) for band in of_bands)).subquery()
    statement = (
        sa.select(col(FingerprintRow.request_id), col(FingerprintRow.fingerprint))
        .join(met, col(FingerprintRow.number) == met.c.number)
        .where(col(FingerprintRow.request_id) != request_id)
        .order_by(col(FingerprintRow.number).desc())
    )
    return nearest(slots, ((row.request_id, row.fingerprint) for row in await lines(session, statement)))


def nearest(slots: Slots, others: Iterable[tuple[UUID, str]]) -> list[Near]:
    """The requests above the threshold, nearest first; ties keep their order."""
    read = ((request_id, fingerprints.read(fingerprint)) for request_id, fingerprint in others)
    compared = [Near(request_id, fingerprints.resemblance(slots, other)) for request_id, other in read if other is not None]
    return sorted((request for request in compared if request.resemblance >= ALIKE), key=lambda request: -request.resemblance)


async def similar_to(session: Session, request_id: UUID, person: Person, limit: int) -> list[Similar]:
    """Cases with a similar message, of those that this person may see."""
    requests = (await near(session, request_id))[:MOST_LOOKED_AT]
    if not requests:
        return []
    visible = await case_lists.lines_of(session, [request.request_id for request in requests], person.scope)
    shown = [Similar(visible[request.request_id], request.resemblance) for request in requests if request.request_id in visible]
    return shown[:limit]
