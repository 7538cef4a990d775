"""What a newcomer looks for stands at the top of every page, also on a telephone, and the queue begins soon after it."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from services.review.people.rules import Person
from tests.pages import desks
from tests.pages.city import ANNA, OLE, SUE, Browser, City, without_kafka
from tests.pages.conftest import SignIn

FOR_CASEWORK = {"/second-look": "Second look", "/safeguards": "Safeguards", "/practice": "Practice"}
PRACTICE = "https://practice.city.example"


def navigation(page: str) -> str:
    return page.partition('<nav aria-label="Main">')[2].partition("</nav>")[0]


@pytest.mark.parametrize("person", [ANNA, SUE], ids=lambda person: person.role)
async def test_who_works_on_cases_finds_second_looks_the_rules_and_practice_at_the_top(city: City, sign_in: SignIn, person: Person) -> None:
    browser = await sign_in(person)
    links = navigation((await browser.opens(f"/cases/{await city.waiting_case()}")).text)
    for address, name in FOR_CASEWORK.items():
        assert f'<a href="{address}">{name}</a>' in links
        page = await browser.opens(address)
        assert page.status_code == 200
        assert f'<a href="{address}" aria-current="page">{name}</a>' in navigation(page.text)


async def test_who_runs_the_machines_is_offered_no_letters(sign_in: SignIn) -> None:
    links = navigation((await (await sign_in(OLE)).opens("/ops")).text)
    assert "/safeguards" in links
    assert "/second-look" not in links
    assert "/practice" not in links


async def test_practice_leads_to_its_own_address_and_says_whom_to_ask_where_there_is_none(anna: Browser, tmp_path: Path) -> None:
    assert "Ask whoever runs Parvis" in (await anna.opens("/practice")).text
    there = without_kafka(tmp_path, practice_url=PRACTICE)
    anna.client._transport.app = there  # type: ignore[attr-defined]
    answer = await anna.opens("/practice")
    await there.state.database.close()
    assert (answer.status_code, answer.headers["location"]) == (303, PRACTICE)


@pytest.mark.browser
def test_on_a_telephone_the_first_case_is_in_sight_and_filters_unfold(tmp_path_factory: pytest.TempPathFactory) -> None:
    async def fill(city: City) -> dict[str, str]:
        for number in range(8):
            await city.waiting_case(request={"subject": f"Lamp {number}"}, urgency="high" if number else "emergency")
        await city.receives(outcome="needs_triage")
        return await city.hires(ANNA)

    with desks.review(tmp_path_factory.mktemp("phone")) as server, desks.chromium() as browser:
        desk = desks.Desk(browser, server, ANNA, server.run(fill)[ANNA.email])
        desk.signs_in()
        page = desk.page
        expect(page.locator("#department")).to_be_visible()
        expect(page.locator(".more summary")).to_be_hidden()
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto("/")
        first = page.locator(".queue li").first.bounding_box()
        assert first
        assert first["y"] < 400
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        expect(page.locator("#department")).to_be_hidden()
        page.get_by_text("Filters and order").click()
        page.locator("#urgency").select_option("emergency")
        page.get_by_role("button", name="Show", exact=True).click()
        expect(page.locator(".queue li")).to_have_count(1)
        expect(page.locator(".more .count")).to_have_text("1")
