"""Every database query of intake."""

import re
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlmodel import col, delete, func, or_, select, update

from schemas.requests_received import RequestReceived
from schemas.requests_status import RefusalKind
from schemas.values import is_agency_slug
from services.domain.agency_keys import Agency
from services.intake import api_keys
from services.intake.rules import Refusal, State, Status
from services.intake.tables import AgencyRow, IdempotencyRow, JournalRow, RefusalRow, StatusRow
from services.runtime.database import Session, insert_all_new, insert_new
from services.runtime.errors import InvalidInput

MOST_REFUSALS = 20  # of one id: an agency that goes on needs no more to see that it does


@dataclass(frozen=True)
class Remembered:
    """What an Idempotency-Key stands for: the request, and the digest of the body that it came with."""

    key: str
    request_id: UUID
    digest: str


@dataclass(frozen=True)
class Entry:
    """A line of the journal that is to be published again."""

    request_id: UUID
    agency: str
    event: str
    trace: dict[str, str]
    publishes: int


async def add_agency(session: Session, slug: str, name: str, now: datetime) -> bool:
    """Adds the agency; says whether it was new. Raises InvalidInput where no request could name it."""
    if not is_agency_slug(slug):
        close = "-".join(re.findall("[a-z0-9]+", slug.lower()))[:64].rstrip("-") or "my-city"
        raise InvalidInput(
            f"code: {slug!r} can't be an agency's code, which has up to 64 lower-case letters, digits and dashes, with no dash at "
            f"either end; {close!r} would do, and --name takes what people call it",
            field="code",
        )
    return await insert_new(session, AgencyRow(slug=slug, name=name, created_at=now))


async def agencies(session: Session, now: datetime) -> list[Agency]:
    """All of them, by code."""
    good = await api_keys.good(session, now)
    rows = (await session.exec(select(AgencyRow).order_by(AgencyRow.slug))).all()
    return [Agency(row.slug, row.name, tuple(key for key in good if key.agency == row.slug)) for row in rows]


async def has_agency(session: Session, slug: str) -> bool:
    """Whether somebody has added it."""
    return await session.get(AgencyRow, slug) is not None


async def agency_name(session: Session, slug: str) -> str | None:
    """What people call it; None where nobody has added it."""
    row = await session.get(AgencyRow, slug)
    return None if row is None else row.name


async def remember(session: Session, agency: str, entries: Sequence[Remembered], now: datetime) -> dict[str, Remembered]:
    """What each Idempotency-Key stands for: the entry given, or the one it was first used for."""
    standing = {entry.key: entry for entry in entries}
    rows = [IdempotencyRow(agency=agency, **asdict(standing[key]), created_at=now) for key in sorted(standing)]
    if rows and await insert_all_new(session, rows) < len(rows):
        standing |= await remembered(session, agency, standing)
    return standing


async def remembered(session: Session, agency: str, keys: Collection[str]) -> dict[str, Remembered]:
    """What each Idempotency-Key stands for that was used before."""
    earlier = select(IdempotencyRow).where(IdempotencyRow.agency == agency, col(IdempotencyRow.key).in_(keys))
    return {row.key: Remembered(row.key, row.request_id, row.digest) for row in (await session.exec(earlier)).all()} if keys else {}


async def forget(session: Session, agency: str, keys: Collection[str]) -> None:
    """Deletes Idempotency-Keys that did not lead to a request."""
    if keys:
        await session.exec(delete(IdempotencyRow).where(col(IdempotencyRow.agency) == agency, col(IdempotencyRow.key).in_(keys)))


NOBODYS = ""
"""The agency of a request of which only later events are known yet: no key asks for it."""


async def claim(session: Session, request_ids: Collection[UUID], agency: str, now: datetime) -> set[UUID]:
    """Creates the status of each request; returns the ids that are `taken`."""
    others = await taken(session, request_ids, agency)
    await begin(session, [request_id for request_id in request_ids if request_id not in others], agency, now)
    return others


async def taken(session: Session, request_ids: Collection[UUID], agency: str) -> set[UUID]:
    """The ids that are another agency's request, or that were found to be in conflict, or were erased: none of these is taken again."""
    if not request_ids:
        return set()
    refused = select(StatusRow.request_id).where(
        col(StatusRow.request_id).in_(request_ids),
        ((col(StatusRow.agency).not_in([agency, NOBODYS])) & (col(StatusRow.state) != "conflict"))
        | ((col(StatusRow.agency) == agency) & ((col(StatusRow.state) == "conflict") | col(StatusRow.erased_at).is_not(None))),
    )
    return set((await session.exec(refused)).all())


async def begin(session: Session, request_ids: Collection[UUID], agency: str, now: datetime) -> None:
    """Creates the agency's status of each request, whoever else has used the ids."""
    if agency != NOBODYS and request_ids:
        # What became of a reply may be told before whose it is.
        nobodys = update(StatusRow).where(col(StatusRow.request_id).in_(request_ids), col(StatusRow.agency) == NOBODYS)
        await session.exec(nobodys.values(agency=agency))
    rows = [
        StatusRow(request_id=request_id, agency=agency, accepted_at=now, state="received", updated_at=now)
        for request_id in sorted(set(request_ids))
    ]
    if rows:
        await insert_all_new(session, rows)


async def choose(session: Session, request_id: UUID, *, agency: str, category: str) -> None:
    """Stores the category that the sender chose: the first counts."""
    row = update(StatusRow).where(col(StatusRow.request_id) == request_id, col(StatusRow.agency) == agency)
    await session.exec(row.where(col(StatusRow.chosen_category).is_(None)).values(chosen_category=category))


async def contents(session: Session, request_ids: Collection[UUID], agency: str) -> dict[UUID, str]:
    """The digest of each request's content, of those that are in the journal."""
    if not request_ids:
        return {}
    statement = select(JournalRow.request_id, JournalRow.content).where(
        col(JournalRow.request_id).in_(request_ids), JournalRow.agency == agency
    )
    return dict((await session.exec(statement)).all())


async def request_in_journal(session: Session, request_id: UUID, agency: str) -> RequestReceived | None:
    """The request as it was taken, while it is in the journal."""
    statement = select(JournalRow.event).where(JournalRow.request_id == request_id, JournalRow.agency == agency)
    event = (await session.exec(statement)).first()
    return None if event is None else RequestReceived.model_validate_json(event)


def journal(session: Session, request: RequestReceived, content: str, trace: dict[str, str], *, now: datetime, patience: timedelta) -> None:
    """Writes a new request down, to be published again unless there is a sign of life within `patience`."""
    row = JournalRow(
        request_id=request.request_id,
        agency=request.agency,
        event=request.model_dump_json(exclude_none=True),
        content=content,
        trace=trace,
        accepted_at=now,
        next_publish_at=now + patience,
        publishes=1,
    )
    session.add(row)


async def unsettled(session: Session) -> tuple[int, datetime | None]:
    """How many accepted requests no triage was heard of yet, and when the oldest of them was accepted."""
    waiting = select(func.count(), func.min(JournalRow.accepted_at)).where(col(JournalRow.settled_at).is_(None))
    count, oldest = (await session.exec(waiting)).one()
    return count, oldest


async def due(session: Session, now: datetime, limit: int) -> list[Entry]:
    """Unsettled requests that have waited long enough, oldest first, locked for this transaction."""
    rows = (
        select(JournalRow)
        .where(col(JournalRow.next_publish_at) <= now)
        .order_by(col(JournalRow.next_publish_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_entry(row) for row in (await session.exec(rows)).all()]


async def longest_wait(session: Session, since: datetime, of: int = 200) -> timedelta:
    """From taking a request to a sign of life, the longest among the last that had one since then; nothing where there was none."""
    rows = select(JournalRow.accepted_at, JournalRow.settled_at).where(col(JournalRow.settled_at) >= since)
    lately = (await session.exec(rows.order_by(col(JournalRow.settled_at).desc()).limit(of))).all()
    return max((settled - accepted for accepted, settled in lately if settled), default=timedelta())


async def put_off(session: Session, now: datetime, *, accepted_after: datetime, until: datetime) -> None:
    """What is due and was taken after that moment is looked at again at `until`, but for what the broker has forgotten."""
    due_rows = update(JournalRow).where(col(JournalRow.next_publish_at) <= now, col(JournalRow.accepted_at) > accepted_after)
    await session.exec(due_rows.where(col(JournalRow.publishes) > 0).values(next_publish_at=until))


async def published_again(session: Session, entry: Entry, next_publish_at: datetime) -> None:
    """Counts a publication, and sets when to look again."""
    row = update(JournalRow).where(col(JournalRow.request_id) == entry.request_id, col(JournalRow.agency) == entry.agency)
    await session.exec(row.values(publishes=JournalRow.publishes + 1, next_publish_at=next_publish_at))


async def settle(session: Session, request_id: UUID, agency: str, now: datetime) -> None:
    """The request was triaged, or refused for good: it need not be published again."""
    row = update(JournalRow).where(
        col(JournalRow.request_id) == request_id, col(JournalRow.agency) == agency, col(JournalRow.settled_at).is_(None)
    )
    await session.exec(row.values(settled_at=now, next_publish_at=None))


async def make_due(session: Session, now: datetime, recent: timedelta) -> int:
    """Makes everything due that a broker without a memory may have forgotten; returns how many.

    They count as never published. Settled requests too, where they were among the last of this service's former life and are not
    decided: whoever makes a case of them may not have read them yet. Twice is the same as once.
    """
    last = (await session.exec(select(func.max(JournalRow.settled_at)))).one()
    open_status = (
        StatusRow.request_id == JournalRow.request_id,
        StatusRow.agency == JournalRow.agency,
        col(StatusRow.decision_id).is_(None),
    )
    undecided = select(StatusRow.request_id).where(*open_status, col(StatusRow.state) != "conflict").exists()
    lately = col(JournalRow.settled_at) >= last - recent if last else col(JournalRow.settled_at).is_(None)
    rows = update(JournalRow).where(or_(col(JournalRow.settled_at).is_(None), lately), undecided)
    return int((await session.exec(rows.values(next_publish_at=now, settled_at=None, publishes=0))).rowcount)


async def status_of(session: Session, request_id: UUID, agency: str) -> Status | None:
    """What the agency sees of the request."""
    row = await session.get(StatusRow, (request_id, agency))
    return None if row is None else _status(row)


async def request_of_decision(session: Session, decision_id: UUID, agency: str) -> UUID | None:
    """The agency's request whose last decision it is."""
    query = select(StatusRow.request_id).where(StatusRow.decision_id == decision_id, StatusRow.agency == agency)
    return (await session.exec(query)).first()


async def statuses(session: Session, request_id: UUID) -> list[Status]:
    """What each agency that used the id sees, held for this transaction."""
    query = select(StatusRow).where(StatusRow.request_id == request_id).with_for_update()
    return [_status(row) for row in (await session.exec(query)).all()]


async def save(session: Session, status: Status, now: datetime) -> None:
    """Stores the status."""
    row = update(StatusRow).where(col(StatusRow.request_id) == status.request_id, col(StatusRow.agency) == status.agency)
    await session.exec(row.values(**{**asdict(status), "updated_at": now}))


async def add_refusal(session: Session, refusal: Refusal) -> bool:
    """Stores a refusal for its agency to see; says whether it was new."""
    values = asdict(refusal)
    return await insert_new(session, RefusalRow(**{name: values[name] for name in RefusalRow.model_fields}))


async def refusals(session: Session, request_id: UUID, agency: str) -> list[Refusal]:
    """What was refused under this id in the agency's name, the newest first."""
    query = (
        select(RefusalRow)
        .where(RefusalRow.request_id == request_id, RefusalRow.agency == agency)
        .order_by(col(RefusalRow.refused_at).desc())
    )
    rows = (await session.exec(query.limit(MOST_REFUSALS))).all()
    return [refusal_in(row) for row in rows]


def refusal_in(row: RefusalRow) -> Refusal:
    """The refusal of a row."""
    return Refusal(**{**row.model_dump(), "kind": cast("RefusalKind", row.kind)})


def _status(row: StatusRow) -> Status:
    return Status(
        **{
            **row.model_dump(),
            "state": cast("State", row.state),
            "published_state": cast("State | None", row.published_state),
            "accepted_at": row.accepted_at or row.updated_at,
        }
    )


def _entry(row: JournalRow) -> Entry:
    return Entry(row.request_id, row.agency, row.event, row.trace, row.publishes)
