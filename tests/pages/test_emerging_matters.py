"""Many people begin to write about one matter: the queue says so, an event leaves, and both are over again."""

import re
from datetime import timedelta

import pytest
from sqlmodel import delete

from services.review.audit import store as audit
from services.review.cases import upkeep_store
from services.review.cases.emerging import matter_store
from services.review.cases.emerging.matter_tables import MatterMessageRow
from services.review.cases.emerging.watching import UPKEEP, Watch
from services.review.cases.groups import group_store
from services.review.cases.groups.group_tables import UngroupedRow
from services.runtime import clock
from tests.pages.city import ANNA, BEN, Browser, City, hidden_fields
from tests.pages.conftest import SignIn
from tests.pages.crowd import LETTERS, crowd, looked_at, told, with_weeks_before
from tests.pages.outage import NEIGHBOUR, group_of, writes


def about(page: str) -> list[str]:
    """The lines of what emerges, as they are read."""
    lines = re.findall(r"people in \d+ minutes about.*?</a>", page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", "", line).split()) for line in lines]


# --- what emerges ------------------------------------------------------------------------------------------------------------------------


async def test_a_matter_is_announced_by_its_words_and_its_street_and_leaves_one_event(city: City, anna: Browser) -> None:
    await with_weeks_before(city)
    assert about((await anna.opens("/")).text) == []
    cases = await crowd(city, 9)
    (line,) = about((await anna.opens("/")).text)
    assert "water" in line
    assert "Mill Lane" in line
    assert (await anna.opens("/")).text.count("Many write about the same") == 0, "it is said once"
    assert about((await anna.opens("/groups/rising")).text) == [line]
    (event,) = await told(city)
    assert event.stage == "emerged"
    assert event.agency == "city"
    assert "water" in event.words
    assert event.places == ["Mill Lane"]
    assert event.category == "water_drains"
    assert set(event.request_ids) <= set(cases)
    assert event.people == len(event.request_ids) <= 8
    groups = {await group_of(city, request_id) for request_id in cases}
    assert len(groups) == 1
    assert f'href="/groups/{groups.pop()}"' in (await anna.opens("/")).text


async def test_a_matter_that_rises_is_told_once_for_each_level(city: City) -> None:
    await with_weeks_before(city)
    await crowd(city, 12)
    assert [(event.stage, event.level) for event in await told(city)] == [("emerged", 0), ("rose", 1)]
    assert len({event.request_id for event in await told(city)}) == 1


async def test_a_matter_is_over_when_hardly_anybody_writes_any_more(city: City, anna: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    await with_weeks_before(city)
    await crowd(city, 9)
    later = clock.now() + timedelta(minutes=75)
    monkeypatch.setattr(clock, "now", lambda: later)
    await looked_at(city)
    await looked_at(city)
    assert about((await anna.opens("/groups/rising")).text) == []
    assert [event.stage for event in await told(city)] == ["emerged", "over"]


# --- what does not ----------------------------------------------------------------------------------------------------------------------


async def test_one_citizen_who_writes_thirty_letters_makes_no_matter(city: City, anna: Browser) -> None:
    await with_weeks_before(city)
    for number in range(30):
        phone = {"citizen": {"name": "Ann Lee", "email": f"ann+{number}@example.org", "phone": f"0151 2345{number:03d}"}}
        await writes(city, "Ann Lee", body=LETTERS[number % len(LETTERS)], request=phone, minutes_ago=30 - number)
    await looked_at(city)
    assert await told(city) == []
    assert about((await anna.opens("/")).text) == []


async def test_one_text_sent_again_and_again_by_nobody_in_particular_is_one_persons(city: City) -> None:
    await with_weeks_before(city)
    for _ in range(10):
        await writes(city, "Nobody", body=LETTERS[0], request={"citizen": None, "subject": None})
    await looked_at(city)
    assert await told(city) == []


async def test_an_import_of_old_letters_raises_nothing(city: City) -> None:
    await with_weeks_before(city)
    await crowd(city, 12, minutes_ago=60 * 24 * 3)
    assert await told(city) == []


async def test_two_agencies_stay_apart(city: City) -> None:
    await with_weeks_before(city)
    await with_weeks_before(city, "town")
    await crowd(city, 3)
    await crowd(city, 3, first=3, agency="town")
    assert await told(city) == [], "three and three are not six"
    await crowd(city, 6, first=4)
    assert {event.agency for event in await told(city)} == {"city"}


async def test_what_is_usual_at_an_agency_is_no_matter_there(city: City) -> None:
    await with_weeks_before(city)
    for number in range(160):  # each day of weeks there is water to write about on Mill Lane
        await writes(city, f"N{number} Old", body=LETTERS[number % len(LETTERS)], minutes_ago=200 + number * 180)
    await looked_at(city)
    await crowd(city, 5)
    assert await told(city) == []


async def test_letters_of_before_this_release_say_what_is_usual(city: City) -> None:
    for number in range(60):
        await writes(city, f"N{number} Old", body=f"Lamp {'abcdefgh'[number % 8]}x is out, water runs.", minutes_ago=200 + number * 180)
    async with city.commands.database.transaction() as session:  # as they are after an upgrade
        await session.exec(delete(MatterMessageRow))
        await session.exec(delete(UngroupedRow))
        await upkeep_store.begin_again(session, UPKEEP)
    await Watch().catch_up(city.commands.database, clock.now())
    async with city.commands.database.reading() as session:
        assert (await matter_store.history(session, "city", clock.now(), "")).size == 60
        assert await upkeep_store.is_done(session, UPKEEP)


async def test_without_weeks_to_compare_with_nothing_emerges(city: City) -> None:
    await crowd(city, 9)
    assert await told(city) == []


# --- once, whatever happens between ------------------------------------------------------------------------------------------------------


async def test_a_stop_in_between_neither_repeats_nor_loses_the_event(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    await with_weeks_before(city)
    await crowd(city, 3)
    for number in range(3, 9):
        await writes(city, f"P{number} Last", body=LETTERS[number], minutes_ago=5)

    async def stops(*_: object) -> None:
        raise RuntimeError("killed at the end of the transaction")

    with monkeypatch.context() as broken:
        broken.setattr(group_store, "note_rising", stops)
        with pytest.raises(RuntimeError):
            await looked_at(city)
    assert await told(city) == [], "nothing leaves of a transaction that did not end"
    await looked_at(city)
    await looked_at(city)
    assert [event.stage for event in await told(city)] == ["emerged"]


# --- names, rights, and a person's word --------------------------------------------------------------------------------------------------


async def test_the_name_holds_nobodys_name_and_no_number(city: City) -> None:
    await with_weeks_before(city)
    for number in range(9):
        body = f"{LETTERS[number]} Zelda Quist at 14 Mill Lane, flat 27."
        await writes(city, f"Zelda Quist{chr(97 + number)}", body=body, email=f"z{number}@example.org", minutes_ago=20)
        await looked_at(city)
    (event,) = await told(city)
    shown = " ".join((*event.words, *event.places)).casefold()
    assert "zelda" not in shown
    assert not re.search(r"\d", shown)


async def test_a_person_hears_of_a_matter_by_what_they_see_of_it(city: City, sign_in: SignIn) -> None:
    ben = await sign_in(BEN)
    await with_weeks_before(city)
    await crowd(city, 8)
    assert about((await ben.opens("/")).text) == []
    await crowd(city, 4, first=8, department="streets", category="roads_pavements")
    (line,) = about((await ben.opens("/")).text)
    assert "water" in line


async def test_a_matter_that_a_person_dismissed_is_announced_no_more(city: City, anna: Browser) -> None:
    await with_weeks_before(city)
    await crowd(city, 8)
    page = (await anna.opens("/")).text
    (address,) = re.findall(r'action="(/matters/[^"]+/dismiss)"', page)
    answer = await anna.client.post(address, data={"csrf": hidden_fields(page)["csrf"]})
    assert answer.status_code == 303
    assert "Dismissed: it is announced" in (await anna.opens(answer.headers["location"])).text
    await crowd(city, 4, first=8)
    assert "people in" not in (await anna.opens("/")).text, "nor as a group that rises"
    assert [event.stage for event in await told(city)] == ["emerged", "dismissed"]
    async with city.commands.database.reading() as session:
        entries = await audit.page(session, actor=ANNA.email, before=None, limit=50)
    assert "dismiss matter" in {entry.action for _, entry in entries}


async def test_another_agencys_matter_is_not_there_to_be_dismissed(city: City, anna: Browser, sign_in: SignIn) -> None:
    nils = await sign_in(NEIGHBOUR)
    await with_weeks_before(city)
    await crowd(city, 8)
    (address,) = re.findall(r'action="(/matters/[^"]+/dismiss)"', (await anna.opens("/")).text)
    csrf = hidden_fields((await nils.opens("/")).text)["csrf"]
    assert (await nils.client.post(address, data={"csrf": csrf})).status_code == 404
    assert about((await nils.opens("/")).text) == []
