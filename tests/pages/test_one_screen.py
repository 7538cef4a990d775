"""What is needed for a decision is on one screen, and enough of the queue."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from tests.pages.city import ANNA, City, without_kafka
from tests.pages.keyboard import filled, served, signed_in, started

pytestmark = pytest.mark.browser

ROWS = 24


async def fill(city: City) -> tuple[str, list[UUID]]:
    password = (await city.hires(ANNA))[ANNA.email]
    subject = "A subject that somebody wrote in one go and that does not fit any single line of a list, however wide the screen may be"
    return password, [await city.waiting_case(hours_ago=400 - n, request={"subject": f"{n} {subject}"}) for n in range(ROWS)]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with started() as browser:
        yield browser


def test_fifteen_rows_of_the_queue_fit_a_screen_and_the_choice_is_remembered_without_scripts(chromium: Chromium, tmp_path: Path) -> None:
    password, _ = filled(tmp_path, fill)
    rows = "[...document.querySelectorAll('.queue li')].filter((row) => row.getBoundingClientRect().bottom <= innerHeight).length"
    with served(without_kafka(tmp_path)) as url, signed_in(chromium, url, ANNA, password, java_script_enabled=False) as page:
        assert page.evaluate(rows) >= 15

        page.get_by_role("button", name="Show roomy rows").click()
        expect(page.get_by_role("button", name="Show compact rows")).to_be_visible()
        page.goto("/?tab=all")

        assert page.evaluate(rows) < 15
        page.get_by_role("button", name="Show compact rows").click()
        expect(page.get_by_role("button", name="Show roomy rows")).to_be_visible()
        assert page.evaluate(rows) >= 15
