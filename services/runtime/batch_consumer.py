"""Handles a batch of Kafka records, together or concurrently. Each keeps its own trace, outcome and place in dead letters."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from faststream.kafka import KafkaBroker, KafkaMessage
from opentelemetry import trace
from opentelemetry.trace import Link, Span

from schemas.values import Event
from services.runtime import kafka_records, record_metrics, telemetry
from services.runtime.broker import processing, processing_batch, publish, publish_all, records_in
from services.runtime.errors import InvalidRecord
from services.runtime.kafka_records import WrittenEvent
from services.runtime.record_provenance import NOWHERE, Seal, handling
from services.runtime.retry import Health, is_outage, once
from services.runtime.round_robin import interleaved

In = TypeVar("In", bound=Event)

LONGEST_TRANSACTION = 0.3  # seconds, and then what is in hand is committed: a person's decision may wait for the same rows

Handle = Callable[[bytes | None], Awaitable[Event | None]]
"""Reads one record's value and answers the event to publish, if there is one."""


@dataclass(frozen=True)
class Batches(Generic[In]):
    """A service's decision on many records at once: `decide` answers one event for each, in their order."""

    model: type[In]
    decide: Callable[[Sequence[In]], Awaitable[Sequence[Event | WrittenEvent]]]
    service: str
    health: Health
    broker: KafkaBroker
    lane: Callable[[In], str] = lambda _: ""
    at_once: int = 64

    async def handle(self, message: KafkaMessage) -> None:
        """Decides on the fetched records, agency by agency in turns, and publishes an event for each, inside that record's own trace.

        A record that can't be read goes to dead letters alone. Where the batch fails as a whole, each is tried by itself.
        """
        batch = records_in(message)
        with processing_batch(batch, self.service) as span:
            links = [Link(span.get_span_context())]
            readable: list[tuple[Any, In]] = []
            unreadable: list[tuple[Any, InvalidRecord]] = []
            for record in batch:
                try:
                    readable.append((record, kafka_records.read_event(record.value, self.model)))
                except InvalidRecord as error:
                    unreadable.append((record, error))
            turns = interleaved(readable, lambda of: self.lane(of[1]))
            for first in range(0, len(turns), self.at_once):
                await self._decide_part(turns[first : first + self.at_once], links)
            # Last, since one that is held holds up what comes after it: nobody's message in hand waits for it.
            for record, fault in unreadable:
                with processing(record, _request_id(record.value), links, service=self.service, tells_of_sending=True):
                    await self._alone(partial(_fail, fault), record)

    async def _decide_part(self, part: Sequence[tuple[Any, In]], links: Sequence[Link]) -> None:
        began = time.perf_counter()
        try:
            await self._decide(part, links)
        except Exception as error:
            if is_outage(error):
                raise
            for record, event in part:
                await self._alone(partial(self._decide, [(record, event)], links), record)
        else:
            for record, _ in part:
                self.health.failures.add(record.topic, record.partition, failed=False)
            record_metrics.done(self.service, [record.topic for record, _ in part], time.perf_counter() - began)

    async def _alone(self, attempt: Callable[[], Awaitable[None]], record: Any) -> None:  # noqa: ANN401
        await once(attempt, record, service=self.service, health=self.health, broker=self.broker)

    async def _decide(self, batch: Sequence[tuple[Any, In]], links: Sequence[Link]) -> None:
        with contextlib.ExitStack() as stack:
            of_batch = trace.get_current_span()
            spans = [
                stack.enter_context(processing(record, event.request_id, links, service=self.service, tells_of_sending=True))
                for record, event in batch
            ]
            for span in spans:
                _link(of_batch, span)
            sending = []
            for span, decided in zip(spans, await self.decide([event for _, event in batch]), strict=True):
                with telemetry.inside(span):
                    sending.append(kafka_records.outgoing(decided, self.service))
            await publish_all(self.broker, sending)


@dataclass(frozen=True)
class Transactions:
    """How one service works on many records in one transaction: `work` is given the transaction of `begin` and a record."""

    begin: Callable[[], AbstractAsyncContextManager[Any]]
    work: Callable[[Any, Any], Awaitable[None]]
    lane: Callable[[Any], str]
    service: str
    health: Health
    broker: KafkaBroker
    seal: Seal | None = None
    at_once: int = 50
    rest: float = 0.0
    """Seconds between two transactions, where other processes wait for the same lock."""

    async def handle(self, message: KafkaMessage) -> None:
        """Works on what was fetched, lane by lane in turns. What fails is undone by itself, and tried again alone after the others."""
        turns = interleaved(records_in(message), self.lane)
        failed: list[Any] = []
        with processing_batch(turns, self.service) as span:
            links = [Link(span.get_span_context())]
            while turns:
                part = turns[: self.at_once]
                attempted, fallen = await self._together(part, links)
                failed += fallen
                turns = part[attempted:] + turns[self.at_once :]
                await asyncio.sleep(self.rest)
        # Last, since one that is held holds up what comes after it: nobody's message in hand waits for it.
        for record in failed:
            with processing(record, _request_id(record.value), service=self.service):
                await once(partial(self._alone, record), record, service=self.service, health=self.health, broker=self.broker)

    async def _together(self, part: list[Any], links: Sequence[Link]) -> tuple[int, list[Any]]:
        """Commits what works of the first records, as many as fit into one short transaction; tells how many, and which did not work."""
        # Two processes that hold several cases each must take them in the same order.
        part.sort(key=lambda record: record.key or b"")
        failed: list[Any] = []
        attempted = 0
        began = time.perf_counter()
        ends_at = time.monotonic() + LONGEST_TRANSACTION
        of_batch = trace.get_current_span()
        try:
            async with self.begin() as session:
                while attempted < len(part) and (not attempted or time.monotonic() < ends_at):
                    record = part[attempted]
                    attempted += 1
                    try:
                        async with session.begin_nested():
                            with processing(record, _request_id(record.value), links, service=self.service) as span:
                                _link(of_batch, span)
                                await self._work(session, record)
                    except Exception as error:
                        if is_outage(error):
                            raise
                        failed.append(record)
        except Exception as error:
            if is_outage(error):
                raise
            failed = part[:attempted]
        worked = [record for record in part[:attempted] if record not in failed]
        for record in worked:
            self.health.failures.add(record.topic, record.partition, failed=False)
        record_metrics.done(self.service, [record.topic for record in worked], time.perf_counter() - began)
        return attempted, failed

    async def _alone(self, record: Any) -> None:  # noqa: ANN401
        async with self.begin() as session:
            await self._work(session, record)

    async def _work(self, session: Any, record: Any) -> None:  # noqa: ANN401
        with handling(await self.seal.opened(record) if self.seal else NOWHERE):
            await self.work(session, record)


def _link(of_batch: Span, span: Span) -> None:
    """From the batch to what it did for one record, as that is linked to the batch."""
    if of_batch.is_recording():
        of_batch.add_link(span.get_span_context())


async def _fail(error: InvalidRecord) -> None:
    raise error


async def handle_concurrently(
    message: KafkaMessage, handles: Mapping[str, Handle], *, service: str, health: Health, broker: KafkaBroker
) -> None:
    """Handles every record of the batch by its topic, and returns when the last is published or in dead letters.

    One consumer of a batch and not many consumers: each would join the group by itself, and every join stops all the others for seconds.
    """

    async def handle_record(record: Any) -> None:  # noqa: ANN401 - whichever client's record it is
        async def attempt() -> None:
            event = await handles[record.topic](record.value)
            if event is not None:
                await publish(broker, kafka_records.outgoing(event, service))

        with processing(record, _request_id(record.value), service=service):
            await once(attempt, record, service=service, health=health, broker=broker)

    await asyncio.gather(*(handle_record(record) for record in records_in(message)))


def _request_id(value: bytes | None) -> Any:  # noqa: ANN401 - a UUID or nothing, as telemetry takes it
    try:
        return kafka_records.request_id_in(kafka_records.read_json(value))
    except InvalidRecord:
        return None  # the attempt finds the same, and there it counts
