"""Counts requests by the way they came and by what became of them; says how long the journal waits for triage."""

from collections.abc import Sequence

from pydantic import ValidationError

from services.intake import store
from services.runtime import clock, metrics
from services.runtime.database import Database
from services.runtime.errors import Conflict, InvalidInput
from services.runtime.metric_samples import Sample

WAYS = {
    "/v1/requests": "api",
    "/v1/requests/batch": "batch",
    "/forms/{agency}": "form",
    "/answers/{agency}/{token}": "unsolved",
}
OPEN311 = "/open311/"


def way_of(route: str) -> str:
    """By which of few ways a request came, from the route that it was accepted at."""
    if not route.startswith("/"):
        return "mail"
    return "open311" if route.startswith(OPEN311) else WAYS.get(route, "other")


def count(route: str, outcomes: Sequence[object]) -> None:
    """Counts what became of requests that came together; what is an error was not taken."""
    for outcome in outcomes:
        metrics.REQUESTS.inc(way=way_of(route), outcome=_outcome(outcome))


def _outcome(outcome: object) -> str:
    if isinstance(outcome, ValidationError | InvalidInput):
        return "invalid"
    if isinstance(outcome, Conflict):
        return "conflict"
    return "refused" if isinstance(outcome, Exception) else "accepted"


def journal(database: Database) -> Sample:
    """The sample of the journal."""

    async def sample() -> None:
        async with database.reading() as session:
            waiting, oldest = await store.unsettled(session)
        metrics.JOURNAL_WAITING.set(waiting)
        metrics.JOURNAL_OLDEST.set((clock.now() - oldest).total_seconds() if oldest else 0.0)

    return sample
