"""One service as a process: an HTTP server around a Kafka connection, with whatever runs beside them."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from faststream.kafka import KafkaBroker

from services.runtime import telemetry
from services.runtime.connecting import CannotStart, connect
from services.runtime.retry import Health
from services.runtime.settings import KafkaSettings

if TYPE_CHECKING:  # two of the services have no database
    from services.runtime.database import Database

log = logging.getLogger(__name__)

failures: list[BaseException] = []
"""Of tasks that must go on, in this process."""

IDLE_SECONDS = 2.0  # for what the tasks beside have open in the database when the process ends


@contextlib.asynccontextmanager
async def running(
    broker: KafkaBroker, kafka: KafkaSettings, *, database: "Database | None" = None, beside: Sequence[Coroutine[Any, Any, None]] = ()
) -> AsyncIterator[None]:
    """Starts consuming as soon as Kafka answers, and runs `beside` until the end; then drains what is in hand."""
    tasks = [asyncio.create_task(one) for one in (connect(broker, kafka), *beside)]
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


def kafka_ready(broker: KafkaBroker, health: Health) -> Any:  # noqa: ANN401 - a web.Check
    """Ready once consuming, and while nothing outside is away."""

    async def check() -> str | None:
        if health.waiting_for:
            return f"a server that is away ({health.waiting_for})"
        if health.held:
            # Without the reason, which the log has: whoever may look here need not be allowed to read that.
            return (
                f"a fix: too many of the last records have failed, stopped at {', '.join(sorted({where for where, _, _ in health.held}))}"
            )
        consuming = broker.running and all(s.running for s in broker.subscribers)
        return None if consuming else "Kafka"

    return check


def database_ready(database: "Database") -> Any:  # noqa: ANN401 - a web.Check
    """Ready while the database answers."""

    async def check() -> str | None:
        try:
            await asyncio.wait_for(database.ping(), 3)
        except Exception as error:  # noqa: BLE001
            return f"the database ({type(error).__name__})"
        return None

    return check
