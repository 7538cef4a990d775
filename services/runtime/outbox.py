"""Keeps events as rows of the transaction that they must leave with (an outbox); a relay sends them to Kafka, at least once each."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from opentelemetry.trace import SpanKind
from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel, col, delete, func, select, update

from schemas.values import Event
from services.runtime import clock, kafka_records, record_signing, telemetry, trace_context
from services.runtime.backoff import jittered
from services.runtime.database import JSON, Counter, Database, Moment, Session

log = logging.getLogger(__name__)

BATCH = 200
SEND_SECONDS = 8.0  # less than the lease: nobody else sends meanwhile
LEASE = timedelta(seconds=10)  # a relay that was killed leaves its rows to the next one after this long


TURNS = "outbox turns"


class OutboxRow(SQLModel, table=True):
    """One event that waits to be sent. `reference` lets its owner find it again, to recall it.

    Lanes take turns: the third event of one lane leaves after the second of every other, however many wait in each.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_turns", "service", "turn", "id"), Index("ix_outbox_lanes", "service", "lane", "turn"))

    id: int | None = Field(default=None, primary_key=True, sa_type=Counter)
    service: str = Field(index=True)
    reference: str = Field(default="", index=True)
    topic: str
    key: str
    value: str
    headers: dict[str, str] = Field(sa_type=JSON)
    available_at: datetime = Field(sa_type=Moment, index=True)
    leased_until: datetime | None = Field(default=None, sa_type=Moment)
    lane: str = Field(default="", sa_column_kwargs={"server_default": ""})
    turn: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})


async def add(
    session: Session, service: str, event: Event, *, available_at: datetime | None = None, reference: str = "", lane: str = ""
) -> None:
    """Stores an event that leaves if and only if the session commits, with the trace that is current now and the service's signature."""
    record = kafka_records.outgoing(event, service)
    signed = await record_signing.headers_for(session, record)
    session.add(
        OutboxRow(
            service=service,
            reference=reference,
            topic=record.topic,
            key=record.key.decode(),
            value=record.value.decode(),
            headers=record.headers | signed,
            available_at=available_at or clock.now(),
            lane=lane,
            turn=await _turn(session, service, lane),
        )
    )


async def _turn(session: Session, service: str, lane: str) -> int:
    """The next turn of a lane: one after its last, and never before what is next to leave, so that idle lanes save nothing up."""
    turns: dict[tuple[str, str], int] = session.info.setdefault(TURNS, {})
    if (service, lane) not in turns:
        of_service = select(func.min(OutboxRow.turn)).where(OutboxRow.service == service, col(OutboxRow.leased_until).is_(None))
        of_lane = select(func.max(OutboxRow.turn)).where(OutboxRow.service == service, OutboxRow.lane == lane)
        next_to_leave, last_of_lane = (await session.exec(of_service)).one(), (await session.exec(of_lane)).one()
        turns[service, lane] = max(next_to_leave or 0, 0 if last_of_lane is None else last_of_lane + 1)
    else:
        turns[service, lane] += 1
    return turns[service, lane]


async def recall(session: Session, service: str, reference: str, topic: str) -> bool:
    """Deletes the events of a reference, all or none, and says whether it did.

    None where any has begun to leave, or where the one on `topic`, which is the first of them to leave, is not there any more.
    """
    of_it = (col(OutboxRow.service) == service, col(OutboxRow.reference) == reference)
    rows = (await session.exec(select(OutboxRow).where(*of_it).with_for_update())).all()
    if any(row.leased_until for row in rows) or not any(row.topic == topic for row in rows):
        return False
    await session.exec(delete(OutboxRow).where(*of_it))
    return True


async def waits(session: Session, service: str, reference: str) -> bool:
    """Whether an event of that reference has not left yet."""
    if not reference:
        return False
    query = select(OutboxRow.id).where(col(OutboxRow.service) == service, col(OutboxRow.reference) == reference).limit(1)
    return (await session.exec(query)).first() is not None


async def lease(session: Session, service: str, now: datetime) -> list[OutboxRow]:
    """Takes the rows that are due, for as long as a lease lasts."""
    due = (
        select(OutboxRow)
        .where(
            col(OutboxRow.service) == service,
            col(OutboxRow.available_at) <= now,
            col(OutboxRow.leased_until).is_(None) | (col(OutboxRow.leased_until) < now),
        )
        .order_by(col(OutboxRow.turn), col(OutboxRow.id))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    rows = list((await session.exec(due)).all())
    for row in rows:
        row.leased_until = now + LEASE
    return rows


class Relay:
    """Sends due rows, lane by lane in turns, until it is cancelled: at least once each, perhaps twice."""

    def __init__(
        self,
        database: Database,
        service: str,
        send: Callable[[kafka_records.Outgoing], Awaitable[None]],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._service = service
        self._send = send
        self._chance = chance
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Ends the pause: something was just committed."""
        self._wake.set()

    async def run(self) -> None:
        """Looks and sends in a loop."""
        alone = self._database.is_sqlite  # one process of each service: the leases are those of its last life
        while True:
            self._wake.clear()
            try:
                if alone:
                    async with self._database.transaction() as session:
                        await release(session, self._service, clock.now())
                    alone = False
                sent = await self.send_due()
            except Exception as error:
                log.warning("outbox: %s, trying again", type(error).__name__, exc_info=error)
                await asyncio.sleep(jittered(1, self._chance))
                continue
            if sent < BATCH:
                try:
                    await asyncio.wait_for(self._wake.wait(), jittered(0.3, self._chance))
                except TimeoutError:
                    continue

    async def send_due(self) -> int:
        """One look; returns how many were sent. What the broker does not take in time leaves when its lease has ended."""
        async with self._database.transaction() as session:
            rows = await lease(session, self._service, clock.now())
            await _sign(session, rows)
        if not rows:
            return 0
        sending = {asyncio.ensure_future(self._sent(row)): row.id for row in rows}
        done, late = await asyncio.wait(sending, timeout=SEND_SECONDS)
        for task in late:
            task.cancel()
        sent = [sending[task] for task in done if task.exception() is None]
        async with self._database.transaction() as session:
            await session.exec(delete(OutboxRow).where(col(OutboxRow.id).in_(sent)))
        if len(sent) < len(rows):
            log.warning("outbox: %d of %d could not be sent yet", len(rows) - len(sent), len(rows))
        return len(sent)

    async def _sent(self, row: OutboxRow) -> None:
        """Sends one row, as a step of its trace. The record continues what wrote the row, and not this: its bytes were signed then."""
        record, request_id = _outgoing(row), _request_id(row)
        if trace_context.TRACEPARENT not in row.headers:  # of no request, as the rules of the drafting switch
            await self._send(record)
            return
        with telemetry.request_span(
            f"send {row.topic}",
            request_id,
            parent=row.headers,
            kind=SpanKind.PRODUCER,
            attributes={
                "messaging.system": "kafka",
                "messaging.operation.type": "send",
                "messaging.operation.name": "send",
                "messaging.destination.name": row.topic,
                "messaging.message.id": row.headers.get("ce_id"),
                "parvis.agency": row.lane or None,
            },
        ):
            await self._send(record)
        written = _moment(row.headers.get("ce_time", ""))
        if request_id and row.reference and written and row.available_at > written:
            telemetry.past_span("undo window", request_id, written, row.available_at, parent=row.headers)


async def _sign(session: Session, rows: Sequence[OutboxRow]) -> None:
    """What a release that did not sign has left here is a service's own word as well: nothing else can write to this table."""
    for row in rows:
        if record_signing.HEADER not in row.headers:
            row.headers = row.headers | await record_signing.headers_for(session, _outgoing(row))


def _outgoing(row: OutboxRow) -> kafka_records.Outgoing:
    return kafka_records.Outgoing(row.topic, row.key.encode(), row.value.encode(), row.headers)


def _moment(text: str) -> datetime | None:
    """A time of our own headers; None where a former release wrote none."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _request_id(row: OutboxRow) -> UUID | None:
    try:
        return UUID(row.key)
    except ValueError:
        return None


async def release(session: Session, service: str, now: datetime) -> None:
    """Ends the leases of a service at once, where nobody else can hold one. They stay known: what may have left can't be recalled."""
    leased = update(OutboxRow).where(col(OutboxRow.service) == service, col(OutboxRow.leased_until).is_not(None))
    await session.exec(leased.values(leased_until=now))
