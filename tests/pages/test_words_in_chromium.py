"""What a person writes at a real browser is kept, through everything that has lost words before; colleagues see each other."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from services.review.cases.deciding import actions
from services.review.cases.writing import text_store
from services.review.people.rules import Person
from tests.harness.waiting import until
from tests.pages.city import ANNA, SUE, City
from tests.pages.desks import Desk, ReviewServer, chromium, review

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReviewServer]:
    with review(tmp_path_factory.mktemp("city")) as running:
        yield running


@pytest.fixture(scope="module")
def passwords(server: ReviewServer) -> dict[str, str]:
    return server.run(lambda city: city.hires(ANNA, SUE))


@pytest.fixture(scope="module")
def browser(passwords: dict[str, str]) -> Iterator[Chromium]:  # noqa: ARG001 - Playwright keeps an event loop running
    with chromium() as started:
        yield started


@pytest.fixture
def case(server: ReviewServer) -> UUID:
    return server.run(lambda city: city.waiting_case())


def desk(browser: Chromium, server: ReviewServer, passwords: dict[str, str], person: Person, case: UUID) -> Desk:
    made = Desk(browser, server, person, passwords[person.email])
    made.signs_in()
    made.opens(case)
    return made


@pytest.fixture
def anna(browser: Chromium, server: ReviewServer, passwords: dict[str, str], case: UUID) -> Iterator[Desk]:
    made = desk(browser, server, passwords, ANNA, case)
    yield made
    made.context.close()


@pytest.fixture
def sue(browser: Chromium, server: ReviewServer, passwords: dict[str, str], case: UUID) -> Iterator[Desk]:
    made = desk(browser, server, passwords, SUE, case)
    yield made
    made.context.close()


def texts_of(server: ReviewServer, case: UUID) -> dict[tuple[str, str], str | None]:
    async def look(city: City) -> dict[tuple[str, str], str | None]:
        async with city.commands.database.reading() as session:
            texts = await text_store.texts_of(session, case)
        return {(text.email, text.field): text.text for text in sorted(texts, key=lambda text: text.sequence)}

    return server.run(look)


def is_kept(server: ReviewServer, case: UUID, person: Person, field: str, text: str) -> None:
    until(lambda: texts_of(server, case).get((person.email, field)) == text, f"{field} of {person.email} is {text!r}")


def test_a_colleagues_claim_does_not_stop_text_from_being_kept(anna: Desk, server: ReviewServer, case: UUID) -> None:
    server.run(lambda city: city.does(SUE, case, actions.Claim()))
    anna.writes("body", "Written after the claim")
    anna.is_told("Your text is kept.")
    is_kept(server, case, ANNA, "body", "Written after the claim")


@pytest.mark.parametrize("button", ["Claim", "Correct", "Save text"])
def test_whoever_types_and_presses_a_button_at_once_loses_nothing(anna: Desk, server: ReviewServer, case: UUID, button: str) -> None:
    anna.page.route("**/texts", lambda route: route.abort())  # the button is faster than the script
    anna.page.route("**/presence", lambda route: route.abort())
    anna.writes("body", "Typed right before")
    anna.writes("reject_reason", "Half a reason")
    anna.page.locator("details.correct").evaluate("folded => { folded.open = true; }")
    with anna.page.expect_navigation():
        anna.page.get_by_role("button", name=button, exact=True).click()

    anna.holds("body", "Typed right before")
    anna.holds("reject_reason", "Half a reason")
    is_kept(server, case, ANNA, "body", "Typed right before")


def test_text_outlives_a_session_that_ended_elsewhere_and_signing_in_leads_back_to_it(anna: Desk, server: ReviewServer, case: UUID) -> None:
    anna.writes("body", "Dear")
    is_kept(server, case, ANNA, "body", "Dear")
    anna.ends_every_session()
    anna.writes("body", "Dear Ines, the lamp")
    anna.writes("close_reason", "She called")
    anna.is_told("You are signed out.")
    assert anna.kept_in_the_browser() > 0

    anna.page.get_by_role("link", name="Sign in again").click()
    anna.signs_in()

    anna.page.wait_for_url(f"**/cases/{case}")
    anna.holds("body", "Dear Ines, the lamp")
    anna.holds("close_reason", "She called")
    is_kept(server, case, ANNA, "body", "Dear Ines, the lamp")
    until(lambda: anna.kept_in_the_browser() == 0, "the browser keeps nothing that the service has")


def test_a_page_of_an_earlier_session_saves_again_once_the_person_has_signed_in_in_another_window(
    anna: Desk, server: ReviewServer, case: UUID
) -> None:
    anna.ends_every_session()
    anna.writes("body", "In the first window")
    anna.is_told("You are signed out.")
    first = anna.page
    anna.page = anna.context.new_page()
    anna.signs_in()
    anna.page = first

    anna.is_told("Your text is kept.")
    is_kept(server, case, ANNA, "body", "In the first window")


def test_a_half_written_reason_is_there_again_after_leaving_the_page(anna: Desk, case: UUID) -> None:
    anna.writes("reject_reason", "The date is not")
    anna.page.goto("/")
    anna.opens(case)
    anna.holds("reject_reason", "The date is not")


def test_text_outlives_a_cut_network_and_a_service_that_starts_again(anna: Desk, server: ReviewServer, case: UUID) -> None:
    anna.context.set_offline(True)
    anna.writes("body", "Written on the train")
    anna.is_told("Parvis can’t be reached.")
    server.stop()
    anna.context.set_offline(False)
    server.start()
    anna.is_told("Your text is kept.")
    is_kept(server, case, ANNA, "body", "Written on the train")


def test_text_outlives_a_browser_window_that_is_closed_while_the_network_is_away(anna: Desk, server: ReviewServer, case: UUID) -> None:
    anna.context.set_offline(True)
    anna.writes("body", "Written before the crash")
    anna.page.close()
    anna.context.set_offline(False)
    anna.page = anna.context.new_page()
    anna.opens(case)
    anna.holds("body", "Written before the crash")
    is_kept(server, case, ANNA, "body", "Written before the crash")


def test_what_was_written_leaves_the_browser_with_whoever_signs_out(anna: Desk, server: ReviewServer, case: UUID) -> None:
    anna.writes("body", "Nearly done")
    anna.page.get_by_role("button", name="Sign out").click()
    anna.is_told("You are signed out.")
    assert anna.kept_in_the_browser() == 0
    assert anna.page.evaluate("Object.keys(sessionStorage)") == []
    is_kept(server, case, ANNA, "body", "Nearly done")


def test_what_one_person_could_not_send_is_neither_sent_nor_shown_for_another_at_the_same_browser(
    anna: Desk, server: ReviewServer, case: UUID, passwords: dict[str, str]
) -> None:
    anna.ends_every_session()
    anna.writes("body", "Anna's own words")
    anna.is_told("You are signed out.")
    other = Desk(anna.context.browser or pytest.fail("no browser"), server, SUE, passwords[SUE.email])
    other.context.close()
    other.context, other.page = anna.context, anna.context.new_page()
    other.signs_in()
    other.opens(case)
    anna.is_told("Somebody else has signed in here.")
    assert "Anna's own words" not in other.page.content()
    other.page.get_by_role("button", name="Sign out").click()
    other.is_told("You are signed out.")
    assert (SUE.email, "body") not in texts_of(server, case)

    anna.page.close()
    anna.page = other.page
    anna.signs_in()
    anna.opens(case)
    anna.holds("body", "Anna's own words")


def test_words_that_arrived_after_the_next_page_was_written_stand_in_it(anna: Desk, server: ReviewServer, case: UUID) -> None:
    before = anna.page.request.get(anna.page.url).text()
    anna.writes("body", "Faster than the page")
    anna.is_told("Your text is kept.")

    anna.page.route(f"**/cases/{case}", lambda route: route.fulfill(body=before, content_type="text/html"))
    anna.page.reload()

    anna.holds("body", "Faster than the page")
    is_kept(server, case, ANNA, "body", "Faster than the page")


def test_the_first_letter_claims_the_case_and_colleagues_see_who_writes(anna: Desk, sue: Desk) -> None:
    anna.box("body").press_sequentially("D")
    sue.is_told(f"{ANNA.name} works on it")
    sue.is_told(f"{ANNA.name} is writing here")
    anna.is_told(f"{SUE.name} is reading this")


def test_a_take_over_is_seen_at_once_and_shows_the_text_to_go_on_with(anna: Desk, sue: Desk, server: ReviewServer, case: UUID) -> None:
    anna.writes("body", "Anna began like this")
    is_kept(server, case, ANNA, "body", "Anna began like this")
    sue.is_told(f"{ANNA.name} works on it")
    sue.opens(case)
    sue.page.get_by_role("button", name="Take over").click()
    anna.is_told(f"{SUE.name} has taken this case over.")
    sue.page.get_by_role("button", name=f"Go on with this text of {ANNA.name}").click()
    sue.holds("body", "Anna began like this")
    anna.holds("body", "Anna began like this")


def test_a_decision_that_came_too_late_shows_both_texts_and_is_sent_without_typing_again(
    anna: Desk, server: ReviewServer, case: UUID
) -> None:
    anna.writes("body", "Dear Ines Marlow, it is repaired on Monday.")
    server.run(lambda city: city.does(SUE, case, actions.Correct(urgency=None, department="safety")))
    anna.page.get_by_role("button", name="Approve and send").click()
    anna.is_told("What you wrote")
    anna.is_told("What it is now")
    expect(anna.page.locator(".compared mark").first).to_be_visible()
    anna.holds("body", "Dear Ines Marlow, it is repaired on Monday.")
    anna.page.get_by_role("button", name="Approve and send").click()
    anna.is_told("Undo")
