"""A sentence of the draft and the passage that it rests on are shown together, from either side; a failed check leads to its place."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests.pages.city import ANNA, City, without_kafka
from tests.pages.keyboard import filled, served, settled, signed_in, started

pytestmark = pytest.mark.browser

RESTS = "Street lamps that are out are repaired within five working days of the report."
DOUBTED = "If several lamps in a row are out, the cable is at fault, and the repair can take up to fifteen working days."
CHECK = {"name": "no_unsupported_numbers", "passed": False, "detail": "no source says “fifteen working days”", "quote": DOUBTED}


Street = tuple[str, str, UUID, UUID, list[UUID]]


async def fill(city: City) -> tuple[str, UUID, UUID, list[UUID]]:
    password = (await city.hires(ANNA))[ANNA.email]
    short = await city.receives()
    await city.drafts(short, checks=[CHECK])
    letter = "\n\n".join(f"{n}. My street has been dark for a while and nobody comes to look at it." for n in range(40))
    long = await city.receives(request={"subject": "All of it", "body": letter}, redacted={"subject": "All of it", "body": letter})
    await city.drafts(long, body="Dear Ines Marlow,\n\n" + "\n\n".join(f"{n}. {RESTS}" for n in range(40)))
    # What somebody has written is kept, so whoever writes has a case of their own.
    own = [await city.receives() for _ in range(2)]
    for request_id in own:
        await city.drafts(request_id, checks=[CHECK])
    return password, short, long, own


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with started() as browser:
        yield browser


@pytest.fixture(scope="module")
def street(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:  # noqa: ARG001
    folder = tmp_path_factory.mktemp("city")
    password, short, long, own = filled(folder, fill)
    with served(without_kafka(folder)) as url:
        yield url, password, short, long, own


def in_sight(page: Page, selector: str) -> bool:
    return bool(
        page.evaluate(
            """(selector) => { const box = document.querySelector(selector).getBoundingClientRect();
                return box.top >= 0 && box.bottom <= innerHeight && box.height > 0; }""",
            selector,
        )
    )


def shows_all(page: Page) -> bool:
    """Whether the editor is as tall as its text."""
    return bool(page.locator("#body").evaluate("(area) => area.scrollHeight <= area.clientHeight + 2"))


def selected(page: Page) -> str:
    """What is selected in the editor."""
    return str(page.locator("#body").evaluate("(area) => area.value.slice(area.selectionStart, area.selectionEnd)"))


def test_message_reasons_whole_draft_and_approve_are_on_one_screen(chromium: Chromium, street: Street) -> None:
    url, password, short, *_ = street
    with signed_in(chromium, url, ANNA, password) as page:
        page.goto(f"/cases/{short}?view=tab%3Ddecide")
        settled(page)

        for selector in (".message .letter", ".triage .terms", ".sorted", "#body", "[data-approves]"):
            assert in_sight(page, selector), selector
        assert shows_all(page)


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_approve_stays_in_sight_however_long_the_texts(chromium: Chromium, street: Street, size: tuple[int, int]) -> None:
    url, password, _, long, _ = street
    with signed_in(chromium, url, ANNA, password, size) as page:
        page.goto(f"/cases/{long}?view=tab%3Ddecide")
        settled(page)

        assert in_sight(page, "[data-approves]")
        assert shows_all(page)
        page.locator("#body").scroll_into_view_if_needed()
        assert in_sight(page, "[data-approves]")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_the_editor_is_as_tall_as_its_text_while_it_is_written(chromium: Chromium, street: Street) -> None:
    url, password, *_, own = street
    short = own[0]
    with signed_in(chromium, url, ANNA, password) as page:
        page.goto(f"/cases/{short}?view=tab%3Ddecide")
        settled(page)
        page.locator("#body").evaluate("(area) => { area.style.fieldSizing = 'fixed'; }")  # as in a browser that does not size by content

        page.get_by_label("Text", exact=True).fill("a line\n" * 60)

        assert shows_all(page)


def test_a_sentence_shows_its_passage_and_a_passage_its_sentence(chromium: Chromium, street: Street) -> None:
    url, password, short, *_ = street
    with signed_in(chromium, url, ANNA, password) as page:
        page.goto(f"/cases/{short}?view=tab%3Ddecide")
        settled(page)
        place = page.locator("#body").evaluate("(area, words) => area.value.indexOf(words)", RESTS)

        page.locator("#body").evaluate("(area, place) => { area.focus(); area.setSelectionRange(place + 5, place + 5); }", place)

        expect(page.locator(".rests.lit")).to_have_text(
            "A single street lamp that is out is repaired within five working days of the report."
        )
        expect(page.get_by_role("status").filter(has_text="Street lamp faults")).to_contain_text("A single street lamp")
        page.keyboard.press("Control+Home")
        expect(page.locator(".rests.lit")).to_have_count(0)

        page.locator(".rests").click()

        expect(page.locator("#body")).to_be_focused()
        assert (
            page.evaluate(
                "(() => { const t = document.getElementById('body'); return t.value.slice(t.selectionStart, t.selectionEnd); })()"
            )
            == RESTS
        )


def test_a_failed_check_leads_to_its_sentence_and_an_edited_sentence_loses_its_mark(chromium: Chromium, street: Street) -> None:
    url, password, *_, own = street
    short = own[1]
    with signed_in(chromium, url, ANNA, password) as page:
        page.goto(f"/cases/{short}?view=tab%3Ddecide")
        settled(page)

        page.get_by_role("link", name="Show it in the text").click()

        assert (
            page.evaluate(
                "(() => { const t = document.getElementById('body'); return t.value.slice(t.selectionStart, t.selectionEnd); })()"
            )
            == DOUBTED
        )
        expect(page.locator("mark.doubted")).to_have_count(1)
        page.keyboard.type("It takes a while.")
        expect(page.locator("mark.doubted")).to_have_count(0)
        assert page.locator("[data-behind]").inner_text().strip() == page.locator("#body").input_value().strip()


def test_without_scripts_the_place_is_marked_by_its_address(chromium: Chromium, street: Street) -> None:
    url, password, short, *_ = street
    with signed_in(chromium, url, ANNA, password, java_script_enabled=False) as page:
        page.goto(f"/cases/{short}")

        page.get_by_role("link", name="Show it in the text").click()

        expect(page.locator("mark:target")).to_have_text(DOUBTED)
        page.locator(".rests").click()
        expect(page.locator("mark:target")).to_have_text(RESTS)


def test_a_long_letter_says_what_it_is_and_prints_whole(chromium: Chromium, street: Street) -> None:
    url, password, _, long, _ = street
    with signed_in(chromium, url, ANNA, password) as page:
        page.goto(f"/cases/{long}")
        expect(page.get_by_text("A long letter: 640 words · Street lighting")).to_be_visible()

        page.emulate_media(media="print")

        for part in (".message .letter", "[data-behind]"):
            assert page.locator(part).evaluate("(part) => part.scrollHeight <= part.clientHeight + 2"), part
        assert not page.locator("#body").is_visible()
        assert page.locator("[data-behind]").evaluate("(part) => getComputedStyle(part).color") != "rgba(0, 0, 0, 0)"
