"""Consumes `replies.decided` and `acknowledgements.decided`: one delivery for each decision and receipt, however often its event comes."""

from datetime import datetime
from typing import Annotated

from faststream import Context

from schemas import acknowledgements_decided, invisible_characters, replies_decided, replies_dispatched
from schemas.acknowledgements_decided import AcknowledgementDecided
from schemas.replies_decided import ReplyDecided
from schemas.replies_dispatched import ReplyDispatched
from services.dispatch import rules, store
from services.dispatch.mail_delivery import SERVICE
from services.dispatch.polling_worker import Wake
from services.dispatch.rules import Delivery, WebhookDelivery
from services.domain import known_bad_drafts
from services.runtime import clock, outbox, telemetry
from services.runtime.broker import by_topic, consumer, router
from services.runtime.database import Database, Session
from services.runtime.errors import InvalidRecord

GUARDED = (replies_decided.TOPIC, replies_dispatched.TOPIC, acknowledgements_decided.TOPIC)
"""Nothing is mailed that review has not signed, and nothing comes back but by a service of ours."""

route = router()
events = route.subscriber(*GUARDED, **consumer(SERVICE))

DatabaseDep = Annotated[Database, Context("database")]
WakeDep = Annotated[Wake, Context("wake")]


@events(filter=by_topic(replies_dispatched.TOPIC))
async def on_reply_returned(event: ReplyDispatched, database: DatabaseDep) -> None:
    """Records that a mail came back, as intake read it in a mailbox: asked again, dispatch says that too. All else it has said itself."""
    if not event.returned:
        return
    now = clock.now()
    async with database.transaction() as session:
        await store.mark_returned(session, event.decision_id, rules.one_line(event.detail), event.dispatched_at or now)


@events(filter=by_topic(replies_decided.TOPIC))
async def on_reply_decided(event: ReplyDecided, database: DatabaseDep, wake: WakeDep) -> None:
    """Records the mail and the webhook delivery that are due; workers carry them out."""
    if event.draft_id in known_bad_drafts.draft_ids():
        raise InvalidRecord("the draft is a test of attention: nothing of it is ever sent")
    if rules.is_sent(event) and invisible_characters.is_blank(event.body or ""):
        raise InvalidRecord("an approved reply needs a body")
    now = clock.now()
    due = max(now, event.send_after or now)
    async with database.transaction() as session:
        has_webhook = event.agency is not None and await store.webhook_of(session, event.agency) is not None
        if event.agency is not None and has_webhook:
            delivery = WebhookDelivery(
                event.decision_id, event.request_id, event.agency, rules.payload(event), telemetry.current_headers(), 0
            )
            await store.add_webhook_delivery(session, delivery, due=due, now=now)
        if rules.is_sent(event):
            await _deliver(session, event, rules.route(event.recipient, has_webhook=has_webhook), due, now)
    wake()


@events(filter=by_topic(acknowledgements_decided.TOPIC))
async def on_acknowledgement_decided(event: AcknowledgementDecided, database: DatabaseDep, wake: WakeDep) -> None:
    """Records the mail that is due. The agency's webhook hears nothing of it: it has people's decisions on cases alone."""
    now = clock.now()
    delivery = Delivery(
        decision_id=event.acknowledgement_id,
        request_id=event.request_id,
        agency=event.agency,
        event=event.model_dump_json(exclude_none=True),
        trace=telemetry.current_headers(),
        state="pending",
        channel="none",
        attempts=0,
        detail="",
        message_id="",
        finished_at=None,
        kind="acknowledgement",
    )
    async with database.transaction() as session:
        await _record(session, delivery, now, now)
    wake()


async def _deliver(session: Session, event: ReplyDecided, way: rules.Route, due: datetime, now: datetime) -> None:
    delivery = Delivery(
        decision_id=event.decision_id,
        request_id=event.request_id,
        agency=event.agency,
        event=event.model_dump_json(exclude_none=True),
        trace=telemetry.current_headers(),
        state="manual" if way == "manual" else "pending",
        channel="webhook" if way == "webhook" else "none",
        attempts=0,
        detail=rules.NO_ADDRESS if way == "manual" else "",
        message_id="",
        finished_at=now if way == "manual" else None,
    )
    await _record(session, delivery, due if way == "mail" else None, now)


async def _record(session: Session, delivery: Delivery, due: datetime | None, now: datetime) -> None:
    if await store.add_delivery(session, delivery, due=due, now=now):
        kept = delivery
    else:
        earlier = await store.delivery_of(session, delivery.decision_id)
        assert earlier is not None
        kept = earlier
    if kept.finished_at is not None:
        # Told again: whoever asks has not heard the end of it, or has forgotten.
        await outbox.add(session, SERVICE, rules.dispatched(kept))
