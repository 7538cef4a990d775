"""A rising group shows by itself in a queue that is open, and a group is answered with the keyboard alone."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from services.review.cases.case_state import State
from tests.pages.city import ANNA, City, without_kafka
from tests.pages.keyboard import filled, served, signed_in, started
from tests.pages.outage import grouped, outage, writes

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with started() as browser:
        yield browser


async def three_reports(city: City) -> tuple[str, UUID, list[UUID]]:
    password = (await city.hires(ANNA))[ANNA.email]
    group_id, cases = await outage(city, "Ann Lee", "Bob Hay", "Cem Kaya")
    return password, group_id, cases


def test_a_group_that_begins_to_rise_shows_in_an_open_queue(chromium: Chromium, tmp_path: Path) -> None:
    async def one_more(city: City) -> None:
        await writes(city, "Dee Orr")
        await grouped(city)

    password, _, _ = filled(tmp_path, three_reports)
    with served(without_kafka(tmp_path)) as url, signed_in(chromium, url, ANNA, password) as page:
        page.clock.install()
        page.goto("/")
        expect(page.get_by_text("Many write about the same")).to_have_count(0)
        filled(tmp_path, one_more)
        page.clock.fast_forward(60_000)
        expect(page.get_by_text("4 people in the last hour")).to_be_visible()


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["wide", "narrow"])
def test_a_group_is_answered_and_taken_back_by_keyboard(chromium: Chromium, tmp_path: Path, size: tuple[int, int]) -> None:
    password, group_id, cases = filled(tmp_path, three_reports)
    with served(without_kafka(tmp_path)) as url, signed_in(chromium, url, ANNA, password, size=size) as page:
        page.goto(f"/groups/{group_id}")
        page.get_by_role("button", name="Show each reply").press("Enter")
        expect(page.locator(".member .reply mark").first).to_have_text("Ann Lee,")
        page.get_by_role("checkbox", name="Send this reply bob@example.org").press("Space")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        page.get_by_role("button", name="Approve the ticked replies").press("Enter")
        expect(page.get_by_role("heading", name="Approved: 2 of 2")).to_be_visible()
        expect(page.get_by_role("button", name="Undo the ticked ones")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Undone: 2 of 2")).to_be_visible()

    async def states(city: City) -> set[State]:
        return {(await city.case(request_id)).state for request_id in cases}

    assert filled(tmp_path, states) == {State.AWAITING_APPROVAL}
