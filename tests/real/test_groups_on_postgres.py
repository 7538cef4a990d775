"""Groups and joined cases on PostgreSQL: several processes group at once and make one group, and two people join nothing crosswise."""

import asyncio

from services.review.cases.deciding import actions
from services.review.cases.groups import group_store, grouper, rising_groups
from services.runtime import clock
from tests.pages.city import ANNA, BEN, SUE, City
from tests.pages.outage import group_of, writes


async def test_processes_that_group_at_once_make_one_group(city: City) -> None:
    cases = [await writes(city, name) for name in ("Ann Lee", "Bob Hay", "Cem Kaya", "Dee Orr")]
    await asyncio.gather(*(grouper.group_all(city.commands.database) for _ in range(3)))
    groups = {await group_of(city, request_id) for request_id in cases}
    assert len(groups) == 1
    (group_id,) = groups
    assert group_id
    async with city.commands.database.reading() as session:
        assert await group_store.count(session, group_id, ANNA.scope) == 4
        assert [group.shown for group in await rising_groups.rising_groups(session, ANNA, clock.now())] == ["4"]
        assert await rising_groups.rising_groups(session, BEN, clock.now()) == []
        first = (await group_store.members(session, group_id, ANNA.scope, 1))[0]
        rest = await group_store.members(session, group_id, ANNA.scope, 9, after=(first.received_at, first.request_id))
    assert {first.request_id, *(member.request_id for member in rest)} == set(cases)


async def test_two_people_cannot_join_two_cases_crosswise(city: City) -> None:
    first, again = await city.waiting_case(), await city.waiting_case()
    crosswise = (city.does(ANNA, first, actions.Join(again)), city.does(SUE, again, actions.Join(first)))
    outcomes = await asyncio.gather(*crosswise, return_exceptions=True)
    assert sum(isinstance(outcome, Exception) for outcome in outcomes) == 1
    assert sorted([(await city.case(each)).state.value for each in (first, again)]) == ["awaiting_approval", "closed"]
