"""Connects a service to Kafka: acknowledgement, security, and the middleware around every record."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, TypedDict
from uuid import UUID

from aiokafka import AIOKafkaProducer
from faststream import AckPolicy, BaseMiddleware
from faststream.kafka import KafkaBroker, KafkaMessage, KafkaPublishCommand, KafkaRouter
from faststream.kafka.publisher.producer import AioKafkaFastProducerImpl
from faststream.message import StreamMessage
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512
from opentelemetry.trace import Link, Span, SpanKind

from schemas.dead_letters import DeadLetter
from schemas.values import Event
from services.runtime import kafka_records, non_utf8_headers, telemetry, trace_context
from services.runtime.errors import InvalidRecord
from services.runtime.kafka_connection import tls_context
from services.runtime.record_provenance import NOWHERE, Seal, handling
from services.runtime.retry import Health, once, persist
from services.runtime.settings import KafkaSettings, Settings

non_utf8_headers.install()

DRAIN_SECONDS = 20.0  # what is in hand at SIGTERM has so long to be finished; then it is left to the next process


class ConsumerOptions(TypedDict):
    """Options that every subscriber has."""

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


def router() -> KafkaRouter:
    """A place to declare handlers. The policy comes with `consumer`, since a router does not inherit it."""
    return KafkaRouter()


def kafka_broker(service: str, settings: Settings, health: Health, seal: Seal | None = None) -> KafkaBroker:
    """The Kafka connection of one process, with the middleware around every record. `seal` signs and verifies, where there is one."""
    kafka = settings.kafka
    broker = KafkaBroker(
        kafka.bootstrap.split(","),
        client_id=f"parvis.{service}",
        security=security_of(kafka),
        allow_auto_create_topics=False,
        acks="all",
        enable_idempotence=not kafka.ephemeral,  # the embedded broker has no idempotent producer
        max_request_size=kafka_records.MAX_RECORD_BYTES,
        request_timeout_ms=30_000,
        graceful_timeout=DRAIN_SECONDS,
        parser=_parse,
        decoder=_decode,
        middlewares=[_surround(service, health, seal)],
        # A name of ours: to its own logger FastStream adds lines in a form of its own.
        logger=logging.getLogger("services.runtime.faststream"),
        log_level=logging.DEBUG,
    )
    broker.config.broker_config.producer = StoppedProducer(parser=_parse, decoder=_decode)
    return broker


class StoppedProducer(AioKafkaFastProducerImpl):
    """FastStream keeps a producer only once it has started: one that fails is stopped here, or its connections would stay."""

    async def connect(self, producer: AIOKafkaProducer, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - FastStream's
        """Starts it; on failure closes what it opened."""
        try:
            await super().connect(producer, *arguments, **options)
        except BaseException:
            with contextlib.suppress(Exception):
                await producer.stop()
            raise


def security_of(kafka: KafkaSettings) -> BaseSecurity | None:
    """SASL and TLS in FastStream's words."""
    context = tls_context(kafka)
    if not kafka.security_protocol.startswith("SASL"):
        return BaseSecurity(ssl_context=context) if context else None
    kind = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}[kafka.security_mechanism]
    return kind(kafka.security_username, kafka.security_password.get_secret_value(), ssl_context=context, use_ssl=context is not None)


async def publish(broker: KafkaBroker, record: kafka_records.Outgoing) -> None:
    """Sends one record and waits until the broker has it."""
    await broker.publish(record.value, topic=record.topic, key=record.key, headers=record.headers)


async def publish_all(broker: KafkaBroker, records: Sequence[kafka_records.Outgoing]) -> None:
    """Sends them all before it waits, once, until it is settled what became of each. Raises what went wrong with the first."""
    sending: list[asyncio.Future[Any] | None] = []
    try:
        for sent in records:
            confirmed = await broker.publish(sent.value, topic=sent.topic, key=sent.key, headers=sent.headers, no_confirm=True)
            sending.append(confirmed)
    except Exception:
        await _settled(sending)  # those before it are on their way all the same
        raise
    await _settled(sending)


async def _settled(sending: Sequence[asyncio.Future[Any] | None]) -> None:
    for outcome in await asyncio.gather(*filter(None, sending), return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


async def _parse(
    record: Any,  # noqa: ANN401 - a record, or a tuple of them in a batch
    original: Callable[[Any], Awaitable[StreamMessage[Any]]],
) -> StreamMessage[Any]:
    # FastStream decodes headers strictly, and a record whose header is not UTF-8 would be passed over in silence.
    for single in record if isinstance(record, tuple | list) else (record,):
        if not hasattr(single, "headers_as_sent"):
            object.__setattr__(single, "headers_as_sent", single.headers)
            object.__setattr__(
                single, "headers", tuple((k, v.encode()) for k, v in kafka_records.as_text(single.headers).items() if k != "reply_to")
            )
    return await original(record)


async def _decode(message: StreamMessage[Any]) -> object:
    if isinstance(message.body, list):
        return message.body  # of a batch, record by record: services.runtime.batch_consumer
    return kafka_records.read_json(message.body)


def _surround(service: str, health: Health, seal: Seal | None = None) -> Callable[..., BaseMiddleware[Any, Any]]:
    """The middleware of one service: a span, retries and dead letters around a handler; key and headers on what leaves."""

    class Surround(BaseMiddleware[KafkaPublishCommand, Any]):
        async def consume_scope(self, call_next: Callable[[Any], Awaitable[Any]], msg: StreamMessage[Any]) -> Any:  # noqa: ANN401
            broker: KafkaBroker = self.context.get("broker")

            if isinstance(msg.raw_message, tuple | list):
                return await persist(lambda: call_next(msg), health)
            record = msg.raw_message

            async def attempt() -> Any:  # noqa: ANN401
                with handling(await seal.opened(record) if seal else NOWHERE):
                    return await call_next(msg)

            with processing(record, await _request_id(msg), service=service):
                return await once(attempt, record, service=service, health=health, broker=broker)

        async def publish_scope(self, call_next: Callable[[KafkaPublishCommand], Awaitable[Any]], cmd: KafkaPublishCommand) -> Any:  # noqa: ANN401
            if cmd.body is None:
                return None  # a handler with nothing to say
            if isinstance(cmd.body, Event | DeadLetter):
                record = kafka_records.outgoing(cmd.body, service)
                signed = await seal.headers(record) if seal else {}
                cmd.body, cmd.key, cmd.headers = record.value, record.key, record.headers | signed
            return await call_next(cmd)

    return Surround


def processing(
    record: Any,  # noqa: ANN401 - whichever client's record it is
    request_id: UUID | None,
    links: Sequence[Link] = (),
    *,
    service: str = "",
    tells_of_sending: bool = False,
) -> AbstractContextManager[Span]:
    """The span of handling one record, in the trace that the record brings; topic, partition and offset are its attributes.

    Of a record that brings none the trace begins with its sending, which one reader of the topic tells of and all continue.
    """
    headers = kafka_records.as_text(record.headers)
    parent: dict[str, str] = headers
    if trace_context.TRACEPARENT not in headers and request_id:
        parent = (
            telemetry.sending_told_by(record.timestamp, record.topic, request_id) if tells_of_sending else telemetry.sent_by(request_id)
        )
    return telemetry.request_span(
        f"process {record.topic}",
        request_id,
        parent=parent,
        kind=SpanKind.CONSUMER,
        links=links,
        attributes={
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.operation.name": "process",
            "messaging.destination.name": record.topic,
            "messaging.destination.partition.id": str(record.partition),
            "messaging.consumer.group.name": f"parvis.{service}" if service else None,
            "messaging.message.id": headers.get("ce_id"),
            "messaging.kafka.offset": record.offset,
        },
        # With its time, since a broker that forgets counts from 0 again.
        record=f"{service}/{request_id}/{record.topic}/{record.partition}/{record.offset}/{record.timestamp}",
    )


def processing_batch(records: Sequence[Any], service: str) -> AbstractContextManager[Span]:
    """The span of handling several records at once, in a trace of its own: each record's own span and it are linked to each other."""
    topics = {record.topic for record in records}
    [topic] = topics if len(topics) == 1 else [None]
    return telemetry.step(
        f"process {topic}" if topic else "process",
        {
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.operation.name": "process",
            "messaging.destination.name": topic,
            "messaging.consumer.group.name": f"parvis.{service}",
            "messaging.batch.message_count": len(records),
        },
        SpanKind.CONSUMER,
    )


def records_in(message: KafkaMessage) -> Sequence[Any]:
    """The records of a batch, whichever client's they are; one that came alone is a batch as well."""
    return message.raw_message if isinstance(message.raw_message, tuple | list) else (message.raw_message,)


async def _request_id(message: StreamMessage[Any]) -> Any:  # noqa: ANN401
    try:
        return kafka_records.request_id_in(await message.decode())
    except InvalidRecord:
        return None  # the handler's own decoding says so once more, where it is dealt with


def by_topic(topic: str) -> Callable[[KafkaMessage], Awaitable[bool]]:
    """A filter, so that one consumer reads several topics and each has its handler."""

    async def matches(message: KafkaMessage) -> bool:
        record = message.raw_message
        return not isinstance(record, tuple | list) and record.topic == topic

    return matches
