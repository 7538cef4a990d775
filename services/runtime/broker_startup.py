"""Starts consuming once Kafka answers: logs what is wrong once, and again only when it changes."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Iterator

from aiokafka.conn import create_conn
from aiokafka.errors import KafkaConnectionError
from faststream.kafka import KafkaBroker

from services.runtime.backoff import jittered
from services.runtime.errors import ParvisError
from services.runtime.kafka_connection import tls_context
from services.runtime.kafka_diagnostics import Fault, fault
from services.runtime.settings import KafkaSettings

log = logging.getLogger(__name__)

PAUSE = 1.0
PROBE_MS = 5_000


class CannotStart(ParvisError):
    """A fault that waiting does not mend: the process ends with this sentence."""


async def connect(broker: KafkaBroker, kafka: KafkaSettings, chance: Callable[[], float] = random.random) -> None:
    """Tries until the broker has started. Raises CannotStart where only another setting would help."""
    last: Fault | None = None
    with _quiet():
        while True:
            try:
                await start(broker)
            except Exception as error:
                reason = fault(await _cause(error, kafka), kafka)
                if not reason.waiting_helps:
                    raise CannotStart(reason.sentence) from error
                if reason != last:
                    log.warning("%s; trying on", reason.sentence)
                last = reason
                await asyncio.sleep(jittered(PAUSE, chance))
            else:
                if last:
                    log.info("Kafka at %s answers", kafka.bootstrap)
                return


async def start(broker: KafkaBroker) -> None:
    """Starts it whole or leaves nothing behind."""
    try:
        await broker.start()
    except BaseException:
        with contextlib.suppress(Exception):  # what did not start need not stop well
            await broker.stop()
        raise


async def _cause(error: Exception, kafka: KafkaSettings) -> BaseException:
    """The cause of a failed start, which aiokafka keeps to itself: each server is asked once more, for its own answer."""
    if not isinstance(error, KafkaConnectionError):
        return error
    causes: list[BaseException] = []
    for address in kafka.bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        try:
            connection = await create_conn(
                host.strip("[]"),
                int(port),
                request_timeout_ms=PROBE_MS,
                ssl_context=tls_context(kafka),
                security_protocol=kafka.security_protocol,
                sasl_mechanism=kafka.security_mechanism,
                sasl_plain_username=kafka.security_username,
                sasl_plain_password=kafka.security_password.get_secret_value(),
            )
        except Exception as cause:  # noqa: BLE001 - whatever it is, it is the answer
            causes.append(cause)
        else:
            connection.close()
    # A server that answers with a refusal tells more than one that is away.
    return next((cause for cause in causes if not fault(cause, kafka).waiting_helps), next(iter(causes), error))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silences aiokafka's log of each try: one sentence is enough."""
    chatty = logging.getLogger("aiokafka")
    level = chatty.level
    chatty.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        chatty.setLevel(level)
