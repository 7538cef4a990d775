"""Runs one service as a process: an HTTP server, a Kafka connection and background tasks; what readiness means."""

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from faststream.kafka import KafkaBroker

from services.runtime import metric_samples, metrics, telemetry
from services.runtime.broker_startup import CannotStart, connect
from services.runtime.consumer_lag import ConsumerLag
from services.runtime.metric_samples import Samples
from services.runtime.readiness import Ask
from services.runtime.retry import Health
from services.runtime.settings import KafkaSettings, Settings

if TYPE_CHECKING:  # two of the services have no database
    from services.runtime.database import Database

log = logging.getLogger(__name__)

failures: list[BaseException] = []
"""Of tasks that must go on, in this process."""

PING_SECONDS = 1.5  # less than whoever asks for readiness waits
FRESH_SECONDS = 2.0
DATABASE_SECONDS = 3.0

IDLE_SECONDS = 2.0  # for what the tasks beside have open in the database when the process ends


@contextlib.asynccontextmanager
async def running(
    broker: KafkaBroker | None,
    kafka: KafkaSettings,
    *,
    database: "Database | None" = None,
    beside: Sequence[Coroutine[Any, Any, None]] = (),
) -> AsyncIterator[None]:
    """Starts consuming as soon as Kafka answers, where there is a broker, and runs `beside` until the end; then drains what is in hand."""
    consuming = [connect(broker, kafka)] if broker else []
    tasks = [asyncio.create_task(coroutine) for coroutine in (*consuming, *beside)]
    for task in tasks:
        task.add_done_callback(_must_not_fail)
    try:
        yield
    finally:
        try:
            if database:
                await database.idle(IDLE_SECONDS)
        finally:
            for task in tasks:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if broker:
            await broker.stop()
        if database:
            await database.close()
        telemetry.shut_down()


def _must_not_fail(task: "asyncio.Task[None]") -> None:
    # A relay or a worker that ended without a word would leave everything standing behind a green light.
    error = None if task.cancelled() else task.exception()
    if error:
        if isinstance(error, CannotStart):
            log.critical("%s", error.detail)
        else:
            log.critical("a task that must go on has ended; this process ends and is to be started again", exc_info=error)
        failures.append(error)
        signal.raise_signal(signal.SIGTERM)


def end_with_code(*_: object) -> None:
    """What to do at SIGTERM after everything has stopped: exit code 1 where this process ended itself, else the signal's own end."""
    if failures:
        raise SystemExit(1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.raise_signal(signal.SIGTERM)


def add_samples(samples: Samples, service: str, settings: Settings, broker: KafkaBroker | None, database: "Database | None" = None) -> None:
    """The figures that every service has when it is asked for them: disk, lag, outbox."""
    samples.add("disk", metric_samples.disk(service, settings.data_dir), [metrics.DISK_FREE])
    if broker:
        samples.add("lag", ConsumerLag(broker, service, settings.kafka).sample, [metrics.LAG, metrics.OLDEST_UNREAD, metrics.LEADERLESS])
    if database:
        from services.runtime import outbox_sample  # two of the services have no database

        sample = outbox_sample.of(database, service)
        samples.add("outbox", sample, [metrics.OUTBOX_WAITING, metrics.OUTBOX_OLDEST])


class KafkaAnswers:
    """Whether Kafka answers now, asked at most every two seconds."""

    def __init__(self, broker: KafkaBroker) -> None:
        self._broker = broker
        self._asking = asyncio.Lock()
        self._asked_at = -FRESH_SECONDS
        self._answer = False

    async def now(self) -> bool:
        """Pings Kafka, where the last answer is old."""
        async with self._asking:
            if time.monotonic() - self._asked_at >= FRESH_SECONDS:
                self._answer = await self._broker.ping(PING_SECONDS)
                self._asked_at = time.monotonic()
            return self._answer


def kafka_ready(broker: KafkaBroker, health: Health) -> Ask:
    """A readiness check: consuming, Kafka answers, no other server is away and no record is held."""
    kafka = KafkaAnswers(broker)

    async def check() -> str | None:
        if health.waiting_for:
            return f"a server that is away ({health.waiting_for})"
        if health.held:
            # Without the reason, which the log has: whoever may look here need not be allowed to read that.
            return (
                f"a fix: too many of the last records have failed, stopped at {', '.join(sorted({where for where, _, _ in health.held}))}"
            )
        consuming = broker.running and all(s.running for s in broker.subscribers)
        return None if consuming and await kafka.now() else "Kafka"

    return check


def database_ready(database: "Database") -> Ask:
    """A readiness check: the database answers and has the tables of this release; one that is ahead of it has them as well."""
    complete = False

    async def check() -> str | None:
        nonlocal complete
        try:
            async with asyncio.timeout(DATABASE_SECONDS):
                await database.ping()
                missing = [] if complete else await database.missing()
        except Exception as error:  # noqa: BLE001
            return f"the database ({type(error).__name__})"
        complete = not missing
        return f"the database's tables: run `parvis db upgrade` ({missing[0]} is not there)" if missing else None

    return check
