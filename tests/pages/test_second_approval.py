"""Four eyes on the pages, without scripts: the second person sees the exact text and who approved it, and sends it, or sends it back."""

import re
from uuid import UUID

import pytest

from schemas.replies_decided import ReplyDecided
from services.review.cases.case_state import State
from services.review.safeguards import store as safeguards
from services.review.safeguards.rules import Change
from services.runtime import clock
from tests.pages.city import ADA, ANNA, SUE, Browser, City, hidden_fields, written
from tests.pages.conftest import SignIn
from tests.service.test_review_api import leaving

CASE_VIEW = "/?tab=open&second_approval=true"


async def rule(city: City, **place: str) -> None:
    async with city.commands.database.transaction() as session:
        change = Change(**place, why="a wrong <b>date</b> was promised")  # type: ignore[arg-type] # texts alone
        await safeguards.change(session, change, ADA.email, clock.now(), city.commands.taxonomy.names)


async def approves_second(browser: Browser, request_id: UUID) -> int:
    """Sends the form of the second approval just as it is on the page."""
    page = (await browser.opens(f"/cases/{request_id}")).text
    form = page.split('class="second-approval"')[1].split(f'action="/cases/{request_id}/approve"')[1].split("</form>")[0]
    return (await browser.client.post(f"/cases/{request_id}/approve", data=hidden_fields(form))).status_code


async def test_a_first_approval_waits_in_its_view_and_the_second_person_sends_the_exact_text(sign_in: SignIn, city: City) -> None:
    await rule(city, category="street_lighting")
    request_id = await city.waiting_case()
    anna, sue = await sign_in(ANNA), await sign_in(SUE)

    seen = (await anna.opens(f"/cases/{request_id}")).text
    answer = await anna.sends(request_id, "approve", seen=seen, **(written(seen) | {"body": "We come on <b>Monday</b>,\r\nat “nine”."}))
    assert answer.headers["location"].endswith("flash=first-approved")
    own = (await anna.opens(f"/cases/{request_id}")).text
    assert "Approved by you; a second person has to look at it" in own
    assert "data-approves" not in own
    assert "Undo my approval" in own

    assert (await anna.opens("/")).text.count("Waits for a second person") == 1
    queue = (await sue.opens(CASE_VIEW)).text
    assert f"case-{request_id}" in queue
    assert re.search(r'aria-current="page"><bdi>Second approval</bdi> <span class="count">1</span>', queue)
    page = (await sue.opens(f"/cases/{request_id}")).text
    assert "First approval by <bdi>Anna Miller</bdi>" in page
    assert "Category: <bdi>Street lighting</bdi>" in page
    assert "We come on &lt;b&gt;Monday&lt;/b&gt;,\nat “nine”." in page
    assert await approves_second(sue, request_id) == 303

    (row,) = await leaving(city, ReplyDecided.topic)
    reply = ReplyDecided.model_validate_json(row.value)
    assert (reply.decided_by, reply.seconded_by, reply.body) == (ANNA.email, SUE.email, "We come on <b>Monday</b>,\nat “nine”.")
    decided = (await anna.opens(f"/cases/{request_id}")).text
    assert "by Anna Miller, and as the second person by Sue Lindqvist" in decided
    assert "second of two people" in decided
    assert f"case-{request_id}" not in (await sue.opens(CASE_VIEW)).text


async def test_the_first_person_who_sends_the_form_of_the_second_is_refused_and_nothing_leaves(sign_in: SignIn, city: City) -> None:
    await rule(city)
    request_id = await city.waiting_case()
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    await anna.sends(request_id, "approve", **written((await anna.opens(f"/cases/{request_id}")).text))
    theirs = (await sue.opens(f"/cases/{request_id}")).text
    stolen = hidden_fields(theirs) | hidden_fields((await anna.opens(f"/cases/{request_id}")).text)
    answer = await anna.client.post(f"/cases/{request_id}/approve", data=stolen)
    assert answer.status_code == 409
    assert await leaving(city, ReplyDecided.topic) == []
    assert (await city.case(request_id)).state is State.AWAITING_APPROVAL


async def test_what_is_sent_back_shows_its_author_the_reason_and_their_text(sign_in: SignIn, city: City) -> None:
    await rule(city)
    request_id = await city.waiting_case()
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    seen = (await anna.opens(f"/cases/{request_id}")).text
    await anna.sends(request_id, "approve", seen=seen, **(written(seen) | {"body": "Anna's own words."}))

    refused = await sue.sends(request_id, "send-back", reason=" ")
    assert refused.status_code == 422
    assert 'id="send-back-reason"' in refused.text
    answer = await sue.sends(request_id, "send-back", reason="It is <i>fifteen</i> days")
    assert answer.headers["location"].endswith("flash=sent-back")

    page = (await anna.opens(f"/cases/{request_id}")).text
    assert "<bdi>Sue Lindqvist</bdi> has sent this text back:" in page
    assert "It is &lt;i&gt;fifteen&lt;/i&gt; days" in page
    assert written(page)["body"] == "Anna's own words."
    assert "Undo my approval" not in page


async def test_the_text_of_an_approval_that_is_taken_back_is_as_it_was(sign_in: SignIn, city: City) -> None:
    await rule(city)
    request_id = await city.waiting_case()
    anna = await sign_in(ANNA)
    seen = (await anna.opens(f"/cases/{request_id}")).text
    await anna.sends(request_id, "approve", seen=seen, **(written(seen) | {"body": "Anna's own words."}))
    assert (await anna.sends(request_id, "recall")).status_code == 303
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert written(page)["body"] == "Anna's own words."
    assert "data-approves" in page


async def test_everybody_reads_the_rules_and_why_and_supervisors_and_admins_change_them(sign_in: SignIn) -> None:
    anna, sue, ada = await sign_in(ANNA), await sign_in(SUE), await sign_in(ADA)
    form = hidden_fields((await sue.opens("/safeguards")).text)
    place = {"category": "street_lighting", "urgency": "high", "check": "any", "why": "a wrong <b>date</b> was promised"}
    assert (await sue.client.post("/safeguards", data=form | place)).status_code == 303
    page = (await anna.opens("/safeguards")).text
    assert "a wrong &lt;b&gt;date&lt;/b&gt; was promised" in page
    assert "Street lighting" in page
    assert "Any check that failed" in page
    assert "Add the rule" not in page
    assert (await anna.client.post("/safeguards", data=hidden_fields(page) | place)).status_code in (403, 422)
    admins = (await ada.opens("/safeguards")).text
    wrong = await ada.client.post("/safeguards", data=hidden_fields(admins) | place | {"agency": "No Slug", "take_away": ""})
    assert wrong.status_code == 422
    assert 'aria-invalid="true"' in wrong.text
    row = hidden_fields(admins.split("<tbody>")[1].split("</form>")[0]) | {"csrf": hidden_fields(admins)["csrf"], "why": "enough"}
    assert (await ada.client.post("/safeguards", data=row)).status_code == 303
    assert "There is no rule" in (await anna.opens("/safeguards")).text


@pytest.mark.parametrize(
    ("citizen", "alone", "first"),
    [
        ({"email": "noor@example.org"}, "Approve and send", "Approve; a second person looks next"),
        ({"name": "Ines Marlow"}, "Approve, pass on by hand", "Approve, to pass on by hand; a second person looks next"),
    ],
)
async def test_before_the_first_approval_its_button_says_that_a_second_person_looks_next(
    sign_in: SignIn, city: City, citizen: dict[str, str], alone: str, first: str
) -> None:
    request_id = await city.waiting_case(request={"citizen": citizen})
    anna = await sign_in(ANNA)
    assert alone in (await anna.opens(f"/cases/{request_id}")).text

    await rule(city, category="street_lighting")

    page = (await anna.opens(f"/cases/{request_id}")).text
    assert first in page
    assert alone not in page


async def test_what_is_drawn_shows_on_no_button(sign_in: SignIn, city: City) -> None:
    await rule(city, kind="look_before_sending", share="50")
    anna = await sign_in(ANNA)
    for _ in range(4):
        request_id = await city.waiting_case()
        assert "Approve and send" in (await anna.opens(f"/cases/{request_id}")).text


async def test_a_first_approval_is_undone_from_the_next_case(sign_in: SignIn, city: City) -> None:
    await rule(city)
    request_id, following = await city.waiting_case(hours_ago=9), await city.waiting_case()
    anna = await sign_in(ANNA)
    seen = (await anna.opens(f"/cases/{request_id}?view=tab%3Ddecide")).text
    answer = await anna.sends(request_id, "approve", seen=seen, **written(seen))
    assert str(following) in answer.headers["location"]

    page = (await anna.opens(answer.headers["location"])).text
    form = page.partition(f'<form method="post" action="/cases/{request_id}/recall"')[2].partition("</form>")[0]
    assert "Undo" in form
    assert "data-until" not in form, "it can be undone for as long as nobody has approved as the second"
    answer = await anna.client.post(f"/cases/{request_id}/recall", data=hidden_fields(form))

    assert answer.headers["location"].startswith(f"/cases/{request_id}")
    assert (await city.case(request_id)).first_approval is None


async def test_of_a_reply_that_nothing_mails_the_second_person_is_not_told_that_it_is_sent(sign_in: SignIn, city: City) -> None:
    await rule(city)
    request_id = await city.waiting_case(request={"citizen": {"name": "Ines Marlow"}})
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    await anna.sends(request_id, "approve", **written((await anna.opens(f"/cases/{request_id}")).text))
    page = (await sue.opens(f"/cases/{request_id}")).text
    assert "with your approval it can be passed on by hand." in page
    assert "it is sent." not in page
