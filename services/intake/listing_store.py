"""Database queries behind the lists of an agency: `GET /v1/requests`, `GET /v1/refusals` and Open311's."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped
from sqlmodel import and_, col, func, or_, select

from services.intake.listing import Filters, Listed, Place, Report
from services.intake.rules import Refusal
from services.intake.store import refusal_in
from services.intake.tables import AgencyRow, ApiKeyRow, JournalRow, RefusalRow, StatusRow
from services.runtime.database import Session, lines

LONGEST_BODY = 4000  # characters that Open311 gives a description


async def requests_of(
    session: Session, agency: str, filters: Filters, *, limit: int, after: Place | None = None, offset: int = 0
) -> list[Listed]:
    """The agency's requests, the newest first, from the place or offset on."""
    columns = [col(getattr(StatusRow, name)) for name in Listed.__dataclass_fields__]
    accepted_at, request_id, updated_at = col(StatusRow.accepted_at), col(StatusRow.request_id), col(StatusRow.updated_at)
    statement = sa.select(*columns).where(col(StatusRow.agency) == agency, accepted_at.is_not(None))
    if after:
        statement = statement.where(*_beyond(after, accepted_at, request_id))
    if filters.request_ids is not None:
        statement = statement.where(request_id.in_(filters.request_ids))
    if filters.states is not None:
        statement = statement.where(col(StatusRow.state).in_(filters.states))
    if filters.categories is not None:
        statement = statement.where(func.coalesce(StatusRow.chosen_category, StatusRow.category).in_(filters.categories))
    for column, earliest, latest in (
        (accepted_at, filters.accepted_from, filters.accepted_to),
        (updated_at, filters.updated_from, filters.updated_to),
    ):
        statement = statement.where(column >= earliest) if earliest else statement
        statement = statement.where(column <= latest) if latest else statement
    statement = statement.order_by(accepted_at.desc(), request_id.desc()).limit(limit).offset(offset)
    return [Listed(*tuple(row)) for row in await lines(session, statement)]


async def refusals_of(session: Session, agency: str, *, limit: int, after: Place | None = None) -> list[Refusal]:
    """Records in the agency's name that were not accepted, the newest first, from the place on."""
    statement = select(RefusalRow).where(RefusalRow.agency == agency)
    refused_at, letter_id = col(RefusalRow.refused_at), col(RefusalRow.letter_id)
    if after:
        statement = statement.where(*_beyond(after, refused_at, letter_id))
    newest_first = statement.order_by(refused_at.desc(), letter_id.desc())
    return [refusal_in(row) for row in (await session.exec(newest_first.limit(limit))).all()]


def _beyond(place: Place, at: Mapped[Any], number: Mapped[UUID]) -> tuple[sa.ColumnElement[bool], ...]:
    """What stands after the place in a list with the newest first. The first of the two is for the index."""
    return at <= place.at, or_(at < place.at, and_(at == place.at, number < place.number))


async def reports(session: Session, agency: str, request_ids: Collection[UUID]) -> dict[UUID, Report]:
    """What the journal has of these, without the files that came with them: those may be a thousand times as long."""
    if not request_ids:
        return {}
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    event = sa.type_coerce(JournalRow.event, sa.JSON) if is_sqlite else sa.cast(JournalRow.event, sa.JSON)  # SQLite would cast to a number

    def text(*path: str | int) -> sa.ColumnElement[str]:
        part: sa.ColumnElement[str] = event[path].as_string()
        return part

    statement = sa.select(
        col(JournalRow.request_id),
        text("received_at"),
        func.substr(text("body"), 1, LONGEST_BODY),
        text("location", "latitude"),
        text("location", "longitude"),
        text("location", "address"),
        text("metadata", "open311_address_id"),
        text("attachments", 0, "url"),
    ).where(col(JournalRow.agency) == agency, col(JournalRow.request_id).in_(request_ids))
    return {
        request_id: Report(datetime.fromisoformat(received_at), body, _number(latitude), _number(longitude), *others)
        for request_id, received_at, body, latitude, longitude, *others in map(tuple, await lines(session, statement))
    }


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)


async def active_agencies(session: Session) -> set[str]:
    """The agencies that have a good key."""
    good = select(ApiKeyRow.agency).where(ApiKeyRow.agency == AgencyRow.slug, col(ApiKeyRow.revoked_at).is_(None)).exists()
    return set((await session.exec(select(AgencyRow.slug).where(good))).all())
