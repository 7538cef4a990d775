"""Updates the status that agencies see of their requests from the other services' events: in any order, idempotent."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from faststream import Context

from schemas import dead_letters, replies_decided, replies_dispatched, requests_triaged
from schemas.dead_letters import DeadLetter
from schemas.replies_decided import ReplyDecided
from schemas.replies_dispatched import ReplyDispatched
from schemas.requests_triaged import RequestTriaged
from services.intake import rules, store
from services.intake.rules import Status
from services.runtime import clock, record_provenance, telemetry
from services.runtime.broker import by_topic, consumer, router
from services.runtime.database import Database, Session

SERVICE = "intake"
GUARDED = (replies_decided.TOPIC, replies_dispatched.TOPIC)
"""What an agency is told of a reply, a service of ours has said."""

route = router()
status_events = route.subscriber(
    requests_triaged.TOPIC, replies_decided.TOPIC, replies_dispatched.TOPIC, dead_letters.TOPIC, **consumer(SERVICE)
)

DatabaseDep = Annotated[Database, Context("database")]


@status_events(filter=by_topic(requests_triaged.TOPIC))
async def on_request_triaged(event: RequestTriaged, database: DatabaseDep) -> None:
    """Sets the triaged state. Of a request that came by Kafka itself, this is the first that intake hears."""
    async with database.transaction() as session:
        await store.begin(session, [event.request_id], event.agency, clock.now())
        await store.settle(session, event.request_id, event.agency, clock.now())
        await _change(session, event.request_id, event.agency, lambda status: rules.triaged(status, event))


@status_events(filter=by_topic(replies_decided.TOPIC))
async def on_reply_decided(event: ReplyDecided, database: DatabaseDep) -> None:
    """Stores the reply: the agency sees the text from here on."""
    async with database.transaction() as session:
        if event.agency:
            await store.begin(session, [event.request_id], event.agency, clock.now())
        await _change(session, event.request_id, event.agency, lambda status: rules.decided(status, event))


@status_events(filter=by_topic(replies_dispatched.TOPIC))
async def on_reply_dispatched(event: ReplyDispatched, database: DatabaseDep) -> None:
    """Sets sent, failed, or uncertain. It may be the first that intake hears of a request."""
    async with database.transaction() as session:
        if event.agency or not await store.statuses(session, event.request_id):
            await store.begin(session, [event.request_id], event.agency or store.NOBODYS, clock.now())
        await _change(session, event.request_id, event.agency, lambda status: rules.dispatched(status, event, clock.now()))


@status_events(filter=by_topic(dead_letters.TOPIC))
async def on_dead_letter(letter: DeadLetter, database: DatabaseDep) -> None:
    """Stores why a request was refused, for the agency in whose name it came."""
    refusal = rules.refusal(letter)
    if refusal is None or not record_provenance.current().vouched:
        return
    async with database.transaction() as session:
        if not await store.add_refusal(session, refusal):
            return
        journaled = await store.contents(session, [refusal.request_id], refusal.agency)
        if refusal.taken or journaled.get(refusal.request_id) == refusal.content:
            await store.begin(session, [refusal.request_id], refusal.agency, clock.now())
            await store.settle(session, refusal.request_id, refusal.agency, clock.now())
            await _change(session, refusal.request_id, refusal.agency, lambda status: replace(status, state="conflict"))


async def _change(session: Session, request_id: UUID, agency: str | None, change: Callable[[Status], Status]) -> None:
    """Changes what the agency sees; where an event names none, what the only one that used the id sees."""
    statuses = [status for status in await store.statuses(session, request_id) if agency in (None, status.agency)]
    if len(statuses) != 1:
        return
    [status] = statuses
    changed = change(replace(status, trace_id=status.trace_id or telemetry.current_trace_id()))
    if changed != status:
        await store.save(session, changed, clock.now())
