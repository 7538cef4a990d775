"""Many people write about the same: their messages are grouped, the group is announced, and one text answers each by itself."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlmodel import delete

from schemas.values import Urgency
from services.domain.placeholders import CITIZEN_NAME
from services.review.audit import store as audit
from services.review.cases import upkeep_store
from services.review.cases.case_state import State
from services.review.cases.deciding import actions
from services.review.cases.groups import answer_pages, group_pages, group_store, grouper
from services.review.cases.groups.group_store import Member
from services.review.cases.groups.group_tables import UngroupedRow
from services.review.people.rules import Person, Role
from services.review.safeguards import store as safeguards
from services.review.safeguards.rules import Change
from services.runtime import clock, outbox
from services.triage.fingerprint import fingerprint
from tests.pages.city import ANNA, BEN, OLE, Browser, City, hidden_fields
from tests.pages.conftest import SignIn

OUTAGE = "Since six this morning there is no water at {place}. Nobody answers the telephone. When will it run again? {name}"
COMMON = f"Dear {CITIZEN_NAME},\n\nA pipe has burst under Mill Lane. The water runs again by six this evening.\n\nKind regards,\nWater"
NEIGHBOUR = Person("nils@town.example", "Nils Berg", Role.CASEWORKER, (), ("town",))


async def writes(city: City, name: str, place: str = "Mill Lane", *, minutes_ago: float = 20, agency: str = "city", **changes: Any) -> UUID:
    """Somebody reports the outage; a draft waits for a decision."""
    body = changes.pop("body", OUTAGE.format(place=place, name=name))
    email = changes.pop("email", f"{name.split(maxsplit=1)[0].lower()}@example.org")
    request = {"agency": agency, "subject": f"No water, {name}", "body": body, "citizen": {"name": name, "email": email}}
    sent = changes.pop("request", {})
    language = changes.pop("draft_language", "en")
    triage = {"agency": agency, "category": "water_drains", "department": "water", "fingerprint": fingerprint(None, body)}
    request_id = await city.receives(request=request | sent, hours_ago=minutes_ago / 60, **(triage | changes))
    await city.drafts(request_id, body=COMMON, subject="No water in Mill Lane", language=language, checks=[])
    return request_id


async def grouped(city: City) -> None:
    await grouper.group_all(city.commands.database)


async def group_of(city: City, request_id: UUID) -> UUID | None:
    async with city.commands.database.reading() as session:
        member = await group_store.member(session, request_id)
    return member.group_id if member else None


async def outage(city: City, *names: str, **changes: Any) -> tuple[UUID, list[UUID]]:
    """So many people report it, and it is grouped."""
    cases = [await writes(city, name, **changes) for name in names]
    await grouped(city)
    group_id = await group_of(city, cases[0])
    assert group_id
    return group_id, cases


async def writes_common(browser: Browser, group_id: UUID, begun_from: UUID, body: str = COMMON) -> str:
    """The person writes one text for all, and sees each reply."""
    csrf = hidden_fields((await browser.opens(f"/groups/{group_id}")).text)["csrf"]
    sent = {"csrf": csrf, "begun_from": str(begun_from), "subject": "Your water", "body": body}
    answer = await browser.client.post(f"/groups/{group_id}/text", data=sent)
    assert answer.status_code == 303, answer.text
    return (await browser.opens(f"/groups/{group_id}")).text


def ticks(page: str) -> dict[UUID, str]:
    return {UUID(value.partition(":")[0]): value for value in re.findall(r'name="reply" value="([^"]+)"', page)}


async def approves(browser: Browser, group_id: UUID, page: str, replies: list[str]) -> httpx.Response:
    return await browser.client.post(f"/groups/{group_id}/approve", data={"csrf": hidden_fields(page)["csrf"], "reply": replies})


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


# --- one answer --------------------------------------------------------------------------------------------------------------------------


async def test_each_sees_their_own_name_and_each_is_a_decision_of_its_own(city: City, anna: Browser) -> None:
    group_id, (first, second, third) = await outage(city, "Ann Lee", "Bob Hay", "Cem Kaya")
    page = await writes_common(anna, group_id, first)
    assert "Dear <mark>Ann Lee" in page
    assert "Dear <mark>Bob Hay" in page
    offered = ticks(page)
    assert set(offered) == {first, second, third}

    answer = await approves(anna, group_id, page, [offered[first], offered[second]])

    assert "Approved: 2 of 2" in answer.text
    for request_id, name in ((first, "Ann Lee"), (second, "Bob Hay")):
        case = await city.case(request_id)
        assert case.state is State.APPROVED
        assert case.decision
        assert case.decision.decided_by == ANNA.email
        assert (case.decision.body or "").startswith(f"Dear {name},")
        assert case.decision.recipient
        assert case.decision.recipient.email == f"{name.split()[0].lower()}@example.org"
        async with city.commands.database.reading() as session:
            entry = (await audit.of_request(session, request_id))[-1]
            assert await outbox.waits(session, "review", str(case.decision.decision_id))
        assert (entry.actor, entry.action) == (ANNA.email, "approve")
        assert entry.detail["group"] == str(group_id)
        assert entry.detail["shown"] == offered[request_id].rpartition(":")[2]
    assert (await city.case(third)).state is State.AWAITING_APPROVAL


async def test_each_is_recalled_by_itself(city: City, anna: Browser) -> None:
    group_id, (first, second) = await outage(city, "Ann Lee", "Bob Hay")
    page = await writes_common(anna, group_id, first)
    answer = await approves(anna, group_id, page, list(ticks(page).values()))
    undo = [value for request_id, value in ticks(answer.text).items() if request_id == second]
    answer = await anna.client.post(f"/groups/{group_id}/recall", data={"csrf": hidden_fields(page)["csrf"], "reply": undo})
    assert "Recalled: 1 of 1" in answer.text
    assert (await city.case(first)).state is State.APPROVED
    assert (await city.case(second)).state is State.AWAITING_APPROVAL


async def test_what_cannot_be_approved_says_why_and_stays(city: City, anna: Browser) -> None:
    group_id, cases = await outage(city, "Ann Lee", "Bob Hay", "Cem Kaya")
    first, claimed, corrected = cases
    danger = await writes(city, "Dee Orr", urgency="emergency", danger=0.9)
    french = await writes(city, "Eva Sol", draft_language="fr")
    nowhere = await writes(city, "Fay Tan", request={"citizen": {"name": "Fay Tan"}})
    four_eyes = await writes(city, "Gus Urd", urgency="high")
    await grouped(city)
    await city.does(BEN_OF_WATER, claimed, actions.Claim())
    async with city.commands.database.transaction() as session:
        rule = Change(kind="second_person", urgency=Urgency.HIGH, why="a second look")
        await safeguards.change(session, rule, OLE.email, clock.now(), city.commands.taxonomy.categories)

    page = await writes_common(anna, group_id, first)

    assert set(ticks(page)) == {first, corrected}
    for why in (
        "A colleague works on it",
        "It may be an emergency",
        "writes in another language",
        "There is no address",
        "A second person has to look at it",
    ):
        assert why in page
    sent = [*ticks(page).values(), f"{danger}:{(await city.case(danger)).version}:{'0' * 64}"]
    answer = await approves(anna, group_id, page, sent)
    assert "Approved: 2 of 3" in answer.text
    for request_id in (claimed, danger, french, nowhere, four_eyes):
        assert (await city.case(request_id)).state is State.AWAITING_APPROVAL


async def test_figures_that_no_passage_says_are_looked_at_in_each_reply_before_it_is_approved(city: City, anna: Browser) -> None:
    group_id, (first, second, third) = await outage(city, "Ann Lee", "Bob Hay", "Cem Kaya")
    async with city.commands.database.transaction() as session:
        rule = Change(kind="look_at_figures", why="a wrong date is read over")
        await safeguards.change(session, rule, OLE.email, clock.now(), city.commands.taxonomy.categories)
    page = await writes_common(anna, group_id, first, COMMON.replace("by six this evening", "on 12 May. You get 5 euros"))
    looks: dict[UUID, list[str]] = {request_id: [] for request_id in (first, second, third)}
    for value in re.findall(r'name="looked_at" value="([^"]+)"', page):
        looks[UUID(value.partition(":")[0])].append(value)
    assert [len(of_reply) for of_reply in looks.values()] == [2, 2, 2]

    sent = {"csrf": hidden_fields(page)["csrf"], "reply": list(ticks(page).values()), "looked_at": [*looks[first], *looks[second][:1]]}
    answer = await anna.client.post(f"/groups/{group_id}/approve", data=sent)

    assert "Approved: 1 of 3" in answer.text
    assert "You have not ticked that you have looked at: “5 euros”" in answer.text
    assert "You have not ticked that you have looked at: “12 May”, “5 euros”" in answer.text
    assert [(await city.case(request_id)).decision is not None for request_id in (first, second, third)] == [True, False, False]


BEN_OF_WATER = Person("ben@city.example", "Ben Okafor", Role.CASEWORKER, ("water",))


async def test_another_text_than_the_one_shown_is_not_approved(city: City, anna: Browser) -> None:
    group_id, (first, second) = await outage(city, "Ann Lee", "Bob Hay")
    seen = await writes_common(anna, group_id, first)
    await writes_common(anna, group_id, first, COMMON.replace("six this evening", "nine"))  # in another window
    answer = await approves(anna, group_id, seen, list(ticks(seen).values()))
    assert "Approved: 0 of 2" in answer.text
    assert "another one than you saw" in answer.text
    assert {(await city.case(one)).state for one in (first, second)} == {State.AWAITING_APPROVAL}


async def test_what_changed_since_is_not_approved_and_stops_no_other(city: City, anna: Browser) -> None:
    group_id, (first, second) = await outage(city, "Ann Lee", "Bob Hay")
    page = await writes_common(anna, group_id, first)
    await city.does(ANNA, second, actions.CorrectRecipient("elsewhere@example.org"))
    answer = await approves(anna, group_id, page, list(ticks(page).values()))
    assert "Approved: 1 of 2" in answer.text
    assert "you looked at" in answer.text
    assert (await city.case(second)).state is State.AWAITING_APPROVAL


async def test_a_reply_that_was_not_shown_cannot_be_approved(city: City, anna: Browser) -> None:
    group_id, (first, _) = await outage(city, "Ann Lee", "Bob Hay")
    page = await writes_common(anna, group_id, first)
    version = (await city.case(first)).version
    for forged in (f"{first}:{version}", f"{first}:{version}:"):
        assert (await approves(anna, group_id, page, [forged])).status_code == 422
    assert "0 of 1" in (await approves(anna, group_id, page, [f"{first}:{version}:{'a' * 64}"])).text
    stranger = await city.waiting_case()
    assert "no case of yours in this group" in (await approves(anna, group_id, page, [f"{stranger}:5:{'a' * 64}"])).text
    assert (await approves(anna, group_id, page, [f"{uuid4()}:1:{'a' * 64}" for _ in range(26)])).status_code == 422
    assert (await city.case(first)).state is State.AWAITING_APPROVAL


async def test_a_placeholder_that_a_letter_has_nothing_for_keeps_that_one_back(city: City, anna: Browser) -> None:
    group_id, (first, _) = await outage(city, "Ann Lee", "Bob Hay")
    page = await writes_common(anna, group_id, first, COMMON + "\n[ADDRESS_1]")
    assert ticks(page) == {}
    assert "nothing is known for [ADDRESS_1]" in page


async def test_no_more_are_shown_than_can_be_read_and_the_rest_follows(city: City, anna: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_pages, "AT_ONCE", 2)
    monkeypatch.setattr(answer_pages, "AT_ONCE", 2)
    group_id, cases = await outage(city, "Ann Lee", "Bob Hay", "Cem Kaya")
    page = await writes_common(anna, group_id, cases[0])
    following = re.search(r'href="([^"]+)" rel="next"', page)
    assert following
    assert len(ticks(page)) == 2
    rest = ticks((await anna.opens(following.group(1).replace("&amp;", "&"))).text)
    assert set(ticks(page)) | set(rest) == set(cases)
    assert len(rest) == 1


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
