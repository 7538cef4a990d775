"""How many events are due to leave, and for how long the oldest is."""

from sqlmodel import col, func, select

from services.runtime import clock, metrics
from services.runtime.database import Database
from services.runtime.metric_samples import Sample
from services.runtime.outbox import OutboxRow


def of(database: Database, service: str) -> Sample:
    """The sample of one service's outbox."""

    async def sample() -> None:
        now = clock.now()
        due = select(func.count(), func.min(OutboxRow.available_at)).where(
            col(OutboxRow.service) == service, col(OutboxRow.available_at) <= now
        )
        async with database.reading() as session:
            waiting, oldest = (await session.exec(due)).one()
        metrics.OUTBOX_WAITING.set(waiting, service=service)
        metrics.OUTBOX_OLDEST.set((now - oldest).total_seconds() if oldest else 0.0, service=service)

    return sample
