"""Live updates in a real browser: what happens elsewhere shows on an open page, and nothing moves under anybody's hand."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import uvicorn
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect, sync_playwright

from services.review.cases.deciding import actions
from services.review.people.rules import Person
from tests.harness.waiting import PATIENCE
from tests.pages.city import ANNA, BEN, SUE, City, without_kafka
from tests.pages.test_in_chromium import ARGUMENTS, CHROMIUM

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE * 1000)


@dataclass
class Hall:
    """The running pages, and a process beside them that changes cases in the same database."""

    url: str
    folder: Path
    passwords: dict[str, str]
    cases: list[UUID]

    def does(self, what: Callable[[City], Awaitable[Any]]) -> Any:
        """Somebody elsewhere does it, and it is done."""

        async def there() -> Any:
            city = City(without_kafka(self.folder))
            try:
                return await what(city)
            finally:
                await city.app.state.database.close()

        with ThreadPoolExecutor(1) as beside:
            return beside.submit(asyncio.run, there()).result()


async def _fill(city: City) -> tuple[dict[str, str], list[UUID]]:
    passwords = await city.hires(ANNA, BEN, SUE)
    cases = [await city.waiting_case(hours_ago=3 + n, request={"subject": f"Lamp number {n}"}) for n in range(24)]
    await city.app.state.database.close()
    return passwords, cases


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    with ThreadPoolExecutor(1) as beside:
        passwords, cases = beside.submit(lambda: asyncio.run(_fill(City(without_kafka(tmp_path))))).result()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        app = without_kafka(tmp_path)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=5))

        async def serve() -> None:
            await server.serve(sockets=[listening])
            app.state.change_feed.close()
            await app.state.change_feed.stopped()
            await app.state.database.close()

        thread = threading.Thread(target=asyncio.run, args=(serve(),))
        thread.start()
        yield Hall(f"http://127.0.0.1:{listening.getsockname()[1]}", tmp_path, passwords, cases)
        server.should_exit = True
        thread.join(PATIENCE)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM if Path(CHROMIUM).exists() else None, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def a_desk(chromium: Chromium, hall: Hall, person: Person, size: tuple[int, int] = (1440, 900), **options: Any) -> Iterator[Page]:
    """A browser of that person at the queue; a fault that it tells of is a fault of the test."""
    context = chromium.new_context(base_url=hall.url, viewport={"width": size[0], "height": size[1]}, **options)
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto("/login")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(hall.passwords[person.email])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login" not in url)
    yield page
    context.close()
    assert not faults


def place(page: Page) -> tuple[str, float, float]:
    """What has focus, how far the page is scrolled, and where that stands on the screen."""
    return tuple(
        page.evaluate("[document.activeElement.getAttribute('href'), window.scrollY, document.activeElement.getBoundingClientRect().top]")
    )


def fire(city: City) -> Awaitable[UUID]:
    return city.receives(urgency="emergency", request={"subject": "Fire in the stairwell of 12 Elm Street"})


def test_a_fire_shows_in_an_open_queue_and_moves_nothing(chromium: Chromium, hall: Hall, tmp_path: Path) -> None:
    with a_desk(chromium, hall, ANNA) as page:
        row = page.locator(f'[data-case="{hall.cases[18]}"] a')
        row.focus()
        before = place(page)

        request_id = hall.does(fire)

        expect(page.get_by_role("status").filter(has_text="1 new emergency")).to_be_visible()
        expect(page).to_have_title("(1 ‼) To decide · Parvis")
        assert place(page) == before
        page.screenshot(path=tmp_path / "live-fire.png")
        page.get_by_role("link", name="Fire in the stairwell").click()
        page.wait_for_url(f"**/cases/{request_id}")


def test_new_cases_are_counted_and_come_in_at_a_press(chromium: Chromium, hall: Hall) -> None:
    with a_desk(chromium, hall, ANNA) as page:
        lines = page.locator("[data-case]")
        shown = lines.count()

        new = [hall.does(lambda city: city.waiting_case(request={"subject": "A new matter"})) for _ in range(3)]

        expect(page.get_by_role("status").filter(has_text="3 new cases")).to_be_visible()
        assert lines.count() == shown
        page.get_by_role("link", name="Show them").click()
        expect(lines).to_have_count(shown + 3)
        expect(page.locator("li.new")).to_have_count(3)
        expect(page).to_have_title("To decide · Parvis")
        assert page.evaluate("document.activeElement.closest('[data-case]').dataset.case") in {str(request_id) for request_id in new}


def test_a_new_hit_shows_in_an_open_search_and_a_new_case_without_the_words_does_not(chromium: Chromium, hall: Hall) -> None:
    with a_desk(chromium, hall, ANNA) as page:
        page.goto("/?tab=all&q=lamp&category=street_lighting")
        lines = page.locator("[data-case]")
        shown = lines.count()
        row = page.locator(f'[data-case="{hall.cases[18]}"] a').first
        row.focus()
        before = place(page)

        for subject, words in (("Noise at night", "It is loud."), ("Lamp on the bridge", "It is dark."), ("One more lamp", "It flickers.")):
            hall.does(partial(came, subject, words))

        expect(page.get_by_role("status").filter(has_text="2 new cases")).to_be_visible()
        expect(page).to_have_title("(2) All · Parvis")
        assert place(page) == before
        assert lines.count() == shown
        page.get_by_role("link", name="Show them").click()
        expect(page.locator("li.new")).to_have_count(2)


def test_a_search_in_one_view_tells_of_a_hit_once_it_comes_into_that_view(chromium: Chromium, hall: Hall) -> None:
    with a_desk(chromium, hall, ANNA) as page:
        page.goto("/?tab=sent&q=lamp")
        with page.expect_request("**/live/hits?**") as asked:
            hall.does(lambda city: city.receives(request={"subject": "A lamp that is not sent"}))
        assert "cursor" not in asked.value.url
        hall.does(lambda city: sent(city, hall.cases[2]))
        expect(page.get_by_role("status").filter(has_text="1 new case")).to_be_visible()


async def came(subject: str, words: str, city: City) -> UUID:
    return await city.receives(request={"subject": subject, "body": words})


async def sent(city: City, request_id: UUID) -> None:
    await city.approves(BEN, request_id)
    await city.dispatches(request_id)


def test_a_line_that_a_colleague_takes_up_or_decides_on_changes_where_it_stands(chromium: Chromium, hall: Hall) -> None:
    with a_desk(chromium, hall, ANNA) as page:
        line = page.locator(f'[data-case="{hall.cases[4]}"]')
        order = page.locator("[data-case]").evaluate_all("lines => lines.map((line) => line.dataset.case)")

        hall.does(lambda city: city.does(BEN, hall.cases[4], actions.Claim()))
        expect(line.locator(".a")).to_have_text("Ben Okafor")

        hall.does(lambda city: city.approves(BEN, hall.cases[4]))
        expect(line).to_contain_text("On its way")
        assert "left" in (line.get_attribute("class") or "")
        assert page.locator("[data-case]").evaluate_all("lines => lines.map((line) => line.dataset.case)") == order


def test_all_windows_of_a_browser_share_one_stream(chromium: Chromium, hall: Hall) -> None:
    with a_desk(chromium, hall, ANNA) as first:
        asked: list[str] = []
        first.context.on("request", lambda request: asked.append(request.url) if "/live?" in request.url else None)
        others = [first.context.new_page() for _ in range(7)]
        for other in others:
            other.goto("/?tab=all")

        hall.does(fire)

        for page in (first, *others):
            expect(page.get_by_role("status").filter(has_text="1 new emergency")).to_have_count(1)
        first.close()
        hall.does(fire)
        for page in others:
            expect(page.get_by_role("status").filter(has_text="2 new emergencies")).to_have_count(1)


def test_signing_out_stops_the_other_windows_and_says_so(chromium: Chromium, hall: Hall) -> None:
    with a_desk(chromium, hall, ANNA) as page:
        other = page.context.new_page()
        other.goto("/")
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/login**")

        expect(other.get_by_text("does not show by itself any more")).to_be_visible()


def test_an_open_case_says_that_a_colleague_changed_it(chromium: Chromium, hall: Hall) -> None:
    with a_desk(chromium, hall, ANNA) as page:
        page.goto(f"/cases/{hall.cases[2]}")
        page.get_by_label("Subject", exact=True).focus()

        hall.does(lambda city: city.does(BEN, hall.cases[2], actions.Claim()))

        expect(page.get_by_text("This case has changed.")).to_be_visible()


def test_a_case_whose_draft_is_being_written_shows_it_when_it_comes(chromium: Chromium, hall: Hall) -> None:
    with a_desk(chromium, hall, ANNA) as page:
        request_id = hall.does(lambda city: city.receives())
        page.goto(f"/cases/{request_id}")

        hall.does(lambda city: city.drafts(request_id))

        expect(page.get_by_role("button", name="Approve and send")).to_be_visible()


def test_without_scripts_the_queue_says_nothing_of_what_it_cannot_do(chromium: Chromium, hall: Hall) -> None:
    with a_desk(chromium, hall, ANNA, java_script_enabled=False) as page:
        expect(page.get_by_text("Lamp number 3", exact=True)).to_be_visible()
        expect(page.get_by_text("does not show by itself")).to_be_hidden()


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_new_fits_every_screen(chromium: Chromium, hall: Hall, screenshots: Path, size: tuple[int, int], scheme: str) -> None:
    with a_desk(chromium, hall, ANNA, size, color_scheme=scheme) as page:
        hall.does(fire)
        hall.does(lambda city: city.waiting_case(request={"subject": "A new matter"}))
        hall.does(lambda city: city.approves(BEN, hall.cases[3]))
        expect(page.get_by_role("status").filter(has_text="1 new case")).to_be_visible()
        expect(page.locator(".live.arriving")).to_have_count(0)
        page.screenshot(path=screenshots / f"live-{size[0]}-{scheme}.png")

        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_shift_takes_all_lines_between_and_they_are_assigned(
    chromium: Chromium, hall: Hall, screenshots: Path, size: tuple[int, int]
) -> None:
    with a_desk(chromium, hall, ANNA, size) as page:
        ticks = page.get_by_role("checkbox", name="Lamp number")
        ticks.nth(1).click()
        ticks.nth(5).click(modifiers=["Shift"])
        assert page.locator("[data-tick]:checked").count() == 5
        page.get_by_text("With the ticked cases (5)").click()
        page.get_by_label("To", exact=True).select_option(label="Ben Okafor")
        page.screenshot(path=screenshots / f"bulk-{size[0]}.png")
        page.get_by_role("button", name="Assign", exact=True).click()

        expect(page.get_by_role("heading", name="Assigned: 5 of 5")).to_be_visible()
        page.screenshot(path=screenshots / f"bulk-done-{size[0]}.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        page.get_by_role("link", name="Lamp number").first.click()
        page.get_by_text("Pass on", exact=True).click()
        page.screenshot(path=screenshots / f"pass-on-{size[0]}.png")


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_views_fit_every_screen_and_are_saved_by_keyboard(chromium: Chromium, hall: Hall, screenshots: Path, size: tuple[int, int]) -> None:
    with a_desk(chromium, hall, ANNA, size) as page:
        page.goto("/?tab=open&overdue=true&category=street_lighting")
        page.get_by_text("Save this view").focus()
        page.keyboard.press("Enter")
        page.get_by_label("Name of this view").focus()
        page.keyboard.type("Lamps that are late")
        page.screenshot(path=screenshots / f"views-saving-{size[0]}.png")
        page.keyboard.press("Enter")

        expect(page.get_by_role("navigation", name="Views").get_by_role("link").first).to_contain_text("Lamps that are late")
        page.screenshot(path=screenshots / f"views-{size[0]}.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
