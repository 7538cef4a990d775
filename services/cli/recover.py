"""`parvis recover`: a database restored from a backup takes back from Kafka what has happened since."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from schemas.acknowledgements_dispatched import AcknowledgementDispatched
    from schemas.replies_decided import ReplyDecided
    from schemas.replies_dispatched import ReplyDispatched
    from services.runtime.database import Database
    from services.runtime.settings import Settings

SERVICES = ("intake", "review", "dispatch")
"""Those with tables: the others have nothing to take back."""


def recover_cli(
    since: Annotated[str, typer.Option(help="When the backup was begun, or some minutes before: 2026-03-01T02:00:00+01:00.")],
    by: Annotated[str, typer.Option(help="Who does it, for the log; without it the machine's user.")] = "",
) -> None:
    """After a database was restored from a backup: take back from Kafka what came since, so that nothing is lost or sent twice.

    Every process of every service must be stopped. It may be run twice.
    """
    from services.cli import context
    from services.runtime import clock, kafka_history
    from services.runtime.errors import InvalidInput

    settings, begun = context.settings(), context.day_of(since, clock.now())
    kafka = context.kafka(settings)
    if kafka.ephemeral:
        raise InvalidInput(
            "the embedded broker forgets when it stops: there is nothing to take back from it", field="PARVIS_KAFKA_EPHEMERAL"
        )
    for service in SERVICES:  # first, since it is refused while any process runs
        print(f"{service} reads {kafka_history.rewind(kafka, f'parvis.{service}', topics_of(service), begun)} records again")
    delivered, decided, receipts = context.on_database(settings, lambda database: _recovered(database, settings, begun, by))
    print(f"{delivered} deliveries and {receipts} receipts that are done are not tried again")
    print(f"{decided} decisions put back")
    print("start the services; then see docs/operations.md for what Kafka can't know")


def topics_of(service: str) -> list[str]:
    """What the service reads as a group."""
    from schemas.topics import TOPICS

    return [topic.name for topic in TOPICS if service in topic.readers]


async def _recovered(database: "Database", settings: "Settings", since: datetime, by: str) -> tuple[int, int, int]:
    from datetime import timedelta

    from services.cli.people_and_tokens import acting
    from services.dispatch import rules
    from services.dispatch import store as deliveries
    from services.review.audit import store as audit
    from services.review.cases import recovering
    from services.runtime import clock

    now, first_nudge = clock.now(), timedelta(seconds=settings.reconcile_seconds)
    dispatched, decided, receipts = await _history(database, settings, since)
    async with database.transaction() as session:
        actor = await acting(session, by or None)
        done = sum([await deliveries.restore_outcome(session, rules.told_of_reply(event, now), now) for event in dispatched])
        acknowledged = sum([await deliveries.restore_outcome(session, rules.told_of_receipt(event, now), now) for event in receipts])
        on_kafka = {event.decision_id for event in decided}
        back = sum([await recovering.take_back(session, event, now, first_nudge, since=since, on_kafka=on_kafka) for event in decided])
        detail: dict[str, object] = {"since": since.isoformat(), "deliveries": done, "receipts": acknowledged, "decisions": back}
        await audit.add(session, audit.Entry(now, actor, "database recovered", None, detail))
    return done, back, acknowledged


async def _history(
    database: "Database", settings: "Settings", since: datetime
) -> "tuple[Sequence[ReplyDispatched], Sequence[ReplyDecided], Sequence[AcknowledgementDispatched]]":
    """What services of ours have signed since then: outcomes, decisions in the order they were made, outcomes of receipts."""
    import asyncio

    from schemas import acknowledgements_dispatched, replies_decided, replies_dispatched
    from schemas.acknowledgements_dispatched import AcknowledgementDispatched
    from schemas.replies_decided import ReplyDecided
    from schemas.replies_dispatched import ReplyDispatched
    from services.runtime import kafka_history, kafka_records
    from services.runtime.errors import InvalidRecord
    from services.runtime.record_provenance import NotVouchedFor
    from services.runtime.record_signing import DatabaseSeal

    topics = (replies_dispatched.TOPIC, replies_decided.TOPIC, acknowledgements_dispatched.TOPIC)
    seal = DatabaseSeal(database, topics)
    dispatched, decided, receipts = [], [], []
    for record in await asyncio.to_thread(lambda: list(kafka_history.read_since(settings.kafka, topics, since))):
        try:
            await seal.opened(record)
            if record.topic == replies_dispatched.TOPIC:
                dispatched.append(kafka_records.read_event(record.value, ReplyDispatched))
            elif record.topic == replies_decided.TOPIC:
                decided.append(kafka_records.read_event(record.value, ReplyDecided))
            else:
                receipts.append(kafka_records.read_event(record.value, AcknowledgementDispatched))
        except (NotVouchedFor, InvalidRecord):
            continue  # whoever reads it as a service sets it aside
    return dispatched, sorted(decided, key=lambda event: event.decided_at), receipts
