"""Many records decided together: each keeps its own trace, its own fate, and its own place in dead letters."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from faststream.kafka import KafkaBroker, KafkaMessage
from opentelemetry import trace
from opentelemetry.trace import Link, SpanKind

from schemas.values import Event
from services.runtime import records, telemetry
from services.runtime.broker import Health, about, is_outage, once, publish
from services.runtime.errors import InvalidRecord

In = TypeVar("In", bound=Event)


async def in_batch(
    message: KafkaMessage,
    model: type[In],
    decide: Callable[[Sequence[In]], Awaitable[Sequence[Event]]],
    *,
    service: str,
    health: Health,
    broker: KafkaBroker,
) -> None:
    """Decides on the whole batch at once and publishes an event for each record, inside that record's own trace.

    A record that can't be read goes to dead letters alone. Where the batch fails as a whole, each is tried by itself.
    """
    batch: Sequence[Any] = message.raw_message if isinstance(message.raw_message, tuple) else (message.raw_message,)
    with telemetry.tracer.start_as_current_span("batch") as batch_span:
        batch_span.set_attribute("messaging.batch.message_count", len(batch))
        links = [Link(batch_span.get_span_context())]

        async def handle(pairs: Sequence[tuple[Any, In]]) -> None:
            with contextlib.ExitStack() as stack:
                spans = [
                    stack.enter_context(
                        telemetry.request_span(
                            f"process {record.topic}",
                            event.request_id,
                            parent=records.as_text(record.headers),
                            kind=SpanKind.CONSUMER,
                            links=links,
                            **about(record),
                        )
                    )
                    for record, event in pairs
                ]
                sending = []
                for span, decided in zip(spans, await decide([event for _, event in pairs]), strict=True):
                    with trace.use_span(span):
                        sending.append(records.outgoing(decided, service))
                await asyncio.gather(*(publish(broker, record) for record in sending))

        async def alone(record: Any) -> None:  # noqa: ANN401
            async def attempt() -> None:
                await handle([(record, records.read_event(record.value, model))])

            await once(attempt, record, service=service, health=health, broker=broker)

        readable: list[tuple[Any, In]] = []
        for record in batch:
            try:
                readable.append((record, records.read_event(record.value, model)))
            except InvalidRecord:
                await alone(record)
        try:
            if readable:
                await handle(readable)
        except Exception as error:
            if is_outage(error):
                raise
            for record, _ in readable:
                await alone(record)
