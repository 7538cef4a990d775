"""Many people write about the same: their messages are grouped, and the group is announced."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import delete

from services.review.audit import store as audit
from services.review.cases import upkeep_store
from services.review.cases.case_state import State
from services.review.cases.groups import group_store, grouper
from services.review.cases.groups.group_store import Member
from services.review.cases.groups.group_tables import UngroupedRow
from services.runtime import clock
from tests.pages.city import ANNA, BEN, Browser, City, hidden_fields
from tests.pages.conftest import SignIn
from tests.pages.outage import NEIGHBOUR, approves, group_of, grouped, outage, ticks, writes, writes_common

# --- what belongs together ---------------------------------------------------------------------------------------------------------------


async def test_letters_in_nearly_the_same_words_are_a_group_and_the_page_says_why(city: City, anna: Browser) -> None:
    group_id, (first, second, _) = await outage(city, "Ann Lee", "Bob Hay", "Cem Kaya")
    other = await city.waiting_case()
    await grouped(city)
    page = (await anna.opens(f"/groups/{group_id}")).text
    assert "3</span> messages about the same" in page
    assert "the same words as" in page
    assert await group_of(city, other) is None
    assert f'href="/groups/{group_id}"' in (await anna.opens(f"/cases/{second}")).text
    assert f'href="/groups/{group_id}"' in (await anna.opens("/groups")).text
    assert "No water, Ann Lee" in page
    assert first != second


async def test_reports_of_one_kind_about_one_street_are_a_group_whatever_their_words(city: City, anna: Browser) -> None:
    first = await writes(city, "Ann Lee", body="No water here on Mill Lane, what is going on?")
    second = await writes(city, "Bob Hay", body="The taps in our whole building at 14 Mill Lane have been dry since breakfast.")
    elsewhere = await writes(city, "Cem Kaya", body="All taps are dry at the corner of Heron Street this morning, please help us soon.")
    other_kind = await writes(city, "Dee Orr", body="Somebody parks on the pavement of Mill Lane every single evening.", category="parking")
    await grouped(city)
    assert await group_of(city, first) == await group_of(city, second) is not None
    assert await group_of(city, elsewhere) is None
    assert await group_of(city, other_kind) is None
    assert 'about the same street: <span dir="auto">Mill Lane</span>' in (await anna.opens(f"/groups/{await group_of(city, first)}")).text


async def test_reports_near_each_other_are_a_group_and_those_far_off_or_days_apart_are_not(city: City) -> None:
    def at(latitude: float, longitude: float) -> dict[str, Any]:
        return {"location": {"latitude": latitude, "longitude": longitude}}

    first = await writes(city, "Ann Lee", body="Dry taps.", request=at(48.85000, 2.35000))
    near = await writes(city, "Bob Hay", body="What has become of the pressure in our shower today?", request=at(48.85130, 2.35100))
    far = await writes(city, "Cem Kaya", body="We have had to buy bottles for the baby all morning long.", request=at(48.86000, 2.35000))
    long_ago = await writes(city, "Dee Orr", body="Brown water came out of it.", request=at(48.85000, 2.35000), minutes_ago=60 * 72)
    await grouped(city)
    assert await group_of(city, first) == await group_of(city, near) is not None
    assert await group_of(city, far) is None
    assert await group_of(city, long_ago) is None


async def test_messages_of_before_the_groups_are_grouped_as_well_but_for_those_that_a_person_took_out(
    city: City, anna: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouper, "AT_ONCE", 2)
    group_id, (_, taken_out) = await outage(city, "Ann Lee", "Bob Hay")
    csrf = hidden_fields((await anna.opens(f"/groups/{group_id}")).text)["csrf"]
    await anna.client.post(f"/groups/{group_id}/take-out", data={"csrf": csrf, "request_id": str(taken_out)})
    alike = [await writes(city, name, place="Elm Street", minutes_ago=60 * 24 * 20) for name in ("Cem Kaya", "Dee Orr", "Eva Sol")]
    dry = [await writes(city, name, body=f"{name}: dry taps, Elm Street.", minutes_ago=60 * 24 * 40) for name in ("Fay Tan", "Gus Urd")]
    between = [await city.waiting_case(hours_ago=24 * 40) for _ in range(3)]
    async with city.commands.database.transaction() as session:  # as they are after an upgrade from a release without groups
        await session.exec(delete(UngroupedRow))
        await upkeep_store.begin_again(session, grouper.NAME)
    await grouped(city)
    assert len({await group_of(city, each) for each in alike}) == 1
    assert await group_of(city, dry[0]) == await group_of(city, dry[1]) is not None
    assert len({await group_of(city, each) for each in (alike[0], dry[0], between[0])}) == 3
    assert await group_of(city, taken_out) is None
    fresh = await writes(city, "Hal Vey", body="Dry taps here on Elm Street.")
    await grouped(city)
    assert await group_of(city, fresh) is None, "what is long over is nobody's company"


async def test_a_group_is_of_one_agency(city: City) -> None:
    here, there = await writes(city, "Ann Lee"), await writes(city, "Bob Hay", agency="town")
    await grouped(city)
    assert await group_of(city, here) is None
    assert await group_of(city, there) is None


async def test_what_a_person_takes_out_stays_out_and_what_they_put_in_comes_in(city: City, anna: Browser) -> None:
    group_id, (first, second, third) = await outage(city, "Ann Lee", "Bob Hay", "Cem Kaya")
    csrf = hidden_fields((await anna.opens(f"/groups/{group_id}")).text)["csrf"]
    answer = await anna.client.post(f"/groups/{group_id}/take-out", data={"csrf": csrf, "request_id": str(second)})
    assert answer.status_code == 303
    await writes(city, "Dee Orr")
    await grouped(city)
    assert await group_of(city, second) is None
    assert await group_of(city, third) == group_id
    lamp = await city.waiting_case()
    address = f"http://city.test/cases/{lamp}?view=tab%3Ddecide"
    assert (await anna.client.post(f"/groups/{group_id}/put-in", data={"csrf": csrf, "request_id": address})).status_code == 303
    assert await group_of(city, lamp) == group_id
    assert "Put in by Anna Miller" in (await anna.opens(f"/groups/{group_id}")).text
    async with city.commands.database.reading() as session:
        assert (await audit.of_request(session, second))[-1].action == "take out of group"
        assert (await audit.of_request(session, lamp))[-1].action == "put into group"
    assert first != third


# --- what rises --------------------------------------------------------------------------------------------------------------------------


async def test_a_rising_group_announces_itself_in_the_queue(city: City, anna: Browser) -> None:
    await outage(city, "Ann Lee", "Bob Hay", "Cem Kaya")
    assert "Many write about the same" not in (await anna.opens("/")).text
    await writes(city, "Dee Orr")
    await grouped(city)
    queue = (await anna.opens("/")).text
    assert "Many write about the same" in queue
    assert "4 people in the last hour" in queue
    assert "4 people in the last hour" in (await anna.opens("/groups/rising")).text


async def test_a_rising_group_is_announced_until_all_of_it_is_answered(city: City, anna: Browser) -> None:
    _, cases = await outage(city, "Ann Lee", "Bob Hay", "Cem Kaya", "Dee Orr")
    for request_id in cases:
        assert "Many write about the same" in (await anna.opens("/")).text
        await city.approves(ANNA, request_id)
    assert "Many write about the same" not in (await anna.opens("/")).text
    await writes(city, "Eva Sol")
    await grouped(city)
    assert "Many write about the same" in (await anna.opens("/")).text


async def test_a_group_loses_its_mark_when_nothing_comes_any_more(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    await outage(city, "Ann Lee", "Bob Hay", "Cem Kaya", "Dee Orr")

    async def marked() -> int:
        async with city.commands.database.reading() as session:
            return len(await group_store.rising_groups(session, ANNA.scope, 9))

    assert await marked() == 1
    later = clock.now() + timedelta(hours=25)
    monkeypatch.setattr(clock, "now", lambda: later)
    await grouped(city)
    assert await marked() == 0


async def test_one_person_who_writes_often_is_no_rise(city: City, anna: Browser) -> None:
    await outage(city, *["Ann Lee"] * 5)
    assert "Many write about the same" not in (await anna.opens("/")).text


async def test_a_rise_is_told_by_what_the_person_sees_of_it(city: City, sign_in: SignIn) -> None:
    ben = await sign_in(BEN)
    await outage(city, "Ann Lee", "Bob Hay", "Cem Kaya", "Dee Orr")
    for name in ("Eva Sol", "Fay Tan", "Gus Urd"):
        await writes(city, name, department="streets", category="roads_pavements")
    await grouped(city)
    assert "Many write about the same" not in (await ben.opens("/")).text
    await writes(city, "Hal Vik", department="streets", category="roads_pavements")
    await grouped(city)
    assert "4 people in" in (await ben.opens("/")).text


# --- rights ------------------------------------------------------------------------------------------------------------------------------


async def test_members_of_another_department_are_neither_shown_nor_counted_nor_approved(city: City, sign_in: SignIn) -> None:
    ben = await sign_in(BEN)
    group_id, (water, _) = await outage(city, "Ann Lee", "Bob Hay")
    mine = await writes(city, "Cem Kaya", department="streets")
    again = await writes(city, "Dee Orr", department="streets")
    await grouped(city)
    page = await writes_common(ben, group_id, mine)
    assert "2</span> messages about the same" in page
    assert "Ann Lee" not in page
    assert set(ticks(page)) == {mine, again}
    version = (await city.case(water)).version
    answer = await approves(ben, group_id, page, [ticks(page)[mine], f"{water}:{version}:{'a' * 64}"])
    assert "Approved: 1 of 2" in answer.text
    assert "Ann Lee" not in answer.text
    assert (await city.case(water)).state is State.AWAITING_APPROVAL
    csrf = hidden_fields(page)["csrf"]
    assert (await ben.client.post(f"/groups/{group_id}/take-out", data={"csrf": csrf, "request_id": str(water)})).status_code == 403
    assert (await ben.client.post(f"/groups/{group_id}/put-in", data={"csrf": csrf, "request_id": str(water)})).status_code == 403


async def test_another_agencys_group_is_not_there(city: City, sign_in: SignIn) -> None:
    nils = await sign_in(NEIGHBOUR)
    group_id, (first, _) = await outage(city, "Ann Lee", "Bob Hay")
    theirs, (own, _) = await outage(city, "Nora Aas", "Olaf Bye", agency="town")
    assert (await nils.opens(f"/groups/{group_id}")).status_code == 404
    groups = (await nils.opens("/groups")).text
    assert str(theirs) in groups
    assert str(group_id) not in groups
    csrf = hidden_fields((await nils.opens(f"/groups/{theirs}")).text)["csrf"]
    answer = await nils.client.post(f"/groups/{theirs}/put-in", data={"csrf": csrf, "request_id": str(first)})
    assert answer.status_code == 404
    assert await group_of(city, own) == theirs


async def test_a_message_of_another_agency_is_put_into_no_group(city: City, anna: Browser) -> None:
    group_id, _ = await outage(city, "Ann Lee", "Bob Hay")
    there = await city.waiting_case(request={"agency": "town"}, agency="town")
    csrf = hidden_fields((await anna.opens(f"/groups/{group_id}")).text)["csrf"]
    answer = await anna.client.post(f"/groups/{group_id}/put-in", data={"csrf": csrf, "request_id": str(there)})
    assert answer.status_code == 409
    assert await group_of(city, there) is None


async def test_whoever_reads_the_page_is_in_the_log(city: City, anna: Browser) -> None:
    group_id, cases = await outage(city, "Ann Lee", "Bob Hay")
    await anna.opens(f"/groups/{group_id}")
    async with city.commands.database.reading() as session:
        for request_id in cases:
            assert await audit.was_read(session, request_id, ANNA.email, since=clock.now() - timedelta(minutes=1))


async def test_a_message_is_grouped_once_although_it_waits_twice(city: City) -> None:
    group_id, cases = await outage(city, "Ann Lee", "Bob Hay")
    async with city.commands.database.transaction() as session:
        await group_store.wait(session, cases[0], clock.now())
    await grouped(city)
    async with city.commands.database.reading() as session:
        members: list[Member] = await group_store.members(session, group_id, ANNA.scope, 10)
    assert [member.request_id for member in members] == cases
