"""Pictures of quality at a real browser: bars have the width that their number has, lead to their cases, and fit a telephone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from services.review.cases.deciding.actions import Correct
from tests.pages.city import ANNA, SUE, City
from tests.pages.desks import ReviewServer, chromium, review

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReviewServer]:
    with review(tmp_path_factory.mktemp("city")) as running:
        yield running


async def _month(city: City) -> dict[str, str]:
    passwords = await city.hires(ANNA, SUE)
    for _ in range(3):
        await city.approves(ANNA, await city.waiting_case(hours_ago=5))
    housing = await city.waiting_case(category="housing", department="social")
    await city.does(ANNA, housing, Correct(category="taxes"))
    await city.adds_up()
    return passwords


@pytest.fixture(scope="module")
def passwords(server: ReviewServer) -> dict[str, str]:
    return server.run(_month)


@pytest.fixture(scope="module")
def browser(passwords: dict[str, str]) -> Iterator[Chromium]:  # noqa: ARG001 - Playwright keeps an event loop running
    with chromium() as started:
        yield started


@pytest.mark.parametrize("width", [390, 1440])
def test_bars_are_as_long_as_their_numbers_and_lead_to_their_cases(
    server: ReviewServer, browser: Chromium, passwords: dict[str, str], width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, base_url=server.url)
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.goto("/login?next=/quality/pictures%3Fby%3Dcategory")
    page.get_by_label("E-mail address").fill(SUE.email)
    page.get_by_label("Password").fill(passwords[SUE.email])
    page.keyboard.press("Enter")

    bars = page.locator("section", has=page.get_by_role("heading", name="Messages received")).locator(".lying rect")
    expect(bars).to_have_count(2)
    lengths = [box["width"] for bar in bars.all() if (box := bar.bounding_box())]
    assert lengths[0] > 50
    assert lengths[1] == pytest.approx(lengths[0] / 3, rel=0.05)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    point = page.locator(".curve circle").last
    point.scroll_into_view_if_needed()
    point.click()
    expect(page.locator("[data-case]")).to_have_count(4)
    page.go_back()
    page.goto("/quality/pictures")
    column = page.locator(".columns svg rect.approved").first
    assert (column.bounding_box() or {"height": 0})["height"] > 50
    column.click()
    expect(page.locator("[data-case]")).to_have_count(3)
    assert not faults
    context.close()
