"""Supervisors look at pictures of a period: each bar leads to its cases, each picture has its numbers as a table and as CSV."""

import html
import re
from datetime import timedelta

import pytest

from services.review.cases.deciding.actions import Approve, Correct, Recall, Reject
from services.review.people.rules import Person, Role
from services.runtime import clock
from tests.pages.city import ANNA, SUE, Browser, City
from tests.pages.conftest import SignIn

STREETS = Person("sam@city.example", "Sam Reyes", Role.SUPERVISOR, ("streets",))
HARBOUR = Person("hana@city.example", "Hana Ito", Role.SUPERVISOR, (), ("harbour",))


@pytest.fixture
async def busy_city(city: City) -> City:
    """Three lamps, answered, edited and rejected; one lamp that is noise; a letter of another department and of another agency."""
    await city.hires(ANNA)
    lamps = [await city.waiting_case() for _ in range(3)]
    await city.approves(ANNA, lamps[0])
    draft = (await city.case(lamps[1])).draft
    assert draft
    await city.does(ANNA, lamps[1], Approve(draft.draft_id, "About your lamp", "It is repaired."))
    await city.does(ANNA, lamps[2], Reject("says nothing"))
    noise = await city.waiting_case(request={"subject": "The bar below"})
    await city.does(ANNA, noise, Correct(category="noise_nuisance"))
    await city.waiting_case(category="housing", department="social")
    await city.waiting_case(request={"agency": "harbour"}, agency="harbour")
    await city.adds_up()
    return city


def _links(page: str, label: str) -> list[str]:
    """The addresses of bars whose words begin so."""
    return [html.unescape(address) for address in re.findall(rf'<a href="([^"]*)"[^>]*aria-label="{label}[^"]*"', page)]


def _rows(page: str) -> int:
    return len(re.findall(r'<li class="[a-z]+" id="case-', page))


async def test_each_bar_leads_to_the_cases_that_it_counts(sign_in: SignIn, busy_city: City) -> None:
    sue = await sign_in(SUE)
    page = (await sue.opens("/quality/pictures")).text

    outcomes = dict(re.findall(r'aria-label="[^"]*: (As drafted|Edited|Rejected), (\d)', page))
    assert outcomes == {"As drafted": "1", "Edited": "1", "Rejected": "1"}
    now = clock.now().astimezone(busy_city.commands.taxonomy.zone)
    today, yesterday = now.strftime("%-d %b"), (now - timedelta(days=1)).strftime("%-d %b")
    # What came three hours ago came yesterday, early in the morning.
    bars = [bar for day in (yesterday, today) for bar in _links(page, f"{day}: ")[:1]]
    assert 6 in [_rows((await sue.opens(bar)).text) for bar in bars]
    for bar in _links(page, f"{today}: (?:As drafted|Edited|Rejected)"):
        assert _rows((await sue.opens(bar)).text) == 1


@pytest.mark.usefixtures("busy_city")
async def test_what_the_classifier_said_against_what_people_made_of_it(sign_in: SignIn) -> None:
    sue = await sign_in(SUE)
    page = " ".join((await sue.opens("/quality/pictures")).text.split())

    assert "Of 3 cases 1 were sorted otherwise (33&#8239;%)" in page
    cell = re.search(r'<td class="shade-4"><a href="([^"]*)">1<', page)
    assert cell
    shown = (await sue.opens(html.unescape(cell[1]))).text
    assert _rows(shown) == 1
    assert "The bar below" in shown
    assert "The classifier said Street lighting" in shown
    csv = (await sue.opens("/quality/pictures/overruled.csv")).text.splitlines()
    assert csv == ["classified,now,cases", "street_lighting,noise_nuisance,1", "street_lighting,street_lighting,2"]
    curve = (await sue.opens("/quality/pictures/sureness.csv")).text.splitlines()
    assert curve[1].startswith("0.9,1.0,3,2,0.94,0.6667,")


async def test_a_recalled_approval_leaves_its_day(sign_in: SignIn, busy_city: City) -> None:
    sue = await sign_in(SUE)
    request_id = await busy_city.waiting_case()
    await busy_city.approves(ANNA, request_id)
    await busy_city.adds_up()
    before = (await sue.opens("/quality/pictures/outcome.csv")).text.splitlines()[-1]
    await busy_city.does(ANNA, request_id, Recall())
    await busy_city.adds_up()
    after = (await sue.opens("/quality/pictures/outcome.csv")).text.splitlines()[-1]
    assert (before[-5:], after[-5:]) == ("2,1,1", "1,1,1")


@pytest.mark.usefixtures("busy_city")
async def test_figures_are_those_of_ones_own_departments_and_agencies(sign_in: SignIn) -> None:
    counted = {}
    for person in (SUE, STREETS, HARBOUR):
        browser = await sign_in(person)
        lines = (await browser.opens("/quality/pictures/received.csv?by=category")).text.splitlines()[1:]
        counted[person.name] = {line.split(",")[0]: int(line.rsplit(",", 1)[1]) for line in lines}
    assert counted == {
        SUE.name: {"street_lighting": 4, "housing": 1, "noise_nuisance": 1},
        STREETS.name: {"street_lighting": 4},
        HARBOUR.name: {"street_lighting": 1},
    }
    assert await _total(browser, "agency=city") == 0


async def _total(browser: Browser, query: str) -> int:
    lines = (await browser.opens(f"/quality/pictures/received.csv?{query}")).text.splitlines()[1:]
    return sum(int(line.rsplit(",", 1)[1]) for line in lines)


@pytest.mark.usefixtures("busy_city")
async def test_filters_leave_the_cases_that_they_name(sign_in: SignIn) -> None:
    sue = await sign_in(SUE)
    totals = [await _total(sue, query) for query in ("", "agency=harbour", "department=social", "category=noise_nuisance", "language=fr")]
    assert totals == [6, 1, 1, 1, 0]
    yesterday = (clock.now() - timedelta(days=3)).date()
    assert await _total(sue, f"first={yesterday}&last={yesterday}") == 0


@pytest.mark.parametrize("query", ["first=2026-03-02&last=2026-03-01", "first=2020-01-01&last=2026-01-01", "first=0001-01-01", "by=person"])
async def test_what_is_no_period_is_refused_with_a_word(sign_in: SignIn, query: str) -> None:
    assert (await (await sign_in(SUE)).opens(f"/quality/pictures?{query}")).status_code == 422


async def test_a_hostile_category_is_only_text(sign_in: SignIn, city: City) -> None:
    await city.receives(category="=1+1", language={"code": "en", "confidence": 0.9})
    await city.adds_up()
    sue = await sign_in(SUE)
    assert "'=1+1," in (await sue.opens("/quality/pictures/received.csv?by=category")).text


async def test_caseworkers_see_no_figures(anna: Browser) -> None:
    assert (await anna.opens("/quality/pictures")).status_code == 403
    assert (await anna.opens("/quality/pictures/received.csv")).status_code == 403
