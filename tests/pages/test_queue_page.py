"""The queue: what cannot wait first, tabs that count, filters that hold while paging."""

import re
from typing import Any

import pytest

from schemas.values import Urgency
from services.review.cases.deciding import actions
from services.review.cases.queue import queue_page
from tests.pages.city import ANNA, BEN, Browser, City
from tests.pages.conftest import SignIn


def subjects(page: str) -> list[str]:
    return [re.sub("</?mark>", "", subject) for subject in re.findall(r'<a href="/cases/[^"]+" dir="auto">(.*?)</a>', page)]


async def a_case(city: City, subject: str, **changes: Any) -> None:
    await city.waiting_case(request={"subject": subject}, **changes)


async def test_emergencies_come_first_and_overdue_is_said_in_words(anna: Browser, city: City) -> None:
    await a_case(city, "late", hours_ago=24 * 40)
    await a_case(city, "fresh")
    await a_case(city, "burning", urgency="emergency", hours_ago=1)
    await a_case(city, "whenever", urgency="low", hours_ago=24 * 60)

    page = (await anna.opens("/")).text

    assert subjects(page) == ["burning", "late", "fresh", "whenever"]
    assert page[page.index('<ol class="queue') :].count("Overdue") == 2
    assert "Emergency" in page


async def test_each_tab_counts_and_shows_its_states(anna: Browser, city: City) -> None:
    await a_case(city, "to decide")
    await city.receives(request={"subject": "to sort"}, outcome="needs_triage")
    await city.receives(request={"subject": "being drafted"})

    page = (await anna.opens("/")).text
    counts = re.findall(r">([A-Z][a-z ]+) <span class=\"count\">(\d+)<", page)

    assert {tab: count for tab, count in counts if count != "0"} == {
        "To sort": "1",
        "To decide": "1",
        "Being drafted": "1",
        "All open": "3",
        "All": "3",
    }
    assert subjects((await anna.opens("/?tab=sort")).text) == ["to sort"]
    assert subjects((await anna.opens("/?tab=drafting")).text) == ["being drafted"]


async def test_filters_narrow_the_list(anna: Browser, city: City) -> None:
    await a_case(city, "a lamp", urgency="high")
    await a_case(city, "a flat", category="housing", department="social")
    request_id = await city.waiting_case(request={"subject": "mine"})
    await city.does(ANNA, request_id, actions.Claim())

    async def shown(query: str) -> list[str]:
        return subjects((await anna.opens(f"/?tab=decide&{query}")).text)

    assert await shown("department=social&category=&urgency=&language=&q=") == ["a flat"]
    assert await shown("category=street_lighting&urgency=high") == ["a lamp"]
    assert await shown("q=FLAT") == ["a flat"]
    assert await shown("mine=true") == ["mine"]
    assert await shown("language=fr") == []


async def test_paging_goes_on_with_the_same_filters(anna: Browser, city: City, monkeypatch: Any) -> None:
    monkeypatch.setattr(queue_page, "LINES", 2)
    for number in range(5):
        await a_case(city, f"lamp {number}", hours_ago=10 - number)
    await a_case(city, "flat", category="housing", department="social")

    seen: list[str] = []
    path: str | None = "/?tab=decide&department=streets"
    while path:
        page = (await anna.opens(path)).text
        seen += subjects(page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        path = following.group(1).replace("&amp;", "&") if following else None

    assert seen == [f"lamp {number}" for number in range(5)]


async def test_a_caseworker_sees_their_departments_only(sign_in: SignIn, city: City) -> None:
    await a_case(city, "a lamp")
    await a_case(city, "a flat", category="housing", department="social")

    page = (await (await sign_in(BEN)).opens("/?tab=all")).text

    assert subjects(page) == ["a lamp"]
    assert "Housing and social services" not in page


async def test_an_empty_queue_says_so(anna: Browser) -> None:
    assert "No draft waits for a decision." in (await anna.opens("/")).text


async def test_danger_that_nobody_has_sorted_shows_from_the_tab_where_people_work(city: City, anna: Browser) -> None:
    await city.receives(outcome="needs_triage", urgency="emergency")
    await city.waiting_case()
    page = (await anna.opens("/")).text
    assert "To sort" in page
    assert "1 emergency" in page


async def test_an_empty_queue_says_what_is_on_its_way_and_looks_again(city: City, anna: Browser) -> None:
    empty = await anna.opens("/")
    assert "Nothing here." in empty.text
    assert "refresh" not in empty.headers
    await city.receives()
    waiting = await anna.opens("/")
    assert "1 on its way" in waiting.text
    assert waiting.headers["refresh"] == "4"


async def test_a_gas_leak_does_not_stand_behind_false_alarms(anna: Browser, city: City) -> None:
    for number in range(4):
        await a_case(city, f"false alarm {number}", urgency="emergency", danger=0.6, hours_ago=9 - number)
    await a_case(city, "gas leak", urgency="emergency", danger=0.97, hours_ago=1)
    await a_case(city, "late", hours_ago=24 * 40)

    for sort in ("urgency", "due", "received", "-received"):
        shown = subjects((await anna.opens(f"/?sort={sort}")).text)
        assert shown[0] == "gas leak"
        assert shown[-1] == "late"


async def test_paging_passes_no_emergency_over_and_shows_none_twice(anna: Browser, city: City, monkeypatch: Any) -> None:
    monkeypatch.setattr(queue_page, "LINES", 2)
    for number in range(3):
        await a_case(city, f"danger {number}", urgency="emergency", danger=0.9 - number / 10)
        await a_case(city, f"lamp {number}", hours_ago=10 - number)

    for sort in ("urgency", "due", "received", "-received"):
        seen: list[str] = []
        path: str | None = f"/?sort={sort}"
        while path:
            page = (await anna.opens(path)).text
            seen += subjects(page)
            following = re.search(r'href="([^"]+)" rel="next"', page)
            path = following.group(1).replace("&amp;", "&") if following else None
        assert seen[:3] == ["danger 0", "danger 1", "danger 2"]
        assert sorted(seen[3:]) == ["lamp 0", "lamp 1", "lamp 2"]


async def test_an_emergency_that_was_answered_gives_up_its_place(anna: Browser, city: City) -> None:
    await a_case(city, "still open", hours_ago=30)
    answered = await city.waiting_case(request={"subject": "answered"}, urgency="emergency", danger=0.99)
    await city.approves(ANNA, answered)
    await city.dispatches(answered)

    assert subjects((await anna.opens("/?tab=all&sort=received")).text) == ["still open", "answered"]


async def test_a_person_who_calls_it_an_emergency_is_surer_than_any_score(anna: Browser, city: City) -> None:
    await a_case(city, "scored", urgency="emergency", danger=0.99)
    raised = await city.waiting_case(request={"subject": "raised by Anna"})
    await city.does(ANNA, raised, actions.Correct(urgency=Urgency.EMERGENCY))

    assert subjects((await anna.opens("/?tab=all")).text)[0] == "raised by Anna"


async def test_the_filter_lists_the_languages_that_people_wrote_in_by_name(anna: Browser, city: City) -> None:
    await a_case(city, "lamp")
    for code in ("es", "ar", "es"):
        await a_case(city, code, language={"code": code, "confidence": 0.9})

    page = (await anna.opens("/")).text
    options = re.search(r'<select id="language".*?</select>', page, re.DOTALL)

    assert options
    assert re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)<', options.group()) == [
        ("", "Any"), ("ar", "Arabic"), ("en", "English"), ("es", "Spanish"),
    ]  # fmt: skip
    assert "Spanish" in page
    assert sorted(subjects((await anna.opens("/?language=es")).text)) == ["es", "es"]


async def test_what_was_looked_for_is_marked_and_counted_and_shown_where_it_stands(anna: Browser, city: City) -> None:
    citizen = {"name": "Zoë Quill", "phone": "+44 20 7946 0018"}
    body = "Good day. " + "Nothing of it. " * 40 + "There's a <b>Zugzwang</b> in L’Étoile street." + " Nothing more." * 40
    await city.waiting_case(request={"subject": "A lamp & more", "body": body, "citizen": citizen})
    await a_case(city, "another lamp")

    page = (await anna.opens("/?q=zugzwang+etoile")).text
    assert "One case holds these words." in page
    assert "&lt;b&gt;<mark>Zugzwang</mark>&lt;/b&gt; in L’<mark>Étoile</mark> street" in page
    assert "… " in page

    page = (await anna.opens("/?q=LAMP")).text
    assert "2 cases hold these words." in page
    assert "A <mark>lamp</mark> &amp; more" in page

    assert "Zoë Quill, <mark>+44 20 7946 0018</mark>" in (await anna.opens("/?q=02079460018")).text
    page = (await anna.opens("/?q=%22%28*")).text
    assert "No case here holds these words." in page
    assert subjects(page) == []


async def test_previous_leads_back_and_tabs_count_what_fits_the_filters(anna: Browser, city: City, monkeypatch: Any) -> None:
    monkeypatch.setattr(queue_page, "LINES", 2)
    for number in range(5):
        await a_case(city, f"lamp {number}", hours_ago=10 - number)
    await a_case(city, "flat", category="housing", department="social")

    first = (await anna.opens("/?department=streets")).text
    assert 'rel="prev"' not in first
    assert re.search(r'To decide <span class="count">5</span>', first)
    assert re.search(r'All <span class="count">5</span>', first)
    second = (await anna.opens(address(first, "next"))).text
    third = (await anna.opens(address(second, "next"))).text
    assert subjects((await anna.opens(address(third, "prev"))).text) == subjects(second)
    back = (await anna.opens(address((await anna.opens(address(third, "prev"))).text, "prev"))).text
    assert subjects(back) == subjects(first)
    assert 'rel="prev"' not in back

    assert re.search(r'To decide <span class="count">1</span>', (await anna.opens("/?q=flat")).text)
    assert re.search(r'To decide <span class="count">0</span>', (await anna.opens("/?mine=true")).text)


def address(page: str, rel: str) -> str:
    link = re.search(rf'href="([^"]+)" rel="{rel}"', page)
    assert link, rel
    return link.group(1).replace("&amp;", "&")


async def test_a_search_says_what_other_lists_hold_and_counts_the_emergencies_that_it_finds(anna: Browser, city: City) -> None:
    await a_case(city, "lamp to decide")
    burning = await city.waiting_case(request={"subject": "burning lamp"}, urgency="emergency")
    await city.receives(request={"subject": "gas leak", "body": "It smells of gas."}, outcome="needs_triage", urgency="emergency")
    sent = await city.waiting_case(request={"subject": "lamp answered"})
    await city.approves(ANNA, sent)
    await city.dispatches(sent)

    page = (await anna.opens("/?tab=sort&q=lamp")).text
    told = page.partition('class="hits"')[2].partition("</p>")[0]
    assert "No case here holds these words" in told
    assert re.findall(r"tab=([\w-]+)[^>]*>[^<(]+ \((\d+)\)", told) == [("decide", "2"), ("sent", "1")]
    tabs = page.partition('class="tabs"')[2].partition("</nav>")[0]
    assert tabs.count("1 emergency") == 1, "the gas leak is none of what was looked for"

    page = (await anna.opens("/?tab=all&q=lamp")).text
    assert "In other lists" not in page, "all of them stand here"
    page = (await anna.opens("/?tab=decide")).text
    assert "In other lists" not in page
    assert page.partition('class="tabs"')[2].partition("</nav>")[0].count("1 emergency") == 2, "without a search danger shows from any list"
    assert (await city.case(burning)).danger


@pytest.mark.parametrize("query", ["category=housing", "department=social", "mine=true", "urgency=normal", "overdue=true"])
async def test_a_tab_counts_no_emergency_that_its_filters_leave_out(anna: Browser, city: City, query: str) -> None:
    await a_case(city, "gas leak", urgency="emergency", hours_ago=0.1)
    await a_case(city, "flat", category="housing", department="social", hours_ago=0.1)

    async def tabs(query: str) -> str:
        return (await anna.opens(f"/?{query}")).text.partition('class="tabs"')[2].partition("</nav>")[0]

    assert "emergency" not in await tabs(query)
    for fitting in ("", "category=street_lighting", "urgent=true", "unassigned=true", "urgency=emergency"):
        assert 'To decide <span class="count">' in await tabs(fitting)
        assert "1 emergency" in await tabs(fitting), fitting
