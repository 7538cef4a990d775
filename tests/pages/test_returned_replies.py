"""A reply that came back stands among what was not delivered, says so, and is sent again as a new decision."""

import html

from services.review.audit import store as audit
from services.review.cases.case_state import State
from services.review.cases.deciding import actions
from tests.pages.city import ANNA, Browser, City

GONE = "550 5.1.1 no such user here"


async def test_a_reply_that_came_back_brings_its_case_back_and_goes_to_the_right_address(city: City, anna: Browser) -> None:
    lamp = await city.waiting_case()
    await city.approves(ANNA, lamp)
    await city.dispatches(lamp)
    await city.dispatches(lamp, "failed", GONE, returned=True)

    assert f"/cases/{lamp}" in (await anna.opens("/?tab=undelivered")).text
    page = html.unescape((await anna.opens(f"/cases/{lamp}")).text)
    assert "The reply came back" in page
    assert "No mail reaches this address." in page
    assert "ines.marlow@example.org" in page
    assert GONE in page

    await anna.sends(lamp, "correct-recipient", email="ines@marlow.example")
    assert "No mail reaches this address." not in html.unescape((await anna.opens(f"/cases/{lamp}")).text)
    await anna.sends(lamp, "send-again")
    case = await city.case(lamp)
    assert case.state is State.APPROVED
    assert case.decision
    assert case.decision.recipient
    assert (case.decision.decided_by, case.decision.recipient.email) == (ANNA.email, "ines@marlow.example")


async def test_that_it_was_delivered_is_told_late_and_changes_nothing(city: City, anna: Browser) -> None:
    lamp = await city.waiting_case()
    await city.approves(ANNA, lamp)
    await city.dispatches(lamp, "failed", GONE, returned=True)
    await city.dispatches(lamp)
    assert (await city.case(lamp)).state is State.DELIVERY_FAILED
    assert GONE in html.unescape((await anna.opens(f"/cases/{lamp}")).text)


async def test_what_comes_back_of_an_earlier_decision_is_in_the_history_alone(city: City) -> None:
    lamp = await city.waiting_case()
    await city.approves(ANNA, lamp)
    first = (await city.case(lamp)).decision
    assert first
    await city.dispatches(lamp, "failed", "connection refused")
    await city.does(ANNA, lamp, actions.SendAgain())
    await city.dispatches(lamp)
    before = await city.case(lamp)
    for _ in range(2):
        await city.returns(lamp, first.decision_id, GONE)
    assert await city.case(lamp) == before
    async with city.commands.database.reading() as session:
        told = [entry for entry in await audit.of_request(session, lamp) if entry.detail.get("outcome") == "returned"]
    assert [entry.detail["decision_id"] for entry in told] == [str(first.decision_id)]


async def test_another_letter_of_the_citizen_warns_of_the_address_that_mail_came_back_from(city: City, anna: Browser) -> None:
    lamp, other = await city.waiting_case(), await city.waiting_case()
    assert "came back" not in (await anna.opens(f"/cases/{other}")).text
    await city.approves(ANNA, lamp)
    await city.dispatches(lamp, "failed", GONE, returned=True)
    page = html.unescape((await anna.opens(f"/cases/{other}")).text)
    assert "A mail to ines.marlow@example.org came back" in page
    await city.does(ANNA, other, actions.CorrectRecipient("ines@marlow.example"))
    assert "came back" not in (await anna.opens(f"/cases/{other}")).text
