"""How many dead letters wait, and since when."""

from services.review.ops import store
from services.runtime import clock, metrics
from services.runtime.database import Database
from services.runtime.metric_samples import Sample


def of(database: Database) -> Sample:
    """The sample of the dead letters."""

    async def sample() -> None:
        async with database.reading() as session:
            letters, oldest = await store.oldest_waiting(session)
        metrics.DEAD_LETTERS_WAITING.set(letters)
        metrics.DEAD_LETTER_OLDEST.set((clock.now() - oldest).total_seconds() if oldest else 0.0)

    return sample
