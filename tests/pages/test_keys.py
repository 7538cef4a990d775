"""One key each, in a real browser; and no case decided by a key that was meant for another, or for none."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from services.review.cases.case_state import State
from tests.pages.city import ANNA, City, without_kafka
from tests.pages.keyboard import filled, served, settled, signed_in, stands_in, started

pytestmark = pytest.mark.browser

NAMES = ("First", "Second", "Third")
ALTERNATIVES = [{"category": "roads_pavements", "probability": 0.2}, {"category": "noise_nuisance", "probability": 0.1}]
WAITING = State.AWAITING_APPROVAL


async def fill(city: City) -> tuple[str, dict[str, UUID]]:
    password = (await city.hires(ANNA))[ANNA.email]
    cases = {
        name: await city.waiting_case(hours_ago=30 - place, request={"subject": name}, alternatives=ALTERNATIVES)
        for place, name in enumerate(NAMES)
    }
    return password, cases


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with started() as browser:
        yield browser


@dataclass
class Desk:
    """Anna at her keyboard, with three cases to decide."""

    page: Page
    cases: dict[str, UUID]

    def opens(self, name: str) -> None:
        self.page.goto(f"/cases/{self.cases[name]}?view=tab%3Ddecide")
        stands_in(self.page, name)

    def presses(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def stands_in(self, name: str) -> None:
        stands_in(self.page, name)

    def state(self, name: str) -> str:
        return str(self.page.request.get(f"/api/v1/cases/{self.cases[name]}").json()["state"])

    def states(self) -> list[str]:
        return [self.state(name) for name in self.cases]


@pytest.fixture
def desk(chromium: Chromium, tmp_path: Path) -> Iterator[Desk]:
    password, cases = filled(tmp_path, fill)
    with served(without_kafka(tmp_path)) as url, signed_in(chromium, url, ANNA, password) as page:
        yield Desk(page, cases)


def test_the_key_of_an_answer_by_telephone_leads_to_its_first_field(desk: Desk) -> None:
    desk.opens("First")

    desk.presses("t")

    expect(desk.page.get_by_label("How?")).to_be_focused()


def test_one_key_approves_and_the_next_case_stands_there_with_undo_in_focus(desk: Desk) -> None:
    desk.opens("First")

    desk.presses("a")

    desk.stands_in("Second")
    assert desk.states() == [State.APPROVED, WAITING, WAITING]
    expect(desk.page.get_by_role("button", name="Undo")).to_be_focused()


def test_undo_is_one_key_and_leads_back_to_the_case(desk: Desk) -> None:
    desk.opens("First")
    desk.presses("a")
    desk.stands_in("Second")

    desk.presses("u")

    desk.stands_in("First")
    assert desk.states() == [WAITING, WAITING, WAITING]


def test_a_double_press_never_decides_the_case_behind(desk: Desk) -> None:
    desk.opens("First")

    desk.presses("a", "a", "a")

    desk.stands_in("Second")
    assert desk.states() == [State.APPROVED, WAITING, WAITING]


def test_a_press_right_after_a_page_came_is_answered_and_decides_nothing(desk: Desk) -> None:
    desk.page.goto(f"/cases/{desk.cases['First']}?view=tab%3Ddecide")
    desk.page.wait_for_function("document.body.dataset.keys === 'on'")
    # As a key that went down when the page had just come, however long this machine takes to tell of it.
    desk.page.evaluate(
        """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(() => {
            const event = new KeyboardEvent("keydown", { key: "a", bubbles: true, cancelable: true });
            Object.defineProperty(event, "timeStamp", { value: performance.getEntriesByType("navigation")[0].responseEnd });
            document.body.dispatchEvent(event);
            done();
        }))))"""
    )

    expect(desk.page.get_by_text("That came too soon")).to_be_visible()
    assert desk.states() == [WAITING] * 3


def test_the_second_half_of_a_double_click_decides_nothing(desk: Desk) -> None:
    desk.opens("First")

    desk.page.get_by_role("button", name="Approve and send").dblclick()

    desk.stands_in("Second")
    desk.page.evaluate(
        """() => {
            const event = new MouseEvent("click", { bubbles: true, cancelable: true });
            Object.defineProperty(event, "timeStamp", { value: performance.getEntriesByType("navigation")[0].responseEnd });
            document.querySelector("[data-approves]").dispatchEvent(event);
        }"""
    )
    expect(desk.page.get_by_text("That came too soon")).to_be_visible()
    assert desk.states() == [State.APPROVED, WAITING, WAITING]
    desk.page.get_by_role("button", name="Approve and send").click()
    desk.stands_in("Third")


def test_a_key_held_down_decides_nothing(desk: Desk) -> None:
    desk.opens("First")
    desk.page.evaluate(
        """for (const key of ["a", "1", "x"]) {
            document.body.dispatchEvent(new KeyboardEvent("keydown", { key, repeat: true, bubbles: true, cancelable: true }));
        }"""
    )

    desk.page.keyboard.down("a")
    for _ in range(5):
        desk.page.keyboard.down("a")  # without a key up between them: the browser calls these repeated

    desk.stands_in("Second")
    desk.page.keyboard.down("a")
    desk.page.keyboard.up("a")
    assert desk.states() == [State.APPROVED, WAITING, WAITING]


@pytest.mark.parametrize("modifier", ["Control", "Alt", "Meta", "Shift"])
def test_a_key_with_a_modifier_is_the_browsers(desk: Desk, modifier: str) -> None:
    desk.opens("First")

    desk.page.evaluate(
        """(modifier) => document.body.dispatchEvent(new KeyboardEvent("keydown",
            { key: modifier === "Shift" ? "A" : "a", bubbles: true, ctrlKey: modifier === "Control", altKey: modifier === "Alt",
              metaKey: modifier === "Meta", shiftKey: modifier === "Shift" }))""",
        modifier,
    )

    desk.stands_in("First")
    assert desk.states() == [WAITING] * 3


def test_keys_are_letters_while_somebody_types(desk: Desk) -> None:
    desk.opens("First")
    text = desk.page.get_by_label("Text", exact=True)
    text.fill("")

    text.press_sequentially("a naxu1? /")

    expect(text).to_have_value("a naxu1? /")
    desk.presses("Escape", "Escape")
    desk.page.wait_for_url(lambda address: "/cases/" not in address)
    assert desk.states() == [WAITING] * 3


def test_control_and_enter_approve_from_the_editor(desk: Desk) -> None:
    desk.opens("First")
    desk.page.get_by_label("Text", exact=True).fill("It is mended.")

    desk.presses("Control+Enter")

    desk.stands_in("Second")
    assert desk.page.request.get(f"/api/v1/cases/{desk.cases['First']}").json()["decisions"][0]["body"] == "It is mended."


def test_two_keys_reject_with_a_common_reason(desk: Desk) -> None:
    desk.opens("First")

    desk.presses("x", "3")

    desk.stands_in("Second")
    assert desk.states() == [State.DRAFTING, WAITING, WAITING]
    assert desk.page.request.get(f"/api/v1/cases/{desk.cases['First']}").json()["decisions"][0]["reason"] == "Too long: shorter"


def test_two_keys_close_with_a_common_reason(desk: Desk) -> None:
    desk.opens("First")

    desk.presses("d", "2")

    desk.stands_in("Second")
    assert desk.states() == [State.CLOSED, WAITING, WAITING]


@pytest.mark.parametrize("key", ["x", "d", "t", "r"])
def test_a_stray_enter_after_a_key_that_opens_a_part_decides_nothing(desk: Desk, key: str) -> None:
    desk.opens("First")

    desk.presses(key)
    expect(desk.page.locator("details[data-keyed][open]")).to_be_visible()
    assert desk.page.evaluate("document.activeElement.matches('button')") is False
    desk.presses("Enter")

    desk.stands_in("First")
    assert desk.states() == [WAITING] * 3


def test_escape_leaves_what_is_opened_and_digits_mean_categories_again(desk: Desk) -> None:
    desk.opens("First")

    desk.presses("x", "Escape", "2")

    expect(desk.page.get_by_text("A draft is being written.")).to_be_visible()
    case = desk.page.request.get(f"/api/v1/cases/{desk.cases['First']}").json()
    assert (case["category"], case["decisions"]) == ("noise_nuisance", [])


def test_a_digit_that_no_reason_has_does_nothing(desk: Desk) -> None:
    desk.opens("First")

    desk.presses("x", "9")

    assert desk.states() == [WAITING] * 3
    assert desk.page.request.get(f"/api/v1/cases/{desk.cases['First']}").json()["category"] == "street_lighting"


def test_another_draft_is_asked_for_by_keys_alone(desk: Desk) -> None:
    desk.opens("First")

    desk.presses("r", "1", "2", "r")

    expect(desk.page.get_by_text("A draft is being written.")).to_be_visible()
    expect(desk.page.get_by_text("Shorter Plainer words", exact=True)).to_be_visible()


def test_next_previous_claim_and_the_way_back(desk: Desk) -> None:
    desk.opens("First")
    desk.presses("n")
    desk.stands_in("Second")
    desk.presses("j")
    desk.stands_in("Third")
    desk.presses("p")
    desk.stands_in("Second")
    desk.presses("k")
    desk.stands_in("First")
    desk.presses("c")
    expect(desk.page.get_by_text("You work on it")).to_be_visible()
    settled(desk.page)

    desk.presses("q")

    row = desk.page.get_by_role("link", name="First")
    expect(row).to_be_focused()
    desk.presses("j")
    expect(desk.page.get_by_role("link", name="Second", exact=True)).to_be_focused()
    desk.presses("Enter")
    desk.stands_in("Second")


def test_search_is_one_key_from_everywhere(desk: Desk) -> None:
    desk.page.goto("/")
    settled(desk.page)
    desk.presses("/")
    expect(desk.page.locator("#q")).to_be_focused()
    expect(desk.page.locator("#q")).to_have_value("")
    desk.opens("First")
    desk.presses("/")
    desk.page.wait_for_url(lambda address: "/cases/" not in address)
    expect(desk.page.locator("#q")).to_be_focused()


def test_help_lists_every_key_and_no_key_acts_behind_it(desk: Desk) -> None:
    desk.opens("First")

    desk.presses("?")
    dialog = desk.page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    desk.presses("a", "n")

    shown = dialog.locator("kbd").all_inner_texts()
    offered = " ".join(
        element.get_attribute("aria-keyshortcuts") or "" for element in desk.page.locator("main [aria-keyshortcuts]").all()
    ).split()
    assert [key for key in offered if key not in shown and not key.isdigit()] == []
    desk.presses("Escape")
    expect(dialog).to_be_hidden()
    desk.stands_in("First")
    assert desk.states() == [WAITING] * 3


def test_single_keys_are_switched_off_and_stay_off(desk: Desk) -> None:
    desk.opens("First")
    desk.presses("?")
    desk.page.get_by_role("button", name="Switch single keys off").click()
    desk.stands_in("First")
    expect(desk.page.locator("main kbd[aria-hidden]").first).to_be_hidden()

    desk.presses("a", "n", "x", "1")

    desk.stands_in("First")
    assert desk.states() == [WAITING] * 3
    desk.page.goto("/keys")
    desk.page.get_by_role("button", name="Switch single keys on").click()
    desk.opens("First")
    desk.presses("a")
    desk.stands_in("Second")


def test_undo_leaves_the_page_when_it_is_too_late(desk: Desk) -> None:
    desk.opens("First")
    desk.page.clock.install()
    desk.page.get_by_role("button", name="Approve and send").click()
    undo = desk.page.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()

    desk.page.clock.run_for(90_000)

    expect(undo).to_be_hidden()
    expect(desk.page.get_by_text("It is leaving now.")).to_be_visible()
    expect(desk.page.locator("#main")).to_be_focused()


def test_enter_in_the_subject_keeps_the_text_and_claims_nothing(desk: Desk) -> None:
    desk.opens("First")
    subject = desk.page.get_by_label("Subject")
    subject.fill("Another subject")

    subject.press("Enter")

    expect(desk.page.get_by_text("Your text is kept. Nothing was sent.")).to_be_visible()
    expect(desk.page.get_by_label("Subject")).to_have_value("Another subject")
    assert "taken this case" not in desk.page.content()


def test_enter_in_a_field_does_what_the_button_beside_it_does(desk: Desk) -> None:
    desk.opens("First")
    desk.page.get_by_text("Link with another case").click()
    number = desk.page.get_by_label("Number of the other case")
    number.fill(str(desk.cases["Second"]))

    number.press("Enter")

    expect(desk.page.locator("#linked").get_by_role("link", name="Second")).to_be_visible()


def test_the_list_of_keys_is_shown_from_its_beginning(desk: Desk) -> None:
    desk.page.set_viewport_size({"width": 900, "height": 420})
    desk.opens("Second")
    desk.presses("?")
    expect(desk.page.get_by_role("heading", name="Keys")).to_be_in_viewport()
    assert desk.page.evaluate("document.getElementById('keys').scrollTop") == 0
    desk.presses("Escape")
    expect(desk.page.locator("#keys")).to_be_hidden()


def test_t_begins_with_how_it_was_answered(desk: Desk) -> None:
    desk.opens("Second")
    desk.presses("t")
    expect(desk.page.get_by_label("How?")).to_be_focused()
    how, when = (desk.page.locator(f"label[for={field}]").bounding_box() for field in ("answer-how", "answer-given-at"))
    assert how
    assert when
    assert how["y"] == when["y"]


def test_i_without_any_canned_reply_says_so_and_leads_to_where_they_are_written(desk: Desk) -> None:
    desk.opens("Second")
    desk.presses("i")
    words = desk.page.get_by_text("There is no canned reply for this case yet.")
    expect(words).to_be_in_viewport()
    link = desk.page.get_by_role("link", name="Write and change canned replies")
    expect(link).to_be_focused()
    expect(link).to_have_accessible_description("There is no canned reply for this case yet.")
    desk.presses("Escape")
    expect(words).to_be_hidden()
