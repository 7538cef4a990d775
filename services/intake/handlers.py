"""Updates the status that agencies see of their requests from the other services' events: in any order, idempotent."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from faststream import Context
from opentelemetry.trace import format_trace_id

from schemas import dead_letters, replies_decided, replies_dispatched, requests_triaged
from schemas.dead_letters import DeadLetter
from schemas.replies_decided import ReplyDecided
from schemas.replies_dispatched import ReplyDispatched
from schemas.requests_triaged import RequestTriaged
from services.intake import rules, store
from services.intake.answers import store as answers
from services.intake.refusals import refusal_of
from services.intake.rules import Refusal, Status
from services.runtime import clock, outbox, record_provenance, telemetry
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
    """Stores the reply: the agency sees the text from here on, and its citizen can say whether it solved the matter."""
    async with database.transaction() as session:
        await answers.keep(session, event, clock.now())
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
    """Stores why a request was refused, for the agency in whose name it came, and publishes it where the request is known by its id."""
    if not record_provenance.current().vouched:
        return
    async with database.transaction() as session:
        refusal = await refusal_of(session, letter)
        if refusal is None or not await store.add_refusal(session, refusal) or refusal.request_id is None:
            return
        change: Callable[[Status], Status] = replace
        journaled = await store.contents(session, [refusal.request_id], refusal.agency)
        if refusal.taken or (refusal.kind == "conflict" and refusal.content and journaled.get(refusal.request_id) == refusal.content):
            await store.begin(session, [refusal.request_id], refusal.agency, clock.now())
            await store.settle(session, refusal.request_id, refusal.agency, clock.now())
            change = partial(replace, state="conflict")
        if not await _change(session, refusal.request_id, refusal.agency, change, refusal):
            await _publish(session, rules.without_request(refusal, refusal.request_id), clock.now(), refusal)


async def _change(
    session: Session, request_id: UUID, agency: str | None, change: Callable[[Status], Status], refusal: Refusal | None = None
) -> bool:
    """Changes what the agency sees, and publishes a state that is new to it; says whether the agency has such a request.

    Where an event names no agency, it is the only one that used the id.
    """
    statuses = [status for status in await store.statuses(session, request_id) if agency in (None, status.agency)]
    if len(statuses) != 1:
        return False
    [status] = statuses
    changed = change(replace(status, trace_id=status.trace_id or telemetry.current_trace_id()))
    at = rules.next_moment(status, clock.now())
    if changed.agency != store.NOBODYS and (refusal or changed.state != status.published_state):
        await _publish(session, changed, at, refusal)
        changed = replace(changed, published_state=changed.state)
    if changed != status:
        await store.save(session, changed, at)
    return True


async def _publish(session: Session, status: Status, at: datetime, refusal: Refusal | None = None) -> None:
    trace_id = status.trace_id or format_trace_id(telemetry.trace_id_of(status.request_id))
    await outbox.add(session, SERVICE, rules.status_changed(status, trace_id, at, refusal), lane=status.agency)
