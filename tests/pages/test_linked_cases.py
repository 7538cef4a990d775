"""A case that follows another one is linked with it, both ways, for those who may see both."""

import html
import re
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.review.audit import store as audit
from services.review.cases.deciding import actions
from services.review.people.rules import Person, Role
from tests.pages.city import ANNA, BEN, REPLY, Browser, City
from tests.pages.conftest import SignIn

CLARA = Person("clara@city.example", "Clara Ito", Role.CASEWORKER, agencies=("harbour",))
SOMEBODY = {"name": "Somebody Else", "email": "somebody.else@example.org"}


async def answered(city: City, **changes: Any) -> UUID:
    """A case whose reply has been sent."""
    request_id = await city.waiting_case(
        hours_ago=100, request={"subject": "The lamp, first letter"} | changes.pop("request", {}), **changes
    )
    await city.approves(ANNA, request_id)
    await city.dispatches(request_id)
    return request_id


def follow_up_card(page: str) -> str:
    shown = re.search(r'<section class="card follows".*?</section>', page, re.DOTALL)
    return html.unescape(shown.group()) if shown else ""


def linked_card(page: str) -> str:
    shown = re.search(r'id="linked".*?</section>', page, re.DOTALL)
    return html.unescape(shown.group()) if shown else ""


async def entries(city: City, request_id: UUID, action: str) -> list[audit.Entry]:
    async with city.commands.database.reading() as session:
        return [entry for entry in await audit.of_request(session, request_id) if entry.action == action]


async def names_it(how: str, city: City, earlier: UUID) -> dict[str, Any]:
    """What a message holds that says which case it follows."""
    decision = (await city.case(earlier)).decision
    assert decision
    ways: dict[str, dict[str, Any]] = {
        "in_reply_to": {"in_reply_to": str(earlier)},
        "references": {"references": ["<other@mail.example>", f"<{decision.decision_id}@city.example>"]},
        "references as they stand": {"references": f"<other@mail.example>\r\n <{decision.decision_id}@city.example>"},
        "subject": {"subject": f"Still dark, see {earlier}"},
    }
    return ways[how]


@pytest.mark.parametrize("how", ["in_reply_to", "references", "references as they stand", "subject"])
async def test_a_follow_up_of_an_answered_case_begins_with_the_reply_that_was_sent(city: City, anna: Browser, how: str) -> None:
    earlier = await answered(city)
    later = await city.waiting_case(request={"citizen": SOMEBODY} | await names_it(how, city, earlier))

    page = (await anna.opens(f"/cases/{later}")).text
    card = follow_up_card(page)
    assert f'href="/cases/{earlier}"' in card
    assert "Sent" in card
    assert REPLY.split("\n\n")[1] in card
    assert page.index('class="card follows"') < page.index('id="message-heading"')
    back = linked_card((await anna.opens(f"/cases/{earlier}")).text)
    assert f'Followed by: <a href="/cases/{later}"' in back
    assert "To decide" in back


async def test_who_sees_the_earlier_reply_has_read_that_case(city: City, anna: Browser) -> None:
    earlier = await answered(city)
    later = await city.waiting_case(request={"in_reply_to": str(earlier)})
    await anna.opens(f"/cases/{later}")
    async with city.commands.database.reading() as session:
        read = {
            entry.request_id
            for _, entry in await audit.page(session, actor=ANNA.email, before=None, limit=50)
            if entry.action == audit.READ
        }
    assert read == {earlier, later}


async def test_a_follow_up_may_come_before_what_it_follows(city: City, anna: Browser) -> None:
    number = uuid4()
    later = await city.waiting_case(request={"in_reply_to": str(number)})
    assert str(number) not in (await anna.opens(f"/cases/{later}")).text.replace(str(later), "")
    await city.receives(request={"request_id": str(number)}, request_id=str(number))
    assert f'href="/cases/{number}"' in follow_up_card((await anna.opens(f"/cases/{later}")).text)


async def test_the_queue_marks_follow_ups(city: City, anna: Browser) -> None:
    earlier = await answered(city)
    await city.waiting_case(request={"in_reply_to": str(earlier), "subject": "Still dark"})
    await city.waiting_case(request={"in_reply_to": str(uuid4()), "subject": "Of nothing here"})
    page = (await anna.opens("/?tab=decide")).text
    assert page.count(">Follow-up<") == 1


async def test_nothing_of_another_agency_or_department_is_linked_or_revealed(city: City, sign_in: SignIn) -> None:
    anna, ben, clara = await sign_in(ANNA), await sign_in(BEN), await sign_in(CLARA)
    housing = await answered(city, category="housing", department="social")
    harbour = await answered(city, agency="harbour", request={"agency": "harbour"})
    of_housing = await city.waiting_case(request={"in_reply_to": str(housing), "citizen": SOMEBODY})
    of_harbour = await city.waiting_case(request={"in_reply_to": str(harbour), "citizen": SOMEBODY})

    for browser, later, earlier in ((ben, of_housing, housing), (anna, of_harbour, harbour), (ben, of_harbour, harbour)):
        page = (await browser.opens(f"/cases/{later}")).text
        assert not follow_up_card(page)
        assert str(earlier) not in page
    assert ">Follow-up<" not in (await ben.opens("/?tab=decide")).text
    assert str(of_harbour) not in (await clara.opens(f"/cases/{harbour}")).text
    assert follow_up_card((await anna.opens(f"/cases/{of_housing}")).text)


async def test_a_caseworker_links_two_cases_and_parts_them_again(city: City, anna: Browser) -> None:
    earlier = await answered(city, request={"citizen": SOMEBODY})
    later = await city.waiting_case()
    # Whichever side it is done from, what came later follows.
    for _ in range(2):
        answer = await anna.sends(earlier, "link", case=f"https://parvis.city.example/cases/{later}?view=tab%3Ddecide")
        assert answer.status_code == 303
    assert follow_up_card((await anna.opens(f"/cases/{later}")).text)
    assert [entry.detail for entry in await entries(city, later, "link case")] == [{"follows": str(earlier)}]
    assert [entry.detail for entry in await entries(city, earlier, "link case")] == [{"followed_by": str(later)}]

    await anna.sends(later, "unlink", case=str(earlier))
    assert not follow_up_card((await anna.opens(f"/cases/{later}")).text)
    assert f"/cases/{later}" not in linked_card((await anna.opens(f"/cases/{earlier}")).text)
    assert len(await entries(city, earlier, "unlink case")) == len(await entries(city, later, "unlink case")) == 1


async def test_a_case_that_is_not_theirs_can_be_linked_as_little_as_one_that_does_not_exist(city: City, sign_in: SignIn) -> None:
    anna, ben = await sign_in(ANNA), await sign_in(BEN)
    lamp = await city.waiting_case()
    nothing, housing = uuid4(), await city.waiting_case(category="housing", department="social")
    harbour = await city.waiting_case(agency="harbour", request={"agency": "harbour"})
    answers = []
    for browser, number in ((ben, nothing), (ben, housing), (ben, harbour), (anna, harbour)):
        answer = await browser.sends(lamp, "link", case=str(number))
        answers.append(
            (answer.status_code, html.unescape(answer.text).count(f"there is no case {number} that this one could be linked with"))
        )
    assert answers == [(422, answers[0][1])] * 4
    assert answers[0][1]
    assert not await entries(city, housing, "link case")


@pytest.mark.parametrize("number", ["", "12", "the lamp", "own"])
async def test_what_is_no_case_number_is_refused(city: City, anna: Browser, number: str) -> None:
    lamp = await city.waiting_case()
    answer = await anna.sends(lamp, "link", case=str(lamp) if number == "own" else number)
    assert answer.status_code == 422


async def test_a_link_keeps_the_reply_that_is_being_written(city: City, anna: Browser) -> None:
    other, lamp = await city.waiting_case(), await city.waiting_case()
    draft = (await city.case(lamp)).draft
    assert draft
    await anna.sends(lamp, "link", case=str(other), draft_id=str(draft.draft_id), subject="My subject", body="My own words, half done")
    assert "My own words, half done" in (await anna.opens(f"/cases/{lamp}")).text


async def test_programs_see_and_set_the_same_links(city: City, anna: Browser) -> None:
    earlier, later = await answered(city), await city.waiting_case()
    page = (await anna.opens(f"/cases/{later}")).text
    csrf = re.search(r'name="csrf" value="([^"]*)"', page)
    assert csrf
    headers = {"X-CSRF-Token": csrf.group(1)}
    linked = await anna.client.post(f"/api/v1/cases/{later}/link", json={"case": str(earlier)}, headers=headers)
    assert [other["request_id"] for other in linked.json()["follows"]] == [str(earlier)]
    assert [other["request_id"] for other in (await anna.client.get(f"/api/v1/cases/{earlier}/related")).json()["followed_by"]] == [
        str(later)
    ]
    parted = await anna.client.post(f"/api/v1/cases/{later}/unlink", json={"case": str(earlier)}, headers=headers)
    assert parted.json()["follows"] == []


@pytest.mark.parametrize("number", ["the lamp", "", "<script>alert(1)</script>"])
async def test_a_number_that_can_t_be_used_comes_back_with_the_case_and_the_error_beside_it(city: City, anna: Browser, number: str) -> None:
    request_id = await city.waiting_case()
    answer = await anna.sends(request_id, "link", case=number, view="tab=decide")
    assert answer.status_code == 422
    assert "Street lamp out on Heron Street" in answer.text
    card = linked_card(answer.text)
    assert '<p class="fault" dir="auto">give the number of one case' in card
    assert re.search(r'id="link-case"[^>]* aria-invalid="true"', answer.text)
    assert f'value="{number}"' in card
    assert "<details open><summary>Link with another case" in card
    assert '<input type="hidden" name="view" value="tab=decide">' in answer.text
    assert "<script>alert" not in answer.text


async def test_hostile_references_are_only_text(city: City, anna: Browser) -> None:
    later = await city.waiting_case(request={"references": ["<script>alert(1)</script>" * 30, "x" * 998] * 30})
    page = await anna.opens(f"/cases/{later}")
    assert page.status_code == 200
    assert "<script>alert" not in page.text


async def test_a_closed_case_that_is_followed_shows_its_state_and_no_reply(city: City, anna: Browser) -> None:
    earlier = await city.waiting_case(hours_ago=50)
    await city.does(ANNA, earlier, actions.Close("thanks only"))
    later = await city.waiting_case(request={"in_reply_to": str(earlier), "citizen": SOMEBODY})
    card = follow_up_card((await anna.opens(f"/cases/{later}")).text)
    assert "Closed" in card
    assert "The reply that was sent" not in card
