"""All database queries of dispatch. An attempt may change its delivery only while it is the last one: `attempts` is the fence."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlmodel import case, col, delete, func, select, update

from services.dispatch.rules import Channel, Delivery, End, Kind, State, Verdict, Webhook, WebhookDelivery
from services.dispatch.tables import DeliveryRow, WebhookDeliveryRow, WebhookRow
from services.dispatch.webhook_addresses import PUBLIC, Reach, wrong_with
from services.domain.webhook_records import WebhookRecord
from services.runtime.database import Session, insert_new
from services.runtime.errors import Conflict, InvalidInput, NotFound


async def add_delivery(session: Session, delivery: Delivery, *, due: datetime | None, now: datetime) -> bool:
    """Records a delivery; returns whether it was new. Without `due` nobody mails it."""
    row = DeliveryRow(**asdict(delivery), next_attempt_at=due, created_at=now, updated_at=now)
    return await insert_new(session, row)


async def delivery_of(session: Session, decision_id: UUID) -> Delivery | None:
    """The delivery of a decision; None where there is none."""
    row = await session.get(DeliveryRow, decision_id, populate_existing=True)
    return None if row is None else _delivery(row)


async def anything_due(session: Session, now: datetime) -> bool:
    """Whether anything is due, asked without a lock: most of the time there is nothing."""
    mail = select(DeliveryRow.decision_id).where(_waiting(DeliveryRow, now) | _lapsed(DeliveryRow, now)).limit(1)
    webhook = select(WebhookDeliveryRow.decision_id).where(_waiting(WebhookDeliveryRow, now) | _lapsed(WebhookDeliveryRow, now)).limit(1)
    return (await session.exec(mail)).first() is not None or (await session.exec(webhook)).first() is not None


async def claim(session: Session, now: datetime, leased_until: datetime, limit: int) -> list[Delivery]:
    """Leases deliveries that are due, and those whose lease expired before anything was transmitted."""
    due = (
        select(DeliveryRow)
        .where(_waiting(DeliveryRow, now) | (_lapsed(DeliveryRow, now) & (col(DeliveryRow.state) == "sending")))
        .order_by(col(DeliveryRow.next_attempt_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = (await session.exec(due)).all()
    for row in rows:
        row.state, row.attempts, row.leased_until, row.updated_at = "sending", row.attempts + 1, leased_until, now
    return [_delivery(row) for row in rows]


async def lapsed_in_transmission(session: Session, now: datetime) -> list[Delivery]:
    """Deliveries whose lease expired while the text was being transmitted."""
    rows = select(DeliveryRow).where(_lapsed(DeliveryRow, now), col(DeliveryRow.state) == "transmitting").with_for_update(skip_locked=True)
    return [_delivery(row) for row in (await session.exec(rows)).all()]


async def begin_transmission(session: Session, delivery: Delivery, leased_until: datetime, now: datetime) -> bool:
    """Marks the delivery as being transmitted: a crash from here on leaves it uncertain. Returns whether the attempt still holds it."""
    held: tuple[State, ...] = ("sending",)
    return await _change(
        session, delivery, held, state="transmitting", message_id=delivery.message_id, leased_until=leased_until, updated_at=now
    )


async def renew(session: Session, delivery: Delivery, leased_until: datetime) -> bool:
    """Extends the lease; returns whether the attempt still holds the delivery."""
    return await _change(session, delivery, ("sending", "transmitting"), leased_until=leased_until)


async def conclude(session: Session, delivery: Delivery, verdict: Verdict, now: datetime) -> bool:
    """Records the outcome of an attempt; returns whether the attempt still held the delivery.

    A doubt that was written down meanwhile gives way to what is known for certain, but never to another try.
    """
    held: tuple[State, ...] = ("sending", "transmitting")
    return await _change(
        session,
        delivery,
        (*held, "uncertain") if verdict.state in ("delivered", "failed") else held,
        state=verdict.state,
        channel=delivery.channel,
        reason=verdict.reason,
        detail=verdict.detail,
        message_id=delivery.message_id,
        next_attempt_at=verdict.next_attempt_at,
        leased_until=None,
        updated_at=now,
        finished_at=None if verdict.state == "pending" else now,
    )


async def mark_returned(session: Session, decision_id: UUID, detail: str, now: datetime) -> bool:
    """Records that the mail came back, also of an attempt that has not yet heard that it was taken; returns whether it changed anything."""
    row = update(DeliveryRow).where(
        col(DeliveryRow.decision_id) == decision_id, col(DeliveryRow.state).in_(("transmitting", "delivered", "uncertain"))
    )
    values = {"state": "returned", "detail": detail, "next_attempt_at": None, "leased_until": None, "updated_at": now, "finished_at": now}
    return bool((await session.exec(row.values(**values))).rowcount)


async def restore_outcome(session: Session, outcome: Delivery, now: datetime) -> bool:
    """Records what became of a delivery that a restored database does not know of, or has as waiting; says whether it was so.

    It is not tried again: whoever got the mail does not get it twice.
    """
    if await add_delivery(session, outcome, due=None, now=now):
        return True
    row = update(DeliveryRow).where(
        col(DeliveryRow.decision_id) == outcome.decision_id, col(DeliveryRow.state).in_(("pending", "sending", "transmitting", "uncertain"))
    )
    values = {name: getattr(outcome, name) for name in ("state", "channel", "detail", "finished_at")}
    return bool((await session.exec(row.values(**values, next_attempt_at=None, leased_until=None, updated_at=now))).rowcount)


async def end_waiting(session: Session, decision_id: UUID, end: End, now: datetime) -> bool:
    """Ends a delivery that waits for its webhook; returns whether there was one."""
    row = update(DeliveryRow).where(
        col(DeliveryRow.decision_id) == decision_id, col(DeliveryRow.state) == "pending", col(DeliveryRow.next_attempt_at).is_(None)
    )
    values = {**asdict(end), "updated_at": now, "finished_at": now}
    return bool((await session.exec(row.values(**values))).rowcount)


@dataclass(frozen=True)
class Unfinished:
    """Deliveries of one kind that wait for the same; `oldest` is when the first of them was decided on."""

    kind: str
    reason: str
    deliveries: int
    oldest: datetime


async def unfinished(session: Session, now: datetime) -> list[Unfinished]:
    """What has not ended, by kind and by what it waits for. Those that have ended are not read."""
    reason = case(
        (col(DeliveryRow.channel) == "webhook", "webhook"),
        # What is tried once more still waits for the same: an alert must not be over for the length of each try.
        ((col(DeliveryRow.attempts) > 0) & col(DeliveryRow.reason).is_not(None), col(DeliveryRow.reason)),
        (col(DeliveryRow.state) != "pending", "in hand"),
        (col(DeliveryRow.attempts) > 0, "tried again"),
        (col(DeliveryRow.next_attempt_at) > now, "not due"),
        else_="first attempt",
    )
    mails = (
        select(DeliveryRow.kind, reason, func.count(), func.min(DeliveryRow.created_at))
        .where(col(DeliveryRow.state).in_(("pending", "sending", "transmitting")))
        .group_by(col(DeliveryRow.kind), reason)
    )
    tried = col(WebhookDeliveryRow.attempts) > col(WebhookDeliveryRow.attempts_before)
    webhook_reason = case(
        (tried & col(WebhookDeliveryRow.reason).is_not(None), col(WebhookDeliveryRow.reason)),
        (col(WebhookDeliveryRow.state) != "pending", "in hand"),
        (tried, "tried again"),
        (col(WebhookDeliveryRow.next_attempt_at) > now, "not due"),
        else_="first attempt",
    )
    # What waits has a moment for its next try, or a lease: both are indexed, and of what has ended neither is there.
    waits = col(WebhookDeliveryRow.next_attempt_at).is_not(None) | col(WebhookDeliveryRow.leased_until).is_not(None)
    webhooks = (
        select(webhook_reason, func.count(), func.min(WebhookDeliveryRow.created_at))
        .where(waits, col(WebhookDeliveryRow.state).in_(("pending", "sending")))
        .group_by(webhook_reason)
    )
    groups = [Unfinished(kind, why, count, oldest) for kind, why, count, oldest in (await session.exec(mails)).all()]
    return groups + [Unfinished("webhook", why, count, oldest) for why, count, oldest in (await session.exec(webhooks)).all()]


async def release(session: Session, now: datetime) -> None:
    """Frees all leases, at the start of an installation with one process: the attempts of its last run are over."""
    for table in (DeliveryRow, WebhookDeliveryRow):
        await session.exec(update(table).where(col(table.leased_until).is_not(None)).values(leased_until=now))


async def set_webhook(session: Session, agency: str, url: str, now: datetime, reach: Reach = PUBLIC) -> str:
    """Sets the webhook of an agency. Returns its signing secret."""
    if wrong := wrong_with(url, reach):
        raise InvalidInput(f"url: a webhook is an address as https://agency.example/parvis; {wrong}", field="url")
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    await session.merge(WebhookRow(agency=agency, url=url, secret=secret, loopback=reach.loopback, created_at=now))
    await session.flush()
    return secret


async def remove_webhook(session: Session, agency: str) -> None:
    """Nothing is sent to the agency's webhook any more; what waits for it ends at its next attempt."""
    await session.exec(delete(WebhookRow).where(col(WebhookRow.agency) == agency))


async def webhook_of(session: Session, agency: str) -> Webhook | None:
    """The webhook of an agency; None where it has none."""
    row = await session.get(WebhookRow, agency)
    return None if row is None else Webhook(row.url, row.secret, row.loopback)


async def add_webhook_delivery(session: Session, delivery: WebhookDelivery, *, due: datetime, now: datetime) -> bool:
    """Records a webhook delivery; returns whether it was new."""
    row = WebhookDeliveryRow(**asdict(delivery), state="pending", detail="", next_attempt_at=due, created_at=now, updated_at=now)
    return await insert_new(session, row)


async def webhook_records(session: Session, agency: str, *, limit: int, undelivered: bool = False) -> list[WebhookRecord]:
    """What was, or is to be, sent to the agency's webhook: the newest first; `undelivered`: alone what has not arrived."""
    rows = select(WebhookDeliveryRow).where(WebhookDeliveryRow.agency == agency)
    if undelivered:
        rows = rows.where(col(WebhookDeliveryRow.arrived_at).is_(None), col(WebhookDeliveryRow.state) != "delivered")
    rows = rows.order_by(col(WebhookDeliveryRow.created_at).desc(), col(WebhookDeliveryRow.decision_id)).limit(limit)
    shown = [field.name for field in fields(WebhookRecord)]
    return [WebhookRecord(**{name: getattr(row, name) for name in shown}) for row in (await session.exec(rows)).all()]


async def send_webhook_again(session: Session, agency: str, decision_id: UUID, now: datetime) -> None:
    """Makes a delivery due once more that has ended, or waits for its next attempt: the same bytes under the same webhook-id.

    Raises NotFound where the agency has none of that decision, and Conflict where it has no webhook or an attempt is being made.
    """
    row = await session.get(WebhookDeliveryRow, decision_id, with_for_update=True)
    if row is None or row.agency != agency:
        raise NotFound(f"{agency} was told of no decision {decision_id}", field="decision")
    if await session.get(WebhookRow, agency) is None:
        raise Conflict(f"{agency} has no webhook: set one, as by `parvis agencies webhook`")
    if row.state == "sending":
        raise Conflict("it is being sent at this moment")
    if not row.payload:
        raise Conflict("its text was erased, as its citizen asked")
    if row.state == "delivered":  # by a release that did not note when
        row.arrived_at = row.arrived_at or row.finished_at
    row.state, row.next_attempt_at, row.finished_at, row.updated_at = "pending", now, None, now
    row.attempts_before = row.attempts


async def claim_webhook_deliveries(session: Session, now: datetime, leased_until: datetime, limit: int) -> list[WebhookDelivery]:
    """Leases webhook deliveries that are due. One whose lease expired is repeated under the same webhook-id."""
    due = (
        select(WebhookDeliveryRow)
        .where(_waiting(WebhookDeliveryRow, now) | _lapsed(WebhookDeliveryRow, now))
        .order_by(col(WebhookDeliveryRow.next_attempt_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = (await session.exec(due)).all()
    for row in rows:
        row.state, row.attempts, row.leased_until, row.updated_at = "sending", row.attempts + 1, leased_until, now
    return [WebhookDelivery(r.decision_id, r.request_id, r.agency, r.payload, r.trace, r.attempts, r.attempts_before) for r in rows]


async def renew_webhook_delivery(session: Session, delivery: WebhookDelivery, leased_until: datetime) -> bool:
    """Extends the lease; returns whether the attempt still holds the delivery."""
    return await _change_webhook_delivery(session, delivery, leased_until=leased_until)


async def conclude_webhook_delivery(session: Session, delivery: WebhookDelivery, verdict: Verdict, now: datetime) -> bool:
    """Records the outcome of an attempt; returns whether the attempt still held the delivery."""
    arrived = {"arrived_at": func.coalesce(WebhookDeliveryRow.arrived_at, now)} if verdict.state == "delivered" else {}
    return await _change_webhook_delivery(
        session,
        delivery,
        state=verdict.state,
        reason=verdict.reason,
        detail=verdict.detail,
        next_attempt_at=verdict.next_attempt_at,
        leased_until=None,
        updated_at=now,
        finished_at=None if verdict.state == "pending" else now,
        **arrived,
    )


def _waiting(table: type[DeliveryRow] | type[WebhookDeliveryRow], now: datetime) -> Any:  # noqa: ANN401 - a condition
    return (col(table.state) == "pending") & (col(table.next_attempt_at) <= now)


def _lapsed(table: type[DeliveryRow] | type[WebhookDeliveryRow], now: datetime) -> Any:  # noqa: ANN401 - a condition
    return col(table.state).in_(("sending", "transmitting")) & (col(table.leased_until) <= now)


async def _change(session: Session, delivery: Delivery, states: Sequence[State], **values: Any) -> bool:  # noqa: ANN401 - columns
    row = update(DeliveryRow).where(
        col(DeliveryRow.decision_id) == delivery.decision_id,
        col(DeliveryRow.attempts) == delivery.attempts,
        col(DeliveryRow.state).in_(states),
    )
    return bool((await session.exec(row.values(**values))).rowcount)


async def _change_webhook_delivery(session: Session, delivery: WebhookDelivery, **values: Any) -> bool:  # noqa: ANN401 - columns
    row = update(WebhookDeliveryRow).where(
        col(WebhookDeliveryRow.decision_id) == delivery.decision_id,
        col(WebhookDeliveryRow.attempts) == delivery.attempts,
        col(WebhookDeliveryRow.state) == "sending",
    )
    return bool((await session.exec(row.values(**values))).rowcount)


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(
        decision_id=row.decision_id,
        request_id=row.request_id,
        agency=row.agency,
        event=row.event,
        trace=row.trace,
        state=cast("State", row.state),
        channel=cast("Channel", row.channel),
        attempts=row.attempts,
        detail=row.detail,
        message_id=row.message_id,
        finished_at=row.finished_at,
        kind=cast("Kind", row.kind),
    )
