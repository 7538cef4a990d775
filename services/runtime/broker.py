"""How records come in and go out: decided here once, for every service."""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Literal, TypedDict, TypeVar
from uuid import UUID

from aiokafka.errors import KafkaError, KafkaTimeoutError
from faststream import AckPolicy, BaseMiddleware
from faststream.exceptions import IgnoredException
from faststream.kafka import KafkaBroker, KafkaMessage, KafkaPublishCommand, KafkaRouter
from faststream.message import StreamMessage
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512
from opentelemetry.trace import Link, Span, SpanKind
from pydantic import ValidationError

from schemas import dead_letters
from schemas.dead_letters import DeadLetter
from schemas.values import Event
from services.runtime import clock, records, telemetry
from services.runtime.errors import InvalidInput, InvalidRecord, Unavailable
from services.runtime.settings import KafkaSettings, Settings

log = logging.getLogger(__name__)

MAX_RECORD_BYTES = 4 * 1024 * 1024  # a dead letter is base64 of a record that may have had 1 MiB itself
ATTEMPTS = 5
PAUSES = (0.1, 0.3, 1.0, 2.0)  # seconds between them: one bad record holds up its partition for 3.4 s and no longer
OUTAGE_PAUSE = 5.0  # seconds, the longest between two tries while a server is away
DRAIN_SECONDS = 20.0  # what is in hand at SIGTERM has so long to be finished; then it is left to the next process
CEILING = 20  # so many different records failing one after the other is a bad release, not bad records


class ConsumerOptions(TypedDict):
    """What every subscriber is given."""

    group_id: str
    group_instance_id: str | None
    auto_offset_reset: Literal["earliest"]
    ack_policy: AckPolicy
    session_timeout_ms: int
    heartbeat_interval_ms: int
    max_poll_interval_ms: int
    max_partition_fetch_bytes: int
    fetch_max_bytes: int


def consumer(service: str) -> ConsumerOptions:
    """The group and the acknowledgement: from the earliest record, and only after the work is done."""
    instance = KafkaSettings().instance
    return {
        "group_id": f"parvis.{service}",
        # A member with a name does not leave when it stops: its partitions wait for it until the session ends.
        "group_instance_id": f"parvis.{service}.{instance}" if instance else None,
        "auto_offset_reset": "earliest",
        # FastStream's own default acknowledges first, and a crash then loses the record.
        "ack_policy": AckPolicy.NACK_ON_ERROR,
        "session_timeout_ms": 10_000,
        "heartbeat_interval_ms": 2_000,
        "max_poll_interval_ms": 600_000,
        # What is fetched ahead waits in memory, for each partition: a slow model or database should make lag instead.
        "max_partition_fetch_bytes": 256 * 1024,
        "fetch_max_bytes": 4 * 1024 * 1024,
    }


class Health:
    """What the consumers of this process know of themselves, for `/readyz` and the ceiling."""

    def __init__(self) -> None:
        self.failed_in_a_row = 0
        self.waiting_for: str | None = None

    @property
    def over_the_ceiling(self) -> bool:
        """Too many different records have failed: keep them, rather than empty the topic into dead letters."""
        return self.failed_in_a_row >= CEILING


def router() -> KafkaRouter:
    """A place to declare handlers. The policy comes with `consumer`, since a router does not inherit it."""
    return KafkaRouter()


def kafka_broker(service: str, settings: Settings, health: Health) -> KafkaBroker:
    """The connection of one process, with what surrounds every record."""
    kafka = settings.kafka
    return KafkaBroker(
        kafka.bootstrap.split(","),
        client_id=f"parvis.{service}",
        security=security_of(kafka),
        allow_auto_create_topics=False,
        acks="all",
        enable_idempotence=not kafka.ephemeral,  # the embedded broker has no idempotent producer
        max_request_size=MAX_RECORD_BYTES,
        request_timeout_ms=30_000,
        graceful_timeout=DRAIN_SECONDS,
        parser=_parse,
        decoder=_decode,
        middlewares=[_surround(service, health)],
        logger=log,
        log_level=logging.DEBUG,
    )


def tls_context(kafka: KafkaSettings) -> ssl.SSLContext | None:
    """The authority to trust, where the protocol has TLS. Raises InvalidInput where its file can't be used."""
    if "SSL" not in kafka.security_protocol:
        return None
    try:
        return ssl.create_default_context(cafile=str(kafka.security_cafile) if kafka.security_cafile else None)
    except OSError as error:  # an SSLError is one, and names no file either
        raise InvalidInput(
            f"PARVIS_KAFKA_SECURITY_CAFILE: {kafka.security_cafile} can't be used ({error.strerror or error}): "
            "give the PEM file of the authority that signed the broker's certificate",
            field="PARVIS_KAFKA_SECURITY_CAFILE",
        ) from None


def security_of(kafka: KafkaSettings) -> BaseSecurity | None:
    """SASL and TLS in FastStream's words."""
    context = tls_context(kafka)
    if not kafka.security_protocol.startswith("SASL"):
        return BaseSecurity(ssl_context=context) if context else None
    kind = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}[kafka.security_mechanism]
    return kind(kafka.security_username, kafka.security_password.get_secret_value(), ssl_context=context, use_ssl=context is not None)


async def publish(broker: KafkaBroker, record: records.Outgoing) -> None:
    """Sends one record and waits until the broker has it."""
    await broker.publish(record.value, topic=record.topic, key=record.key, headers=record.headers)


def is_outage(error: BaseException) -> bool:
    """Whether something outside is away for now, so that waiting is right and a dead letter is not."""
    if isinstance(error, KafkaError):
        # A producer that can't reach a partition's leader says so by a timeout, which aiokafka does not call retriable.
        return bool(error.retriable) or isinstance(error, KafkaTimeoutError)
    if type(error).__module__.startswith("sqlalchemy."):
        return _database_is_away(error)
    return isinstance(error, Unavailable | ConnectionError)


def _database_is_away(error: BaseException) -> bool:
    # Imported here, since two of the services have no database and should not pay for one at start.
    from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError  # noqa: A004 - SQLAlchemy's own

    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or isinstance(error, OperationalError | InterfaceError | TimeoutError)


async def _parse(
    record: Any,  # noqa: ANN401 - a record, or a tuple of them in a batch
    original: Callable[[Any], Awaitable[StreamMessage[Any]]],
) -> StreamMessage[Any]:
    # FastStream decodes headers strictly, and a record whose header is not UTF-8 would be passed over in silence.
    for one in record if isinstance(record, tuple | list) else (record,):
        if not hasattr(one, "headers_as_sent"):
            object.__setattr__(one, "headers_as_sent", one.headers)
            object.__setattr__(one, "headers", tuple((k, v.encode()) for k, v in records.as_text(one.headers).items() if k != "reply_to"))
    return await original(record)


async def _decode(message: StreamMessage[Any]) -> object:
    if isinstance(message.body, list):
        return message.body  # of a batch, record by record: services.runtime.batches
    return records.read_json(message.body)


def _surround(service: str, health: Health) -> Callable[..., BaseMiddleware[Any, Any]]:
    """The middleware of one service: a span, retries and dead letters around a handler; key and headers on what leaves."""

    class Surround(BaseMiddleware[KafkaPublishCommand, Any]):
        async def consume_scope(self, call_next: Callable[[Any], Awaitable[Any]], msg: StreamMessage[Any]) -> Any:  # noqa: ANN401
            broker: KafkaBroker = self.context.get("broker")

            async def attempt() -> Any:  # noqa: ANN401
                return await call_next(msg)

            if isinstance(msg.raw_message, tuple | list):
                return await persist(attempt, health)
            record = msg.raw_message
            with processing(record, await _request_id(msg)):
                return await once(attempt, record, service=service, health=health, broker=broker)

        async def publish_scope(self, call_next: Callable[[KafkaPublishCommand], Awaitable[Any]], cmd: KafkaPublishCommand) -> Any:  # noqa: ANN401
            if cmd.body is None:
                return None  # a handler with nothing to say
            if isinstance(cmd.body, Event | DeadLetter):
                record = records.outgoing(cmd.body, service)
                cmd.body, cmd.key, cmd.headers = record.value, record.key, record.headers
            return await call_next(cmd)

    return Surround


def processing(record: Any, request_id: UUID | None, links: Sequence[Link] = ()) -> AbstractContextManager[Span]:  # noqa: ANN401
    """The span of one record's work, in the trace that the record brings: where it stood is in its attributes."""
    return telemetry.request_span(
        f"process {record.topic}",
        request_id,
        parent=records.as_text(record.headers),
        kind=SpanKind.CONSUMER,
        links=links,
        attributes={
            "messaging.system": "kafka",
            "messaging.destination.name": record.topic,
            "messaging.destination.partition.id": str(record.partition),
            "messaging.kafka.offset": record.offset,
        },
    )


def records_in(message: KafkaMessage) -> Sequence[Any]:
    """The records of a batch, whichever client's they are; one that came alone is a batch as well."""
    return message.raw_message if isinstance(message.raw_message, tuple | list) else (message.raw_message,)


async def _request_id(message: StreamMessage[Any]) -> Any:  # noqa: ANN401
    try:
        return records.request_id_in(await message.decode())
    except InvalidRecord:
        return None  # the handler's own decoding says so once more, where it is dealt with


R = TypeVar("R")


async def persist(attempt: Callable[[], Awaitable[R]], health: Health, away: Callable[[BaseException], bool] = is_outage) -> R:
    """Tries until what is outside is back; any other error is the caller's."""
    pause = PAUSES[0]
    while True:
        try:
            result = await attempt()
        except Exception as error:
            if not away(error):
                raise
            health.waiting_for = type(error).__name__
            log.warning("waiting: %s", type(error).__name__, exc_info=error)
        else:
            health.waiting_for = None
            return result
        await asyncio.sleep(pause)
        pause = min(pause * 2, OUTAGE_PAUSE)


def is_hopeless(error: BaseException) -> bool:
    """Whether the record itself is at fault, so that no further try and no fix of ours would read it.

    FastStream validates what a handler is given by a model named after the handler; an event of ours that our own code
    makes wrongly is named as the event, and is a bug like any other.
    """
    return isinstance(error, InvalidRecord) or (isinstance(error, ValidationError) and error.title[:1].islower())


async def once(
    attempt: Callable[[], Awaitable[R]], record: records.Received, *, service: str, health: Health, broker: KafkaBroker
) -> R | None:
    """One record's work with its retries. What never works becomes a dead letter, and the partition moves on."""
    first_failed_at = None
    tries = 0
    while True:
        tries += 1
        try:
            result = await persist(attempt, health)
        except IgnoredException:
            raise
        except Exception as error:
            first_failed_at = first_failed_at or clock.now()
            hopeless = is_hopeless(error)
            log.warning("attempt %d at %s/%d/%d failed", tries, record.topic, record.partition, record.offset, exc_info=error)
            if not hopeless and tries == ATTEMPTS:
                health.failed_in_a_row += 1
            if hopeless or (tries >= ATTEMPTS and not health.over_the_ceiling):
                letter = records.dead_letter(record, service, error, attempts=tries, first_failed_at=first_failed_at)
                # Whatever Kafka says against a letter, the record is not let go before the letter is there.
                await persist(partial(broker.publish, letter, topic=dead_letters.TOPIC), health, lambda e: isinstance(e, KafkaError))
                return None
        else:
            health.failed_in_a_row = 0
            return result
        await asyncio.sleep(PAUSES[min(tries, len(PAUSES)) - 1] if not health.over_the_ceiling else OUTAGE_PAUSE)


def by_topic(topic: str) -> Callable[[KafkaMessage], Awaitable[bool]]:
    """A filter, so that one consumer reads several topics and each has its handler."""

    async def matches(message: KafkaMessage) -> bool:
        record = message.raw_message
        return not isinstance(record, tuple | list) and record.topic == topic

    return matches
