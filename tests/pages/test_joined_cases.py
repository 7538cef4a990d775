"""Somebody sends the same twice: one case is closed as a duplicate of the other, one answer goes out, and nothing is lost."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.review.audit import store as audit
from services.review.cases.case_state import State
from services.review.cases.deciding import actions
from services.runtime import clock
from services.runtime.errors import Conflict, NotFound
from services.triage.fingerprint import fingerprint
from tests.pages.city import ANNA, BEN, LETTER, SUE, Browser, City
from tests.pages.conftest import SignIn


async def twice(city: City, **changes: object) -> tuple[UUID, UUID]:
    """The same letter by the same person, twice."""
    mark = fingerprint(None, LETTER)
    return await city.waiting_case(fingerprint=mark), await city.waiting_case(fingerprint=mark, **changes)


async def test_a_duplicate_is_closed_and_both_pages_lead_to_each_other(city: City, anna: Browser) -> None:
    first, again = await twice(city)
    assert "From the same person." in (await anna.opens(f"/cases/{again}")).text

    answer = await anna.sends(again, "join", into=str(first))

    assert answer.status_code == 303
    case = await city.case(again)
    assert (case.state, case.joined_into) == (State.CLOSED, first)
    assert (await city.case(first)).state is State.AWAITING_APPROVAL
    duplicate, answered = (await anna.opens(f"/cases/{again}")).text, (await anna.opens(f"/cases/{first}")).text
    assert f'href="/cases/{first}"' in duplicate
    assert "Joined into another case" in duplicate
    assert f'href="/cases/{again}"' in answered
    assert "The reply of this case is the answer to these as well." in answered
    async with city.commands.database.reading() as session:
        assert (await audit.of_request(session, again))[-1].action == "join"
        assert (await audit.of_request(session, first))[-1].action == "joined into it"
        assert await audit.was_read(session, again, ANNA.email, since=clock.now() - timedelta(minutes=1))


async def test_what_was_joined_is_separated_again_and_has_its_draft(city: City, anna: Browser) -> None:
    first, again = await twice(city)
    await anna.sends(again, "join", into=f"http://city.test/cases/{first}?view=tab%3Ddecide")
    answer = await anna.sends(again, "separate")
    assert answer.status_code == 303
    case = await city.case(again)
    assert (case.state, case.joined_into) == (State.AWAITING_APPROVAL, None)
    assert case.draft
    async with city.commands.database.reading() as session:
        assert (await audit.of_request(session, first))[-1].action == "separated from it"
    assert (await anna.sends(again, "separate")).status_code == 409


async def test_what_was_joined_long_ago_is_separated_too(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    first, again = await twice(city)
    await city.does(ANNA, again, actions.Join(first))
    later = clock.now() + timedelta(hours=5)
    monkeypatch.setattr(clock, "now", lambda: later)
    case = await city.does(ANNA, again, actions.Separate())
    assert (case.state, case.joined_into) == (State.AWAITING_APPROVAL, None)
    approved = await city.approves(ANNA, again)
    assert approved.state is State.APPROVED


async def test_an_undone_join_leaves_two_cases(city: City) -> None:
    first, again = await twice(city)
    await city.does(ANNA, again, actions.Join(first))
    case = await city.does(ANNA, again, actions.Recall())
    assert (case.state, case.joined_into) == (State.AWAITING_APPROVAL, None)


async def test_another_person_gets_an_answer_of_their_own(city: City, anna: Browser) -> None:
    first, other = await twice(city, request={"citizen": {"name": "Ines Marlow", "email": "other@example.org"}})
    assert "From the same person." not in (await anna.opens(f"/cases/{other}")).text
    answer = await anna.sends(other, "join", into=str(first))
    assert answer.status_code == 409
    assert "each person gets an answer of their own" in answer.text
    assert (await city.case(other)).state is State.AWAITING_APPROVAL


async def test_a_tag_in_the_address_and_a_telephone_written_otherwise_are_the_same_person(city: City) -> None:
    first, tagged = await twice(city, request={"citizen": {"email": "ines.marlow+city@example.org"}})
    assert (await city.does(ANNA, tagged, actions.Join(first))).joined_into == first
    by_phone = [await city.waiting_case(request={"citizen": {"phone": number}}) for number in ("+33 1 23 45 67 89", "+33-123456789")]
    assert (await city.does(ANNA, by_phone[1], actions.Join(by_phone[0]))).joined_into == by_phone[0]
    nobody = [await city.waiting_case(request={"citizen": None}) for _ in range(2)]
    with pytest.raises(Conflict):
        await city.does(ANNA, nobody[1], actions.Join(nobody[0]))


async def test_nothing_is_joined_into_what_is_closed_or_is_not_there_or_is_itself(city: City) -> None:
    first, again = await twice(city)
    with pytest.raises(Conflict):
        await city.does(ANNA, again, actions.Join(again))
    with pytest.raises(NotFound):
        await city.does(ANNA, again, actions.Join(uuid4()))
    await city.does(ANNA, first, actions.Close("done"))
    with pytest.raises(Conflict):
        await city.does(ANNA, again, actions.Join(first))


async def test_a_case_that_answers_for_another_is_not_closed_without_a_reply(city: City) -> None:
    former, later = await twice(city)
    await city.does(ANNA, later, actions.Join(into=former))

    with pytest.raises(Conflict, match="separate them first"):
        await city.does(ANNA, former, actions.Close("Spam"))

    assert (await city.case(former)).state is State.AWAITING_APPROVAL


async def test_an_emergency_is_not_closed_as_a_duplicate(city: City) -> None:
    first, again = await twice(city, urgency="emergency", danger=0.9)
    with pytest.raises(Conflict, match="may be an emergency"):
        await city.does(ANNA, again, actions.Join(first))
    assert (await city.does(ANNA, first, actions.Join(again))).joined_into == again


async def test_two_people_cannot_join_two_cases_crosswise(city: City) -> None:
    first, again = await twice(city)
    crosswise = (city.does(ANNA, first, actions.Join(again)), city.does(SUE, again, actions.Join(first)))
    outcomes = await asyncio.gather(*crosswise, return_exceptions=True)
    assert sum(isinstance(outcome, Exception) for outcome in outcomes) == 1
    assert sorted([(await city.case(each)).state.value for each in (first, again)]) == ["awaiting_approval", "closed"]


async def test_a_case_of_another_department_or_agency_is_neither_joined_nor_shown(city: City, sign_in: SignIn) -> None:
    ben = await sign_in(BEN)
    first, again = await twice(city, department="environment", category="parks_trees")
    answer = await ben.sends(first, "join", into=str(again))
    assert answer.status_code == 404
    assert (await ben.sends(first, "join", into="nonsense")).status_code == 422
    town = await city.waiting_case(request={"agency": "town"}, agency="town")
    with pytest.raises(Conflict, match="another agency"):
        await city.does(ANNA, first, actions.Join(town))
    await city.does(ANNA, again, actions.Join(first))
    page = (await ben.opens(f"/cases/{first}")).text
    assert str(again) not in page
    assert "Sent more than once" not in page
