"""Publishes records that failed for good as dead letters: bytes untouched, with what went wrong."""

import base64
import contextlib
import hashlib
import traceback
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePath
from uuid import UUID, uuid5

from aiokafka.errors import MessageSizeTooLargeError
from faststream.kafka import KafkaBroker
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind
from pydantic import ValidationError

from schemas.dead_letters import TOPIC, DeadLetter, Header
from services.runtime import clock, kafka_records, telemetry, trace_context
from services.runtime.errors import InvalidRecord, ParvisError


def dead_letter(
    record: kafka_records.Received, service: str, error: BaseException, *, attempts: int, first_failed_at: datetime
) -> DeadLetter:
    """The record as it came, with what went wrong. The same record failing in the same service is the same letter."""
    digest = hashlib.sha256(b"\0".join((record.key or b"", record.value or b""))).hexdigest()
    as_sent = getattr(record, "headers_as_sent", record.headers)  # the broker's own reading makes text of them
    return DeadLetter(
        letter_id=uuid5(kafka_records.EVENT_IDS, f"{record.topic}/{digest}"),
        service=service,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=_base64(record.key),
        headers=[Header(key=name, value=_base64(value)) for name, value in as_sent],
        value=_base64(record.value),
        error_type=type(error).__name__,
        error_message=message(error)[:2000],
        attempts=attempts,
        first_failed_at=first_failed_at,
        last_failed_at=clock.now(),
    )


def _base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def message(error: BaseException) -> str:
    """What went wrong, without a citizen's word."""
    # The text of a foreign error may quote the citizen: where it happened says enough.
    if isinstance(error, ParvisError):
        return error.detail
    if isinstance(error, ValidationError):
        return kafka_records.faults(error)
    frames = traceback.extract_tb(error.__traceback__)
    return f"raised at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "raised"


@contextlib.contextmanager
def sending(record: kafka_records.Received, letter: DeadLetter) -> Iterator[None]:
    """The step of the request's trace in which it became a dead letter: failed, with the letter's number and the error's type."""
    current = trace.get_current_span()
    if not _is_batch(current):
        telemetry.mark_failed(current, letter.error_type)
    request_id = _request_id(record)
    headers = telemetry.current_headers() if not _is_batch(current) else kafka_records.as_text(record.headers)
    if trace_context.TRACEPARENT not in headers and request_id:
        headers = telemetry.sent_by(request_id)
    with telemetry.request_span(
        f"send {TOPIC}",
        request_id,
        parent=headers,
        kind=SpanKind.PRODUCER,
        attributes={
            "messaging.system": "kafka",
            "messaging.operation.type": "send",
            "messaging.operation.name": "send",
            "messaging.destination.name": TOPIC,
            "parvis.dead_letter": str(letter.letter_id),
            "parvis.attempts": letter.attempts,
        },
    ) as span:
        telemetry.failed(span, letter.error_type)
        yield


def _is_batch(span: Span) -> bool:
    """Whether the span is that of many records: one of them has failed, and not all."""
    return "messaging.batch.message_count" in (getattr(span, "attributes", None) or {})


def _request_id(record: kafka_records.Received) -> UUID | None:
    try:
        return kafka_records.request_id_in(kafka_records.read_json(record.value))
    except InvalidRecord:
        return None


async def publish(broker: KafkaBroker, letter: DeadLetter) -> None:
    """Sends the letter and waits until the broker has it. One that no broker here takes goes without the record's bytes, and says so."""
    try:
        await broker.publish(letter, topic=TOPIC)
    except MessageSizeTooLargeError:
        # No waiting mends that: kept, the record would hold its partition for ever. Where it stands is in the letter.
        await broker.publish(_without_bytes(letter), topic=TOPIC)


def _without_bytes(letter: DeadLetter) -> DeadLetter:
    value = base64.b64decode(letter.value or "")
    about = f"too large to be kept here: {len(value)} bytes, sha256 {hashlib.sha256(value).hexdigest()}; {letter.error_message}"
    return letter.model_copy(update={"key": None, "headers": [], "value": None, "error_message": about[:2000]})
