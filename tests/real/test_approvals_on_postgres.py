"""Approvals on PostgreSQL, where transactions really run at once: races of four eyes and of second looks, and what no table takes."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from schemas.replies_decided import ReplyDecided
from services.domain import known_bad_drafts
from services.review.cases import store
from services.review.cases.attention_checks import check_store, placing
from services.review.cases.case_state import Case, State
from services.review.cases.deciding import actions
from services.review.cases.deciding.actions import Action
from services.review.cases.second_look import look_store
from services.review.cases.second_look.comparison import Look
from services.review.people.rules import Person
from services.review.safeguards import store as safeguards
from services.review.safeguards.rules import Change
from services.runtime import clock
from services.runtime.errors import Conflict
from services.runtime.outbox import OutboxRow
from tests.pages.city import ADA, ANNA, BEN, SUE, City

ROUNDS = 12
"""Races are drawn anew each time: once says little."""


async def rule(city: City, kind: str = "second_person", share: str = "") -> None:
    async with city.commands.database.transaction() as session:
        change = Change(kind, share=share, why="two people look at these")
        await safeguards.change(session, change, ADA.email, clock.now(), city.commands.taxonomy.names)


async def at_once(city: City, case: Case, *acts: tuple[Person, Action]) -> list[Case | BaseException]:
    return await asyncio.gather(
        *(city.commands.act(case.request_id, case.version, action, person) for person, action in acts), return_exceptions=True
    )


async def leaving(city: City, request_id: UUID) -> list[ReplyDecided]:
    async with city.commands.database.reading() as session:
        rows = (await session.exec(select(OutboxRow).where(OutboxRow.key == str(request_id), OutboxRow.topic == ReplyDecided.topic))).all()
    return [ReplyDecided.model_validate_json(row.value) for row in rows]


async def test_of_two_first_approvals_at_once_one_waits_and_the_other_is_told_to_look_again(city: City) -> None:
    await rule(city)
    for _ in range(ROUNDS):
        case = await city.case(await city.waiting_case())
        assert case.draft
        approve = actions.Approve(case.draft.draft_id)
        outcomes = await at_once(city, case, (ANNA, approve), (SUE, approve), (BEN, approve))
        assert sum(isinstance(outcome, Case) for outcome in outcomes) == 1, outcomes
        assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 2
        waits = await city.case(case.request_id)
        assert waits.first_approval
        assert waits.version == case.version + 1
        assert await leaving(city, case.request_id) == []


async def test_a_second_approval_and_a_sending_back_at_once_are_one_of_the_two_and_never_both(city: City) -> None:
    await rule(city)
    for _ in range(ROUNDS):
        request_id = await city.waiting_case()
        await city.approves(ANNA, request_id)
        case = await city.case(request_id)
        assert case.draft
        approve, back = actions.Approve(case.draft.draft_id), actions.SendBack("the date is wrong")
        outcomes = await at_once(city, case, (SUE, approve), (BEN, back), (ANNA, approve), (ANNA, actions.Recall()))
        assert sum(isinstance(outcome, Case) for outcome in outcomes) == 1, outcomes
        after, replies = await city.case(request_id), await leaving(city, request_id)
        if after.state is State.APPROVED:
            assert [(reply.decided_by, reply.seconded_by) for reply in replies] == [(ANNA.email, SUE.email)]
        else:
            assert replies == []
            assert after.first_approval is None


async def test_an_approval_sent_twice_leaves_once(city: City) -> None:
    for _ in range(ROUNDS):
        case = await city.case(await city.waiting_case())
        assert case.draft
        outcomes = await at_once(city, case, *[(ANNA, actions.Approve(case.draft.draft_id))] * 4)
        assert sum(isinstance(outcome, Case) for outcome in outcomes) == 1
        assert len(await leaving(city, case.request_id)) == 1


async def test_of_two_second_looks_at_once_one_is_kept_and_the_first_person_is_refused_by_the_table_itself(city: City) -> None:
    request_id = await city.waiting_case()
    await city.approves(ANNA, request_id)
    decision = (await city.case(request_id)).decision
    assert decision
    database, later = city.commands.database, clock.now() + timedelta(hours=1)
    async with database.transaction() as session:
        await look_store.add(session, decision, decision.decided_at)

    async def looks(person: Person) -> bool:
        async with database.transaction() as session:
            second = await look_store.look_for(session, request_id, person, later, for_update=True)
            if second.look is None:
                await look_store.keep(session, request_id, Look(sends=False, reason="no"), "not_sent", person, later)
        return True

    outcomes = await asyncio.gather(looks(SUE), looks(BEN), return_exceptions=True)
    assert [outcome is True for outcome in outcomes].count(True) == 1, outcomes
    with pytest.raises(DBAPIError, match="ck_second_looks_another"):
        async with database.transaction() as session:
            await look_store.keep(session, request_id, Look(sends=False), "not_sent", ANNA, later)


async def test_no_table_takes_a_decision_a_case_or_an_event_about_a_test_draft(city: City) -> None:
    like, now = await city.case(await city.waiting_case()), clock.now()
    bad_draft = known_bad_drafts.catalogue()[0]
    check = placing.placed(bad_draft, ANNA, like, city.commands.taxonomy, now, uuid4(), 100)
    async with city.commands.database.transaction() as session:
        await check_store.add(session, check, bad_draft, now)
    decision = ReplyDecided(request_id=check.request_id, decision_id=uuid4(), decision="approved", decided_by=ANNA.email, decided_at=now)
    event = {"service": "review", "topic": ReplyDecided.topic, "key": str(check.request_id), "value": "{}", "headers": {}}
    with pytest.raises(DBAPIError, match="never sent"):
        async with city.commands.database.transaction() as session:
            await store.add_decision(session, decision)
    with pytest.raises(DBAPIError, match="never sent"):
        async with city.commands.database.transaction() as session:
            session.add(store.row_of(check))
    with pytest.raises(DBAPIError, match="never sent"):
        async with city.commands.database.transaction() as session:
            await session.exec(sa.insert(OutboxRow).values(**event, available_at=now))
    assert check.draft
    done = await city.commands.act(check.request_id, check.version, actions.Approve(check.draft.draft_id), ANNA)
    assert done.state is State.CLOSED
    assert await leaving(city, check.request_id) == []
