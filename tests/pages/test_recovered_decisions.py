"""A restored database still has an approval that was undone afterwards: what Kafka has been told instead is the only answer."""

from collections.abc import AsyncIterator, Collection
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from schemas.replies_decided import ReplyDecided
from services.review.cases import recovering, store
from services.review.cases.case_state import State
from services.review.cases.deciding import actions
from services.runtime import clock
from services.runtime.outbox import OutboxRow
from tests.pages.city import ANNA, City, without_kafka

AN_HOUR = timedelta(hours=1)


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[City]:
    made = City(without_kafka(tmp_path))
    await made.hires(ANNA)
    yield made
    await made.app.state.database.close()


async def decisions(city: City, request_id: UUID) -> dict[UUID, bool]:
    """By their ids, whether each was recalled."""
    async with city.commands.database.reading() as session:
        return {decision.decision_id: recalled is not None for decision, recalled in await store.decisions_of(session, request_id)}


async def leaving(city: City, request_id: UUID) -> list[UUID]:
    async with city.commands.database.reading() as session:
        rows = (await session.exec(select(OutboxRow).where(OutboxRow.key == str(request_id), OutboxRow.topic == ReplyDecided.topic))).all()
    return [ReplyDecided.model_validate_json(row.value).decision_id for row in rows]


async def recovers(city: City, later: ReplyDecided, since: datetime, *earlier: UUID) -> bool:
    on_kafka: Collection[UUID] = {later.decision_id, *earlier}
    async with city.commands.database.transaction() as session:
        return await recovering.take_back(session, later, clock.now(), AN_HOUR, since=since, on_kafka=on_kafka)


def decided_afterwards(decision: ReplyDecided) -> ReplyDecided:
    return decision.model_copy(update={"decision_id": uuid4(), "decided_at": decision.decided_at + AN_HOUR, "send_after": None})


async def approved(city: City) -> ReplyDecided:
    decision = (await city.approves(ANNA, await city.waiting_case())).decision
    assert decision
    return decision


async def test_an_approval_that_was_undone_after_the_backup_never_leaves_beside_the_one_that_followed(city: City) -> None:
    undone = await approved(city)
    later = decided_afterwards(undone)

    assert await recovers(city, later, clock.now())
    assert not await recovers(city, later, clock.now()), "it may be run twice"

    assert await leaving(city, undone.request_id) == []
    assert await decisions(city, undone.request_id) == {undone.decision_id: True, later.decision_id: False}
    case = await city.case(undone.request_id)
    assert (case.state, case.decision) == (State.APPROVED, later)


async def test_a_closing_that_was_undone_gives_way_to_the_reply(city: City) -> None:
    like = await approved(city)
    case = await city.does(ANNA, await city.waiting_case(), actions.Close("a double of another message"))
    assert case.state is State.CLOSED
    later = decided_afterwards(like.model_copy(update={"request_id": case.request_id}))

    assert await recovers(city, later, clock.now())

    assert await leaving(city, case.request_id) == []
    assert (await city.case(case.request_id)).state is State.APPROVED


async def test_what_kafka_has_or_could_not_be_undone_any_more_leaves_as_it_is(city: City) -> None:
    sent, old = await approved(city), await approved(city)

    assert await recovers(city, decided_afterwards(sent), clock.now(), sent.decision_id)
    assert await recovers(city, decided_afterwards(old), clock.now() + AN_HOUR)

    for decision in (sent, old):
        assert await leaving(city, decision.request_id) == [decision.decision_id]
        assert (await decisions(city, decision.request_id))[decision.decision_id] is False


async def test_what_had_begun_to_leave_is_not_taken_back(city: City) -> None:
    decision = await approved(city)
    async with city.commands.database.transaction() as session:
        for row in (await session.exec(select(OutboxRow).where(OutboxRow.reference == str(decision.decision_id)))).all():
            row.leased_until = clock.now()

    assert await recovers(city, decided_afterwards(decision), clock.now())

    assert await leaving(city, decision.request_id) == [decision.decision_id]
