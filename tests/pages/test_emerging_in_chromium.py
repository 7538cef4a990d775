"""What emerges shows by itself in a queue that is open, fits a telephone, and is dismissed with the keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from tests.pages.city import ANNA, City, without_kafka
from tests.pages.crowd import crowd, with_weeks_before
from tests.pages.keyboard import filled, served, signed_in, started

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with started() as browser:
        yield browser


async def weeks_before(city: City) -> str:
    await with_weeks_before(city)
    return (await city.hires(ANNA))[ANNA.email]


async def eight_reports(city: City) -> None:
    await crowd(city, 8)


@pytest.mark.parametrize("size", [(1280, 900), (390, 844)], ids=["wide", "narrow"])
def test_what_emerges_shows_in_an_open_queue_and_is_dismissed_by_keyboard(
    chromium: Chromium, tmp_path: Path, size: tuple[int, int]
) -> None:
    password = filled(tmp_path, weeks_before)
    with served(without_kafka(tmp_path)) as url, signed_in(chromium, url, ANNA, password, size=size) as page:
        page.clock.install()
        page.goto("/")
        line = page.get_by_role("status", name="Groups that rise").get_by_role("listitem")
        expect(line).to_have_count(0)
        filled(tmp_path, eight_reports)
        page.clock.fast_forward(60_000)
        expect(line).to_contain_text("Mill Lane")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        page.get_by_role("button", name="Not a matter").press("Enter")
        expect(page.get_by_text("Dismissed: it is announced to nobody any more.")).to_be_visible()
        page.goto("/")
        expect(page.get_by_text("people in", exact=False)).to_have_count(0)
