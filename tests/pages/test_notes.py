"""Notes for colleagues on a case: who reads them, whom they mention, and where they never go."""

import json

import pytest
from sqlmodel import select

from services.review.audit import store as audit
from services.review.cases.deciding import actions
from services.runtime.outbox import OutboxRow
from tests.pages.city import ANNA, BEN, OLE, SUE, City
from tests.pages.conftest import SignIn
from tests.pages.test_saved_views import views_of

WORDS = "The neighbour of Ines Marlow wrote last year, look at the file before you promise anything."


async def test_a_note_is_read_by_colleagues_and_its_words_are_nowhere_else(city: City, sign_in: SignIn) -> None:
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    request_id = await city.waiting_case()
    before = await city.case(request_id)

    answer = await anna.sends(request_id, "note", internal_note=WORDS)
    assert answer.status_code == 303
    assert WORDS in (await sue.opens(f"/cases/{request_id}")).text
    assert "Note for colleagues written" in (await sue.opens(f"/cases/{request_id}")).text

    assert await city.case(request_id) == before, "a note is no part of the case: nobody's decision becomes stale by it"
    await city.does(ANNA, request_id, actions.Redraft("friendlier"))
    await city.drafts(request_id)
    await city.approves(ANNA, request_id)
    async with city.commands.database.reading() as session:
        leaving = " ".join(row.value for row in (await session.exec(select(OutboxRow))).all())
        logged = json.dumps([dict(entry.detail) for entry in await audit.of_request(session, request_id)])
    assert "neighbour" not in leaving
    assert "neighbour" not in logged


async def test_whoever_is_mentioned_finds_the_case_in_their_view_until_they_have_looked(city: City, sign_in: SignIn) -> None:
    anna, ben = await sign_in(ANNA), await sign_in(BEN)
    by_name, chosen, other = [await city.waiting_case(request={"subject": subject}) for subject in ("By name", "Chosen", "Other")]
    await anna.sends(by_name, "note", internal_note="@ben, do you know this lamp?")
    await anna.sends(chosen, "note", internal_note="Please look.", mention=BEN.email)
    await anna.sends(other, "note", internal_note="Write to ben@city.example if it is urgent.")

    count, address = views_of((await ben.opens("/")).text)["Mentions"]
    assert count == "2"
    page = (await ben.opens(address)).text
    assert "By name" in page
    assert "Chosen" in page
    assert "Other" not in page

    await ben.sends(by_name, "put-aside")
    await ben.sends(chosen, "note", internal_note="I know it.")
    assert views_of((await ben.opens("/")).text)["Mentions"][0] == "0"


async def test_nobody_is_mentioned_on_a_case_that_is_not_theirs_to_see(city: City, sign_in: SignIn) -> None:
    anna, ben = await sign_in(ANNA), await sign_in(BEN)
    request_id = await city.waiting_case(category="parks_trees", department="environment")
    for fields in ({"internal_note": "@ben look"}, {"internal_note": "look", "mention": BEN.email}):
        answer = await anna.sends(request_id, "note", **fields)
        assert answer.status_code == 422
        assert "forward it first" in answer.text
    assert views_of((await ben.opens("/")).text)["Mentions"][0] == "0"
    assert (await ben.opens(f"/cases/{request_id}")).status_code == 403


async def test_a_mention_goes_with_the_case_when_it_leaves_their_department(city: City, sign_in: SignIn) -> None:
    anna, ben = await sign_in(ANNA), await sign_in(BEN)
    request_id = await city.waiting_case()
    await anna.sends(request_id, "note", internal_note="@ben look")
    await city.does(ANNA, request_id, actions.Forward("environment"))
    assert views_of((await ben.opens("/")).text)["Mentions"][0] == "0"


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 4001])
async def test_a_note_of_nothing_or_of_too_much_is_refused(city: City, sign_in: SignIn, text: str) -> None:
    anna = await sign_in(ANNA)
    request_id = await city.waiting_case()
    answer = await anna.sends(request_id, "note", internal_note=text)
    assert answer.status_code == 422
    assert "<strong>Note:</strong>" in answer.text


async def test_a_hostile_note_is_only_words(city: City, sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    request_id = await city.waiting_case()
    await anna.sends(request_id, "note", internal_note="<img src=x onerror=alert(1)> {{ 7*7 }}")
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert "<img src=x" not in page
    assert "{{ 7*7 }}" in page


async def test_a_note_keeps_the_reply_that_is_being_written(city: City, sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    request_id = await city.waiting_case()
    draft = (await city.case(request_id)).draft
    assert draft
    await anna.sends(
        request_id,
        "note",
        internal_note="First thoughts",
        draft_id=str(draft.draft_id),
        subject="My subject",
        body="My own words, half done",
    )
    assert "My own words, half done" in (await anna.opens(f"/cases/{request_id}")).text


async def test_operations_read_and_write_no_notes(city: City, sign_in: SignIn) -> None:
    ole = await sign_in(OLE)
    request_id = await city.waiting_case()
    csrf = (await ole.opens("/ops")).text.partition('name="csrf" value="')[2].partition('"')[0]
    answer = await ole.client.post(f"/cases/{request_id}/note", data={"csrf": csrf, "internal_note": "x", "version": "1"})
    assert answer.status_code == 403
