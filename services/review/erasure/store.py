"""Every query of an erasure and of an export: rows of requests in all tables of the list, whichever service's they are."""

import base64
import binascii
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.review.cases.case_state import State
from services.review.erasure.citizens_tables import HOLDINGS, Holding
from services.runtime.database import Session, lines

STATUSES = "parvis.requests.status.v1"
"""What waits for this topic names states alone: it leaves as it is."""

SENT_OR_CLOSED = (State.SENT.value, State.CLOSED.value)

_WITH_ADDRESSES = {
    "review_cases": ("request_id", ("request", "decision", "corrected_email")),
    "review_decisions": ("request_id", ("event",)),
    "review_acknowledgements": ("request_id", ("event",)),
    "intake_journal": ("request_id", ("event",)),
    "dispatch_deliveries": ("request_id", ("event",)),
    "outbox": ("key", ("value",)),
}
"""Where the address of whoever wrote stands: the column with the request's id, and those with events."""


class Tables:
    """The tables as the database has them: of several services, which cannot import each other's."""

    def __init__(self, metadata: sa.MetaData, *, is_sqlite: bool) -> None:
        self._metadata = metadata
        self._is_sqlite = is_sqlite

    @classmethod
    async def of(cls, session: Session, *, all_of_them: bool = False) -> "Tables":
        """Reads what is there: those of the list, or all."""
        names = {holding.table for holding in HOLDINGS}
        metadata = sa.MetaData()
        connection = await session.connection()
        await connection.run_sync(lambda c: metadata.reflect(c, only=None if all_of_them else sorted(names), resolve_fks=False))
        return cls(metadata, is_sqlite=connection.dialect.name == "sqlite")

    def __getitem__(self, name: str) -> sa.Table:
        return self._metadata.tables[name]

    @property
    def all(self) -> Sequence[sa.Table]:
        """Each table once, by name."""
        return [self._metadata.tables[name] for name in sorted(self._metadata.tables)]

    def key(self, column: sa.Column[Any], request_id: UUID) -> object:
        """The id as that column holds it."""
        if isinstance(column.type, sa.Uuid):
            return request_id
        return request_id.hex if self._is_sqlite and str(column.type) == "CHAR(32)" else str(request_id)

    def among(self, column: sa.Column[Any], ids: Collection[UUID]) -> sa.ColumnElement[bool]:
        """The condition under which that column holds one of these ids."""
        return column.in_([self.key(column, each) for each in ids])

    def moment(self, at: datetime) -> datetime:
        """A moment as a column holds it."""
        return at.astimezone(UTC).replace(tzinfo=None) if self._is_sqlite else at

    def of_requests(self, holding: Holding, request_ids: Collection[UUID]) -> sa.ColumnElement[bool]:
        """The condition under which a row is of one of these requests."""
        column = self[holding.table].c[holding.key]
        if holding.through:
            other, number = holding.through
            ids = self[other].c["request_id"]
            numbers = sa.select(self[other].c[number]).where(self.among(ids, request_ids))
            return column.in_(numbers)
        of_them = self.among(column, request_ids)
        if holding.table == "outbox":
            of_them = sa.and_(of_them, self[holding.table].c["topic"] != STATUSES)
        return sa.and_(of_them, sa.text(holding.where)) if holding.where else of_them


async def erase(session: Session, tables: Tables, request_ids: Collection[UUID], now: datetime) -> Counter[str]:
    """Takes the identity and the words of these requests out of every table; says how many rows of each were changed or deleted."""
    changed: Counter[str] = Counter()
    for holding in HOLDINGS:
        condition = tables.of_requests(holding, request_ids)
        if holding.row_goes:
            changed[holding.table] += await _write(session, sa.delete(tables[holding.table]).where(condition))
            continue
        changed[holding.table] += await _leave_skeletons(session, tables[holding.table], holding, condition)
        changed[holding.table] += await _blank(session, tables[holding.table], holding, condition)
        if holding.marked:
            await _mark(session, tables, holding, condition, now)
    return +changed


async def _blank(session: Session, table: sa.Table, holding: Holding, condition: sa.ColumnElement[bool]) -> int:
    values = {name: sa.null() if value is None else value for name, value in holding.blank.items()}
    differs = [table.c[name].is_not(None) if value is None else table.c[name] != value for name, value in holding.blank.items()]
    return await _write(session, sa.update(table).where(condition, sa.or_(*differs)).values(**values)) if values else 0


async def _leave_skeletons(session: Session, table: sa.Table, holding: Holding, condition: sa.ColumnElement[bool]) -> int:
    if not holding.skeleton:
        return 0
    keys, count = list(table.primary_key.columns), 0
    columns = [*keys, *(table.c[name] for name in holding.skeleton)]
    for row in await lines(session, sa.select(*columns).where(condition)):
        former = {name: row._mapping[name] for name in holding.skeleton}  # noqa: SLF001 - SQLAlchemy's public name
        after = {name: holding.skeleton[name](event) if event else event for name, event in former.items()}
        different = {name: event for name, event in after.items() if event != former[name]}
        if different:
            of_row = [key == row._mapping[key.name] for key in keys]  # noqa: SLF001
            count += await _write(session, sa.update(table).where(*of_row).values(**different))
    return count


async def _mark(session: Session, tables: Tables, holding: Holding, condition: sa.ColumnElement[bool], now: datetime) -> None:
    """Notes that it was erased, once, and makes what somebody sees of it stale."""
    table = tables[holding.table]
    newer: dict[str, Any] = {"version": table.c["version"] + 1} if "version" in table.c else {}
    mark = sa.update(table).where(condition, table.c["erased_at"].is_(None)).values(erased_at=tables.moment(now), **newer)
    await _write(session, mark)


async def erase_letters(session: Session, tables: Tables, letter_ids: Collection[UUID]) -> int:
    """The same for dead letters whose record names no request that could be read."""
    [holding] = [holding for holding in HOLDINGS if holding.table == "review_dead_letters"]
    table = tables[holding.table]
    condition = tables.among(table.c["letter_id"], letter_ids)
    return await _leave_skeletons(session, table, holding, condition) + await _blank(session, table, holding, condition)


async def discard_letters(session: Session, tables: Tables, letter_ids: Collection[UUID], by: str, now: datetime) -> None:
    """What still waits is not worked on any more: its record is gone."""
    table = tables["review_dead_letters"]
    of_them = tables.among(table.c["letter_id"], letter_ids)
    waiting = sa.update(table).where(of_them, table.c["state"] == "waiting")
    await _write(session, waiting.values(state="discarded", settled_by=by, settled_at=tables.moment(now)))


async def end_deliveries(session: Session, tables: Tables, request_ids: Collection[UUID], now: datetime) -> None:
    """Nothing that waits for a mail server or a webhook is tried any more."""
    for name in ("dispatch_deliveries", "dispatch_webhook_deliveries"):
        table = tables[name]
        of_them = tables.among(table.c["request_id"], request_ids)
        ended = {"state": "failed", "next_attempt_at": sa.null(), "finished_at": tables.moment(now)}
        await _write(session, sa.update(table).where(of_them, table.c["state"] == "pending").values(**ended))


async def _write(session: Session, statement: sa.UpdateBase) -> int:
    result = await (await session.connection()).execute(statement)
    return max(int(result.rowcount), 0)


async def rows_of(session: Session, tables: Tables, holding: Holding, request_ids: Collection[UUID]) -> list[dict[str, Any]]:
    """Every column of the rows of these requests in one table."""
    query = sa.select(tables[holding.table]).where(tables.of_requests(holding, request_ids))
    return [dict(row._mapping) for row in await lines(session, query)]  # noqa: SLF001 - SQLAlchemy's public name


async def known(session: Session, tables: Tables, request_id: UUID) -> bool:
    """Whether anything is kept of that request."""
    for holding in HOLDINGS:
        query = sa.select(sa.literal(1)).select_from(tables[holding.table]).where(tables.of_requests(holding, [request_id])).limit(1)
        if not holding.through and await lines(session, query):
            return True
    return False


async def requests_of(session: Session, tables: Tables, address: str) -> set[UUID]:
    """The requests of whoever has that address, in whichever case it was written; not those that only mention it."""
    requests: set[UUID] = set()
    # What databases call lower-case differs beyond ASCII: they only narrow it down.
    longest = max("".join(c if c.isascii() else " " for c in address).split(), key=len)
    for name, (key, columns) in _WITH_ADDRESSES.items():
        table = tables[name]
        texts = [sa.func.lower(sa.cast(table.c[column], sa.Text)) for column in columns]
        holds = sa.or_(*(text.contains(longest.lower(), autoescape=True) for text in texts))
        query = sa.select(table.c[key], *(table.c[column] for column in columns)).where(holds)
        rows = [tuple(row) for row in await lines(session, query)]
        requests |= {UUID(str(row[0])) for row in rows if any(_is_of(event, address) for event in row[1:])}
    return requests | {r for _, r, _, record in await letters(session, tables) if r and _is_of(record.decode(errors="replace"), address)}


def _is_of(event: object, address: str) -> bool:
    """Whether an event names the address as that of the citizen; a plain text whether it is the address."""
    if isinstance(event, str):
        try:
            event = json.loads(event)
        except ValueError:
            return isinstance(event, str) and event.strip().casefold() == address.casefold()
    if isinstance(event, Mapping):
        people = (event.get("citizen"), event.get("recipient"))
        emails = [person.get("email") for person in people if isinstance(person, Mapping)]
        return any(isinstance(email, str) and email.strip().casefold() == address.casefold() for email in emails)
    return False


async def letters(session: Session, tables: Tables) -> list[tuple[UUID, UUID | None, str, bytes]]:
    """Every dead letter: its id, its request where that could be read, its state, and its record with all of its headers."""
    table = tables["review_dead_letters"]
    rows = await lines(session, sa.select(table.c["letter_id"], table.c["request_id"], table.c["state"], table.c["event"]))
    return [
        (UUID(str(row.letter_id)), UUID(str(row.request_id)) if row.request_id else None, row.state, _record_of(row.event)) for row in rows
    ]


def _record_of(event: Mapping[str, Any]) -> bytes:
    parts = [event.get("value") or "", event.get("key") or "", *(header.get("value") or "" for header in event.get("headers") or ())]
    decoded = []
    for part in parts:
        try:
            decoded.append(base64.b64decode(part))
        except (binascii.Error, ValueError):
            continue
    return decoded[0] if len([part for part in decoded if part]) == 1 else b"\n".join(decoded)


_MOVES = (
    ("case", "review_cases", "state", ("state not in ('sent', 'closed')",), False),
    ("journal", "intake_journal", "agency", ("settled_at is null",), True),
    ("outbox", "outbox", "topic", (), True),
    ("leaving", "outbox", "topic", ("leased_until is not null",), True),
    (
        "delivery",
        "dispatch_deliveries",
        "state",
        ("state in ('pending', 'sending', 'transmitting') and next_attempt_at is not null",),
        True,
    ),
    ("webhook", "dispatch_webhook_deliveries", "state", ("state in ('pending', 'sending')",), True),
    ("letter", "review_dead_letters", "state", ("state = 'waiting'",), False),
)
"""Kind, table, the column that is shown, conditions, and whether services take such rows away meanwhile; in the order of a letter's way."""


async def under_way(session: Session, tables: Tables, request_id: UUID) -> list[tuple[str, str]]:
    """What still moves of a request: a kind (`case`, `journal`, `outbox`, `leaving`, `delivery`, `webhook`, `letter`) and its state.

    Nobody takes any of it until this transaction ends: what a relay or dispatch has taken before is told as it is then.
    """
    return (await _moving(session, tables, [request_id], holds=True)).get(request_id, [])


async def _moving(session: Session, tables: Tables, request_ids: Sequence[UUID], *, holds: bool) -> dict[UUID, list[tuple[str, str]]]:
    """Those of the requests of which something moves. `holds`: for this transaction; SQLite writes one at a time by itself."""
    moving: dict[UUID, list[tuple[str, str]]] = {}
    for kind, name, shown, where, is_taken in _MOVES:
        [holding] = [holding for holding in HOLDINGS if holding.table == name]
        query: sa.Select[Any] = sa.select(tables[name].c[holding.key].label("number"), tables[name].c[shown].label("shown"))
        query = query.where(tables.of_requests(holding, request_ids), *(sa.text(text) for text in where))
        for row in await lines(session, query.with_for_update() if holds and is_taken else query):
            moving.setdefault(UUID(str(row.number)), []).append((kind, str(row.shown)))
    return moving


async def files_of(session: Session, tables: Tables, request_ids: Collection[UUID]) -> set[tuple[str, str]]:
    """Agency and SHA-256 of the files in the store of files that no other request has."""
    attached, cases, journal = tables["review_attachments"], tables["review_cases"], tables["intake_journal"]
    ids = [tables.key(attached.c["request_id"], request_id) for request_id in request_ids]
    rows: sa.Select[Any] = sa.select(cases.c["agency"], attached.c["sha256"]).join(cases, cases.c["request_id"] == attached.c["request_id"])
    theirs = {(row.agency, row.sha256) for row in await lines(session, rows.where(attached.c["request_id"].in_(ids))) if row.sha256}
    of_them = tables.among(journal.c["request_id"], request_ids)
    for row in await lines(session, sa.select(journal.c["agency"], journal.c["event"]).where(of_them)):
        files = json.loads(row.event).get("files") or ()
        theirs |= {(row.agency, file["sha256"]) for file in files if file.get("stored") and file.get("sha256")}
    alone = set()
    for agency, sha256 in theirs:
        shared = rows.where(attached.c["sha256"] == sha256, cases.c["agency"] == agency, attached.c["request_id"].not_in(ids)).limit(1)
        waits = sa.select(journal.c["agency"]).where(
            journal.c["settled_at"].is_(None), journal.c["agency"] == agency, journal.c["event"].contains(sha256), sa.not_(of_them)
        )
        if not await lines(session, shared) and not await lines(session, waits.limit(1)):
            alone.add((agency, sha256))
    return alone


async def mails_of(session: Session, tables: Tables, request_ids: Collection[UUID]) -> set[UUID]:
    """The decisions and receipts of these requests: the mails that are kept as files are called so."""
    mails = set()
    for name, column in (
        ("dispatch_deliveries", "decision_id"),
        ("review_decisions", "decision_id"),
        ("review_acknowledgements", "acknowledgement_id"),
    ):
        table = tables[name]
        of_them = tables.among(table.c["request_id"], request_ids)
        mails |= {UUID(str(row[0])) for row in await lines(session, sa.select(table.c[column]).where(of_them))}
    return mails


async def traces_of(session: Session, tables: Tables, request_ids: Collection[UUID]) -> set[str]:
    """The ids of their traces, as their agencies and people see them."""
    cases = tables["review_cases"]
    query = sa.select(cases.c["trace"]).where(tables.among(cases.c["request_id"], request_ids))
    parents = [row[0] or {} for row in await lines(session, query)]
    traces = {parent["traceparent"].split("-")[1] for parent in parents if parent.get("traceparent", "").count("-") == 3}  # noqa: PLR2004
    for table in (tables["intake_status"], tables["intake_refusals"]):
        query = sa.select(table.c["trace_id"]).where(tables.among(table.c["request_id"], request_ids))
        traces |= {row[0] for row in await lines(session, query) if row[0]}
    return traces


async def due(
    session: Session, tables: Tables, state: str, before: datetime, limit: int, but: Collection[UUID] = ()
) -> list[tuple[UUID, datetime]]:
    """Cases `but` those that are in that state since before then, of which nothing moves and that are not erased, the longest first."""
    cases = tables["review_cases"]
    since = (cases.c["state"] == state, cases.c["updated_at"] < tables.moment(before), cases.c["erased_at"].is_(None))
    query: sa.Select[Any] = sa.select(cases.c["request_id"], cases.c["updated_at"]).where(*since)
    query = query.order_by(cases.c["updated_at"], cases.c["request_id"]).limit(limit)
    resting: list[tuple[UUID, datetime]] = []
    # What does not come to an end, as a webhook that never answers, must keep nothing behind it.
    for offset in count(0, limit):
        page = [(UUID(str(row.request_id)), row.updated_at.replace(tzinfo=UTC)) for row in await lines(session, query.offset(offset))]
        moving = await _moving(session, tables, [request_id for request_id, _ in page], holds=False)
        resting += [(request_id, at) for request_id, at in page if request_id not in moving and request_id not in but]
        if len(page) < limit or len(resting) >= limit:
            break
    return resting[:limit]
