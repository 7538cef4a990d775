"""Figures of the reply at a real browser: marked at their places, followed while somebody writes, and looked at one by one by key."""

from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import expect

from services.review.cases.case_state import State
from services.review.safeguards import store as safeguards
from services.review.safeguards.rules import Change
from services.runtime import clock
from tests.pages.city import ADA, ANNA, City
from tests.pages.desks import PATIENCE_MS, Desk, chromium, review

pytestmark = pytest.mark.browser

MARKED = "name => [...(CSS.highlights.get(name) ?? [])].map(range => range.toString())"


async def filled(city: City) -> tuple[str, UUID]:
    password = (await city.hires(ANNA))[ANNA.email]
    async with city.commands.database.transaction() as session:
        change = Change("look_at_figures", why="a wrong date is read over")
        await safeguards.change(session, change, ADA.email, clock.now(), city.commands.taxonomy.names)
    return password, await city.waiting_case()


def test_figures_are_marked_where_they_stand_followed_while_writing_and_looked_at_by_key(tmp_path: Path, screenshots: Path) -> None:
    with review(tmp_path) as server:
        password, case = server.run(filled)
        with chromium() as browser:
            anna = Desk(browser, server, ANNA, password)
            anna.signs_in()
            anna.opens(case)
            page = anna.page
            assert page.evaluate(MARKED, "figure-open") == ["fifteen working days"]
            assert page.evaluate(MARKED, "figure-sourced") == ["five working days"]

            body = anna.box("body")
            body.click()
            body.press("Control+End")
            page.keyboard.type(" It costs €40 until 3 May 2026.")
            ticks = page.locator("[data-figures] input[name=looked_at]")
            expect(ticks).to_have_count(3, timeout=PATIENCE_MS)
            assert page.evaluate("document.activeElement.id") == "body", "the focus stays where somebody writes"
            assert "€40" in page.evaluate(MARKED, "figure-open")
            page.screenshot(path=screenshots / "figures_in_the_editor.png")

            ticks.first.check()
            body.press("Control+End")
            page.keyboard.type(" And €7.")
            expect(ticks).to_have_count(4, timeout=PATIENCE_MS)
            expect(ticks.first).to_be_checked()

            page.keyboard.press("Escape")
            for number in range(3):
                page.keyboard.press("f")
                expect(ticks.nth(number + 1)).to_be_focused()
                assert len(page.evaluate(MARKED, "figure-current")) == 1
                page.keyboard.press("Space")
            page.get_by_role("button", name="Approve and send").click()
            page.wait_for_url(lambda url: "flash=approved" in url or "decided=" in url)
        assert server.run(lambda city: city.case(case)).state is State.APPROVED
