"""What the other services tell, kept as what an agency may see. In any order, any number of times."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from faststream import Context

from schemas import replies_decided, replies_dispatched, requests_triaged
from schemas.replies_decided import ReplyDecided
from schemas.replies_dispatched import ReplyDispatched
from schemas.requests_triaged import RequestTriaged
from services.intake import rules, store
from services.intake.rules import Status
from services.runtime import clock, telemetry
from services.runtime.broker import by_topic, consumer, router
from services.runtime.database import Database, Session

SERVICE = "intake"

route = router()
told = route.subscriber(requests_triaged.TOPIC, replies_decided.TOPIC, replies_dispatched.TOPIC, **consumer(SERVICE))

DatabaseDep = Annotated[Database, Context("database")]


@told(filter=by_topic(requests_triaged.TOPIC))
async def on_request_triaged(event: RequestTriaged, database: DatabaseDep) -> None:
    """Of a request that came by Kafka itself, this is the first that intake hears."""
    async with database.transaction() as session:
        await store.claim(session, [event.request_id], event.agency, clock.now())
        await store.settle(session, event.request_id, clock.now())
        await _change(session, event.request_id, lambda status: rules.triaged(status, event))


@told(filter=by_topic(replies_decided.TOPIC))
async def on_reply_decided(event: ReplyDecided, database: DatabaseDep) -> None:
    """The agency sees the text from here on."""
    async with database.transaction() as session:
        if event.agency:
            await store.claim(session, [event.request_id], event.agency, clock.now())
        await _change(session, event.request_id, lambda status: rules.decided(status, event))


@told(filter=by_topic(replies_dispatched.TOPIC))
async def on_reply_dispatched(event: ReplyDispatched, database: DatabaseDep) -> None:
    """Sent, failed, or in doubt. It may be the first that intake hears of a request."""
    async with database.transaction() as session:
        await store.claim(session, [event.request_id], store.NOBODYS, clock.now())
        await _change(session, event.request_id, lambda status: rules.dispatched(status, event, clock.now()))


async def _change(session: Session, request_id: UUID, change: Callable[[Status], Status]) -> None:
    status = await store.status_of(session, request_id, lock=True)
    if status is None:
        return
    changed = change(replace(status, trace_id=status.trace_id or telemetry.current_trace_id()))
    if changed != status:
        await store.save(session, changed, clock.now())
