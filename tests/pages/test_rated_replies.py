"""What citizens say of replies: the note beneath the text, the answer on the case, the matter that is open again, and the figures."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from schemas.replies_rated import ReplyRated
from schemas.requests_received import RequestReceived
from schemas.values import Urgency
from services.domain import wish_for_person
from services.review import handlers
from services.review.cases.case_state import State
from services.review.cases.deciding import actions
from services.review.cases.ratings import unsolved
from services.review.transparency import pages
from services.runtime import clock
from services.triage import rules as triage
from tests.builders import a_request
from tests.pages.city import ANNA, SUE, Browser, City
from tests.pages.conftest import SignIn
from tests.pages.test_machine_mail import Sure


@pytest.fixture(autouse=True)
def asks(city: City) -> None:
    """People reach both services."""
    settings = city.commands.settings
    settings.public_url, settings.intake_public_url = "http://city.test", "https://messages.city.example"
    settings.reply_question = "city"


async def rates(city: City, request_id: UUID, *, solved: bool) -> None:
    case = await city.case(request_id)
    assert case.decision
    rated = ReplyRated(request_id=request_id, decision_id=case.decision.decision_id, agency="city", solved=solved, rated_at=clock.now())
    async with city.commands.database.transaction() as session:
        await handlers.keep_rating(session, rated)


async def says_no(city: City, request_id: UUID, body: str = "The reply did not solve the matter.", **changes: Any) -> RequestReceived:
    """What intake's page makes of a "no", as review takes it in."""
    case = await city.case(request_id)
    assert case.decision
    sent = {"request_id": uuid4(), "agency": "city", "channel": "web", "received_at": clock.now().isoformat(), "body": body}
    links = {"in_reply_to": request_id, "unsolved_by": case.decision.decision_id}
    async with city.commands.database.transaction() as session:
        return await unsolved.with_citizen(session, RequestReceived.model_validate(sent | links | changes))


async def test_the_note_stands_beneath_the_text_before_and_is_what_is_sent(city: City, anna: Browser) -> None:
    request_id = await city.waiting_case()

    page = (await anna.opens(f"/cases/{request_id}")).text
    case = await city.approves(ANNA, request_id)

    assert case.decision
    assert "The language model a-model drafted the text of this reply" in case.decision.note
    for line in case.decision.note.splitlines():
        assert line.replace("&", "&amp;") in page
    textarea = page[page.index('<textarea id="body"') :]
    assert "About this reply" not in textarea[: textarea.index("</textarea>")], "nobody edits it"
    await city.does(ANNA, request_id, actions.Recall())
    again = (await anna.opens(f"/cases/{request_id}")).text
    textarea = again[again.index('<textarea id="body"') :]
    assert "About this reply" not in textarea[: textarea.index("</textarea>")]


async def test_nothing_is_asked_for_an_agency_that_is_not_named(city: City) -> None:
    await city.hires(ANNA)
    for named, asks in (("", False), ("nyon", False), ("none", False), ("nyon, city", True), ("all", True)):
        city.commands.settings.reply_question = named
        decision = (await city.approves(ANNA, await city.waiting_case())).decision
        assert decision
        assert ("https://messages.city.example/answers/city/" in decision.note, bool(decision.rating_hash)) == (asks, asks)
        assert "/about/city" in decision.note


async def test_the_case_says_what_the_citizen_answered(city: City, anna: Browser) -> None:
    request_id = await city.waiting_case()
    await city.approves(ANNA, request_id)
    await rates(city, request_id, solved=True)
    await rates(city, request_id, solved=False)

    page = (await anna.opens(f"/cases/{request_id}")).text

    assert "that the reply did not solve the matter" in page
    assert page.count("The citizen answered whether the reply solved the matter") == 2


async def test_no_is_a_case_of_the_same_citizen_and_department_and_at_least_as_urgent(city: City, anna: Browser) -> None:
    first = await city.waiting_case()
    await city.does(ANNA, first, actions.Correct(urgency=Urgency.HIGH))
    await city.approves(ANNA, first)
    request = await says_no(city, first)

    again = await city.receives(
        request=request.model_dump(mode="json", exclude={"request_id", "received_at"}, exclude_none=True) | {"subject": None},
        category="parks_trees",
        department="parks",
        outcome="needs_triage",
    )

    earlier, case = await city.case(first), await city.case(again)
    assert case.state is State.DRAFTING, "nobody has to sort what is the same matter"
    assert (case.category, case.department, case.urgency) == (earlier.category, earlier.department, Urgency.HIGH)
    assert case.address == "ines.marlow@example.org"
    assert case.due_at == earlier.due_at, "the citizen has waited since the first message"
    page = (await anna.opens(f"/cases/{again}")).text
    assert f'<a href="/cases/{first}">' in page
    await city.drafts(again)
    decided = (await city.approves(ANNA, again)).decision
    assert decided
    assert decided.in_reply_to == first, "an agency that passes replies on never had this message"
    assert earlier.decision
    assert earlier.decision.in_reply_to is None


@pytest.mark.parametrize("forged", ["another agency", "another decision", "no such case"])
async def test_whose_message_it_is_is_looked_up_only_for_the_reply_it_names(city: City, forged: str) -> None:
    await city.hires(ANNA)
    first = await city.waiting_case()
    await city.approves(ANNA, first)
    changes: dict[str, dict[str, Any]] = {
        "another agency": {"agency": "nyon"},
        "another decision": {"unsolved_by": uuid4()},
        "no such case": {"in_reply_to": uuid4()},
    }

    request = await says_no(city, first, **changes[forged])

    assert (request.citizen, request.unsolved_by) == (None, None)


@pytest.mark.parametrize("first", ["request", "triage"])
async def test_nobody_is_quoted_for_what_a_forged_record_says(city: City, anna: Browser, first: str) -> None:
    request_id = uuid4()
    forged = a_request(request_id=str(request_id), agency="city", channel="web", in_reply_to=str(uuid4()), unsolved_by=str(uuid4()))
    request = RequestReceived.model_validate(forged)
    [triaged] = triage.triage([request], Sure(), city.commands.taxonomy)
    assert wish_for_person.not_solved(triaged)

    steps = [handlers.received(request.as_new_matter()), handlers.triaged(triaged, city.commands.taxonomy)]
    for step in steps if first == "request" else reversed(steps):
        await city.commands.take_in(step)

    page = (await anna.opens(f"/cases/{request_id}")).text
    assert "that the reply did not solve the matter" not in page
    assert not wish_for_person.wishes((await city.case(request_id)).triage)


async def test_a_matter_that_is_open_again_keeps_the_wish_of_its_thread(city: City) -> None:
    await city.hires(ANNA)
    wish = {"kind": "wants_a_person", "words": "no computer, please"}
    first = await city.waiting_case(signals=[wish])
    await city.approves(ANNA, first)
    request = await says_no(city, first)

    again = await city.receives(
        request=request.model_dump(mode="json", exclude={"request_id", "received_at"}, exclude_none=True) | {"subject": None},
        outcome="needs_triage",
    )

    case = await city.case(again)
    assert [signal.words for signal in wish_for_person.wishes(case.triage)] == ["no computer, please"]
    assert (case.department, case.state) == ("streets", State.DRAFTING)


async def test_figures_tell_shares_of_those_who_answered_from_twenty_on(
    city: City, anna: Browser, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    sue = await sign_in(SUE)
    later = clock.now() + timedelta(days=7)
    monkeypatch.setattr(pages, "clock", SimpleNamespace(now=lambda: later))
    for number in range(20):
        if number == 19:
            assert "Fewer than 20 citizens answered" in (await sue.opens("/quality")).text
            assert (await anna.client.get("/about/city.json")).json()["installation"]["solved"] == []
        request_id = await city.waiting_case()
        await city.approves(ANNA, request_id)
        await rates(city, request_id, solved=number % 4 != 0)
    city.app.state.kept_facts.clear()

    page = (await sue.opens("/quality")).text
    facts = (await anna.client.get("/about/city.json")).json()["installation"]

    assert "20 citizens answered" in page
    assert "75" in page[page.index("20 citizens answered") :][:120]
    assert [(line["category"], line["answers"], line["solved"]) for line in facts["solved"]] == [("street_lighting", 20, 0.75)]
