"""Counts attempts and ends of deliveries; says what waits, since when and for what."""

from services.dispatch import store
from services.dispatch.rules import Delivery, Result
from services.runtime import clock, metrics
from services.runtime.database import Database
from services.runtime.metric_samples import Sample


def count(delivery: Delivery, result: Result, state: str | None) -> None:
    """Counts one attempt, and the delivery where it has ended; `state` is none where another process had taken it over."""
    metrics.DELIVERY_ATTEMPTS.inc(kind=delivery.kind, outcome=result.kind)
    if state not in (None, "pending"):
        metrics.DELIVERIES.inc(kind=delivery.kind, channel=delivery.channel, outcome=str(state))


def waiting(database: Database) -> Sample:
    """The sample of what has not ended."""

    async def sample() -> None:
        now = clock.now()
        async with database.reading() as session:
            groups = await store.unfinished(session, now)
        for state in (metrics.DELIVERIES_WAITING, metrics.DELIVERY_OLDEST):
            state.clear()
        for group in groups:
            metrics.DELIVERIES_WAITING.set(group.deliveries, kind=group.kind, reason=group.reason)
            metrics.DELIVERY_OLDEST.set((now - group.oldest).total_seconds(), kind=group.kind, reason=group.reason)

    return sample
