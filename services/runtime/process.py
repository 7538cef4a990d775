"""One service as a process: an HTTP server around a Kafka connection, with whatever runs beside them."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from faststream.kafka import KafkaBroker

from services.runtime import telemetry
from services.runtime.retry import Health

if TYPE_CHECKING:  # two of the services have no database
    from services.runtime.database import Database

log = logging.getLogger(__name__)

IDLE_SECONDS = 2.0  # for what the tasks beside have open in the database when the process ends


@contextlib.asynccontextmanager
async def running(
    broker: KafkaBroker, *, database: "Database | None" = None, beside: Sequence[Coroutine[Any, Any, None]] = ()
) -> AsyncIterator[None]:
    """Starts consuming as soon as Kafka answers, and runs `beside` until the end; then drains what is in hand."""
    tasks = [asyncio.create_task(one) for one in (_connect(broker), *beside)]
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
        log.critical("a task that must go on has ended; this process ends and is to be started again", exc_info=error)
        signal.raise_signal(signal.SIGTERM)


async def _connect(broker: KafkaBroker) -> None:
    while True:
        try:
            await broker.start()
        except Exception as error:  # noqa: BLE001 - Kafka is not there yet, or its topics are not
            log.warning("Kafka does not answer yet: %s", type(error).__name__)
            with contextlib.suppress(Exception):  # what did not start need not stop well
                await broker.stop()
            await asyncio.sleep(1)
        else:
            return


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
