"""Erasing on PostgreSQL, where a relay and dispatch take their rows while it runs: what leaves is never counted as closed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from services.dispatch import store as deliveries
from services.dispatch.rules import Delivery, WebhookDelivery
from services.review.cases.case_state import State
from services.review.erasure.erasing import Erased, Eraser, Order, UnderWay
from services.runtime import clock, outbox
from services.runtime.database import Session
from tests.harness.waiting import until_async
from tests.pages.city import ANNA, City

MOMENT = timedelta(seconds=60)
A_DAY = timedelta(days=1)


async def approved(city: City) -> UUID:
    request_id = await city.waiting_case()
    await city.approves(ANNA, request_id)
    return request_id


async def handed_over(city: City) -> UUID:
    """Kafka has taken the decision."""
    request_id = await approved(city)
    async with city.commands.database.transaction() as session:
        await (await session.connection()).execute(sa.text("delete from outbox"))
    return request_id


async def with_delivery(city: City) -> UUID:
    request_id = await handed_over(city)
    decision, now = (await city.case(request_id)).decision, clock.now()
    assert decision
    reply = Delivery(decision.decision_id, request_id, "city", decision.model_dump_json(), {}, "pending", "smtp", 0, "", "", None)
    async with city.commands.database.transaction() as session:
        await deliveries.add_delivery(session, reply, due=now, now=now)
    return request_id


async def with_webhook(city: City) -> UUID:
    request_id = await handed_over(city)
    decision, now = (await city.case(request_id)).decision, clock.now()
    assert decision
    async with city.commands.database.transaction() as session:
        webhook = WebhookDelivery(decision.decision_id, request_id, "city", "{}", {}, 0)
        await deliveries.add_webhook_delivery(session, webhook, due=now, now=now)
    return request_id


async def a_relay_leases(session: Session) -> int:
    return len(await outbox.lease(session, "review", clock.now() + A_DAY))


async def dispatch_claims(session: Session) -> int:
    return len(await deliveries.claim(session, clock.now(), clock.now() + MOMENT, 10))


async def dispatch_claims_a_webhook(session: Session) -> int:
    return len(await deliveries.claim_webhook_deliveries(session, clock.now(), clock.now() + MOMENT, 10))


async def somebody_waits(city: City) -> bool:
    async with city.commands.database.reading() as session:
        query = sa.text("select count(*) from pg_locks where not granted")
        return bool((await (await session.connection()).execute(query)).scalar_one())


class Erasing(Eraser):
    """Lets others take what they like between its rehearsal and what it does."""

    def __init__(self, city: City, takes: Callable[[Session], Awaitable[int]]) -> None:
        super().__init__(city.commands.database, city.commands.settings)
        self._city, self._takes = city, takes
        self._taking: asyncio.Task[None] | None = None

    async def rehearse(self, request_ids: Sequence[UUID], order: Order, address: str = "") -> Erased:
        erased = await super().rehearse(request_ids, order, address)
        taken = asyncio.Event()
        self._taking = asyncio.create_task(self._take(taken))
        await taken.wait()
        return erased

    async def _take(self, taken: asyncio.Event) -> None:
        """Takes them, and commits that once the erasure has met it."""
        async with self._city.commands.database.transaction() as session:
            assert await self._takes(session)
            await session.flush()
            taken.set()
            await until_async(lambda: somebody_waits(self._city), "the erasure waits for what is being taken", seconds=60)


@pytest.mark.parametrize(
    ("prepared", "takes"),
    [(approved, a_relay_leases), (with_delivery, dispatch_claims), (with_webhook, dispatch_claims_a_webhook)],
)
async def test_what_is_taken_to_be_sent_while_an_erasure_looks_is_not_closed(
    city: City, prepared: Callable[[City], Awaitable[UUID]], takes: Callable[[Session], Awaitable[int]]
) -> None:
    request_id = await prepared(city)
    with pytest.raises(UnderWay, match="try again in a minute"):
        await Erasing(city, takes).erase([request_id], Order(ANNA.email, "asked for", close=True))

    case = await city.case(request_id)
    assert (case.state, case.erased_at) == (State.APPROVED, None)
