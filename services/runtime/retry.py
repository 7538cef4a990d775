"""Retries a record whose work failed: waits while a server is away, tries again, and gives up into dead letters."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from aiokafka.errors import KafkaError, KafkaTimeoutError
from faststream.exceptions import IgnoredException
from faststream.kafka import KafkaBroker
from opentelemetry import trace
from pydantic import ValidationError

from services.runtime import clock, dead_letters, kafka_records, record_metrics, telemetry
from services.runtime.backoff import jittered
from services.runtime.errors import InvalidRecord, Refused, Unavailable
from services.runtime.failure_windows import FailureWindows
from services.runtime.settings import KafkaSettings

log = logging.getLogger(__name__)

ATTEMPTS = 5
PAUSES = (0.1, 0.3, 1.0, 2.0)  # seconds between them: one bad record holds up its partition for 3.4 s and no longer
OUTAGE_PAUSE = 5.0  # seconds, the longest between two tries while a server is away


Trial = Callable[[], Awaitable[None]]
"""This release's work on records that every release reads, without an effect. Raises where it can't do it."""


class Health:
    """State of this process's consumers, for `/readyz`. `chance` spreads pauses; a test gives its own.

    `trials` has the topics that others than our own services write: what is read there says nothing of this release, its trial does.
    """

    def __init__(self, failures: FailureWindows | None = None, chance: Callable[[], float] = random.random) -> None:
        self.failures = failures or FailureWindows(KafkaSettings().stop_after_failures)
        self.chance = chance
        self.held: dict[tuple[str, int, int], str] = {}
        self.trials: dict[str, Trial] = {}
        self._waits: dict[object, str] = {}

    @property
    def waiting_for(self) -> str | None:
        """The kind of error that is waited out; of several waits, the first one's."""
        return next(iter(self._waits.values()), None)

    def waits(self, wait: object, error: BaseException) -> None:
        """Notes that this wait goes on, and which error it is for."""
        self._waits[wait] = type(error).__name__

    def ends(self, wait: object) -> None:
        """Notes that this wait is over; others may go on."""
        self._waits.pop(wait, None)

    async def is_bad_release(self, topic: str, partition: int) -> bool:
        """Whether so many of the last records failed that it is our fault, so that the next is kept instead of becoming a dead letter."""
        if not self.failures.stops(topic, partition):
            return False
        trial = self.trials.get(topic)
        if trial is None:
            return True
        try:
            await persist(trial, self)
        except Exception as error:
            log.warning("this release can't work on its reference records: %s", type(error).__name__, exc_info=error)
            return True
        log.warning("many records of %s failed, and the reference records do not: they speak against who wrote them", topic)
        self.failures.forget(topic)
        return False

    def hold(self, record: kafka_records.Received, error: BaseException) -> None:
        """Notes that a record stays unacknowledged until it can be worked on; logs it once, with the reason."""
        place = (record.topic, record.partition, record.offset)
        if place not in self.held:
            self.held[place] = f"{record.topic}/{record.partition}/{record.offset}: {type(error).__name__}: {dead_letters.message(error)}"
            log.critical(
                "stopped at %s; so many of the last records failed that this is a bad release: mend it, or go back, and start again. "
                "PARVIS_KAFKA_STOP_AFTER_FAILURES=0 lets them go to dead letters",
                self.held[place],
            )

    def release(self, record: kafka_records.Received) -> bool:
        """Notes that a record is done with; says whether it was held."""
        return self.held.pop((record.topic, record.partition, record.offset), None) is not None


def is_outage(error: BaseException) -> bool:
    """Whether an error means that a server is away for now: waiting is right and a dead letter is not."""
    if isinstance(error, KafkaError):
        # A producer that can't reach a partition's leader says so by a timeout, which aiokafka does not call retriable.
        return bool(error.retriable) or isinstance(error, KafkaTimeoutError)
    if type(error).__module__.startswith("sqlalchemy."):
        return _database_is_away(error)
    return isinstance(error, Unavailable | ConnectionError)


def outage_of(error: BaseException) -> Unavailable:
    """What to tell whoever asked: which server is away, without a word of the error itself."""
    if type(error).__module__.startswith("sqlalchemy."):
        if _disk_is_full(error):
            return Unavailable("the disk of the database is full: whoever runs this has to make room on it; nothing was changed")
        return Unavailable("the database does not answer now: try again in a moment; nothing was changed")
    if isinstance(error, KafkaError):
        return Unavailable("Kafka does not answer now: try again in a moment; nothing was changed")
    return Unavailable("a server that this needs does not answer now: try again in a moment; nothing was changed")


def _disk_is_full(error: BaseException) -> bool:
    """As SQLite and PostgreSQL say it."""
    cause = getattr(error, "orig", None)
    return getattr(cause, "sqlite_errorname", None) == "SQLITE_FULL" or getattr(cause, "sqlstate", None) == "53100"


def _database_is_away(error: BaseException) -> bool:
    # Imported here, since two of the services have no database and should not pay for one at start.
    from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError  # noqa: A004 - SQLAlchemy's own

    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or isinstance(error, OperationalError | InterfaceError | TimeoutError)


R = TypeVar("R")


async def persist(attempt: Callable[[], Awaitable[R]], health: Health, away: Callable[[BaseException], bool] = is_outage) -> R:
    """Repeats the attempt while a server is away; any other error is the caller's."""
    pause = PAUSES[0]
    wait = object()
    try:
        while True:
            try:
                return await attempt()
            except Exception as error:
                if not away(error):
                    raise
                health.waits(wait, error)
                log.warning("waiting: %s", type(error).__name__, exc_info=error)
            await asyncio.sleep(jittered(pause, health.chance))
            pause = min(pause * 2, OUTAGE_PAUSE)
    finally:
        health.ends(wait)


def is_hopeless(error: BaseException) -> bool:
    """Whether the record itself is at fault, so that no further try and no fix of ours would read it.

    FastStream validates what a handler is given by a model named after the handler; an event of ours that our own code
    makes wrongly is named as the event, and is a bug like any other.
    """
    return isinstance(error, InvalidRecord) or (isinstance(error, ValidationError) and error.title[:1].islower())


async def once(
    attempt: Callable[[], Awaitable[R]], record: kafka_records.Received, *, service: str, health: Health, broker: KafkaBroker
) -> R | None:
    """Handles one record with its retries. What never works becomes a dead letter, and the partition moves on.

    Where too many of the last records failed, it is kept and tried again until it works, or until this process ends.
    """
    first_failed_at = None
    tries = 0
    began = time.perf_counter()
    try:
        while True:
            tries += 1
            try:
                result = await persist(attempt, health)
            except IgnoredException:
                raise
            except Exception as error:
                first_failed_at = first_failed_at or clock.now()
                hopeless = is_hopeless(error)
                telemetry.exception(trace.get_current_span(), type(error).__name__)
                log.warning("attempt %d at %s/%d/%d failed", tries, record.topic, record.partition, record.offset, exc_info=error)
                record_metrics.failed(service, record.topic, error, tries)
                if tries == (1 if hopeless else ATTEMPTS):
                    # What is read and refused speaks against its publisher, and not against this release.
                    health.failures.add(record.topic, record.partition, failed=not isinstance(error, Refused))
                if hopeless or tries >= ATTEMPTS:
                    if isinstance(error, Refused) or not await health.is_bad_release(record.topic, record.partition):
                        letter = dead_letters.dead_letter(record, service, error, attempts=tries, first_failed_at=first_failed_at)
                        # Whatever Kafka says against a letter, the record is not let go before the letter is there.
                        with dead_letters.sending(record, letter):
                            await persist(partial(dead_letters.publish, broker, letter), health, lambda e: isinstance(e, KafkaError))
                        record_metrics.given_up(service, record.topic, error, time.perf_counter() - began)
                        return None
                    health.hold(record, error)
                    record_metrics.held(service, len(health.held))
            else:
                if health.release(record):
                    record_metrics.held(service, len(health.held))
                    health.failures.forget(record.topic)
                health.failures.add(record.topic, record.partition, failed=False)
                record_metrics.done(service, [record.topic], time.perf_counter() - began)
                return result
            await asyncio.sleep(jittered(OUTAGE_PAUSE if health.held else PAUSES[min(tries, len(PAUSES)) - 1], health.chance))
    finally:
        if health.release(record):
            record_metrics.held(service, len(health.held))
