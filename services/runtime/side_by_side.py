"""Several records at once in one consumer, each with its own trace and its own fate, and never more than a batch in hand.

A consumer for each would have the same bound, but each joins the group by itself, and every join stops all the others for seconds.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from faststream.kafka import KafkaBroker, KafkaMessage

from schemas.values import Event
from services.runtime import records
from services.runtime.broker import Health, once, processing, publish, records_in
from services.runtime.errors import InvalidRecord

Handle = Callable[[bytes | None], Awaitable[Event | None]]
"""Reads one record's value and answers the event to publish, if there is one."""


async def side_by_side(message: KafkaMessage, handles: Mapping[str, Handle], *, service: str, health: Health, broker: KafkaBroker) -> None:
    """Handle every record of the batch by its topic, and return when the last is published or in dead letters."""

    async def one(record: Any) -> None:  # noqa: ANN401 - whichever client's record it is
        async def attempt() -> None:
            event = await handles[record.topic](record.value)
            if event is not None:
                await publish(broker, records.outgoing(event, service))

        with processing(record, _request_id(record.value)):
            await once(attempt, record, service=service, health=health, broker=broker)

    await asyncio.gather(*(one(record) for record in records_in(message)))


def _request_id(value: bytes | None) -> Any:  # noqa: ANN401 - a UUID or nothing, as telemetry takes it
    try:
        return records.request_id_in(records.read_json(value))
    except InvalidRecord:
        return None  # the attempt finds the same, and there it counts
