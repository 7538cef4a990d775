"""Views above the queue: those that everybody has, and a person's own."""

import html
import re

import pytest

from services.review.cases.deciding import actions
from services.review.cases.queue import saved_view_store
from services.review.people.rules import Person, Role
from tests.pages.city import ANNA, BEN, SUE, Browser, City, hidden_fields
from tests.pages.conftest import SignIn


def views_of(page: str) -> dict[str, tuple[str, str]]:
    """By name: count and address."""
    bar = page[page.index('<nav class="views"') : page.index('<nav class="tabs"')]
    links = re.findall(r'<a href="([^"]*)"[^>]*><bdi>(.*?)</bdi>(?: <span class="count">(.*?)</span>)?', bar)
    return {html.unescape(name): (count, html.unescape(address)) for address, name, count in links}


async def saves(browser: Browser, address: str, name: str) -> str:
    """Saves the view of that address; returns where it leads."""
    page = (await browser.opens(address)).text
    answer = await browser.client.post("/views", data=hidden_fields(page[: page.index('<nav class="tabs"')]) | {"name": name})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def test_each_view_holds_as_many_cases_as_its_count_says(city: City, sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    await city.does(ANNA, await city.waiting_case(), actions.Claim())
    await city.waiting_case(hours_ago=2_000, request={"subject": "Forgotten"})
    await city.waiting_case(urgency="high", request={"subject": "Pressing"})
    await city.receives(outcome="needs_triage", confidence=0.3, request={"subject": "Unclear"})
    done = await city.waiting_case(hours_ago=2_000, urgency="high")
    await city.approves(ANNA, done)

    views = views_of((await anna.opens("/")).text)

    assert {name: count for name, (count, _) in views.items()} == {
        "Mine": "1",
        "Mentions": "0",
        "To sort": "1",
        "Urgent": "1",
        "Overdue": "1",
        "Second approval": "0",
        "By hand": "0",
        "Not delivered": "0",
    }
    for count, address in views.values():
        assert (await anna.opens(address)).text.count("data-case=") == int(count)


async def test_somebody_of_a_department_has_it_as_a_view(city: City, sign_in: SignIn) -> None:
    ben = await sign_in(BEN)
    await city.waiting_case()
    await city.receives(outcome="needs_triage", confidence=0.3, department="parks")

    assert views_of((await ben.opens("/")).text)["Streets and mobility"][0] == "1"


async def test_a_view_is_saved_under_a_name_renamed_and_deleted_without_scripts(city: City, sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    await city.waiting_case(urgency="high")
    await city.waiting_case()

    saved = await saves(anna, "/?tab=decide&urgency=high&category=street_lighting", "Dark streets")
    page = (await anna.opens(saved)).text
    assert "The view is saved" in page
    assert next(iter(views_of(page).items())) == ("Dark streets", ("1", "/?tab=decide&category=street_lighting&urgency=high"))

    view_id = re.search(r"/views/([0-9a-f-]+)/rename", page)
    assert view_id
    renamed = await anna.client.post(f"/views/{view_id.group(1)}/rename", data=hidden_fields(page) | {"name": "Lamps"})
    page = (await anna.opens(renamed.headers["location"])).text
    assert next(iter(views_of(page))) == "Lamps"

    deleted = await anna.client.post(f"/views/{view_id.group(1)}/delete", data=hidden_fields(page))
    assert "Lamps" not in views_of((await anna.opens(deleted.headers["location"])).text)


async def test_nobody_sees_or_touches_a_view_of_somebody_else(sign_in: SignIn) -> None:
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    page = (await anna.opens(await saves(anna, "/?tab=all&mine=true", "My own"))).text
    view_id = re.search(r"/views/([0-9a-f-]+)/rename", page)
    assert view_id

    theirs = (await sue.opens("/")).text
    assert "My own" not in views_of(theirs)
    for what in ("rename", "delete"):
        answer = await sue.client.post(f"/views/{view_id.group(1)}/{what}", data=hidden_fields(theirs) | {"name": "Mine now"})
        assert answer.status_code == 404
    assert "My own" in views_of((await anna.opens("/")).text)


@pytest.mark.parametrize(
    ("name", "filters", "said"),
    [
        ("", "tab=decide&mine=true", "say what the view is called"),
        ("x" * 61, "tab=decide&mine=true", "at most 60 characters"),
        ("Fine", "next=https://evil.example", "this is no view of the queue"),
        ("Fine", "tab=nonsense", "this is no view of the queue"),
    ],
)
async def test_what_is_no_view_is_refused_by_field(sign_in: SignIn, name: str, filters: str, said: str) -> None:
    anna = await sign_in(ANNA)
    csrf = hidden_fields((await anna.opens("/")).text)["csrf"]
    answer = await anna.client.post("/views", data={"csrf": csrf, "name": name, "filters": filters})
    assert answer.status_code == 422
    assert said in answer.text


async def test_a_name_is_taken_once_and_there_are_only_so_many(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_view_store, "MOST_SAVED", 2)
    anna = await sign_in(ANNA)
    csrf = hidden_fields((await anna.opens("/")).text)["csrf"]
    sent = [
        (await anna.client.post("/views", data={"csrf": csrf, "name": name, "filters": "tab=all&mine=true"})).status_code
        for name in ("One", "ONE", "Two", "Three")
    ]
    assert sent == [303, 409, 303, 409]


async def test_of_a_view_with_very_many_cases_only_so_many_are_counted(
    city: City, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_view_store, "MOST_COUNTED", 2)
    monkeypatch.setattr("services.review.cases.queue.saved_views.MOST_COUNTED", 2)
    anna = await sign_in(ANNA)
    for _ in range(3):
        await city.waiting_case(urgency="high")
    assert views_of((await anna.opens("/")).text)["Urgent"][0] == "1+"


async def test_a_hostile_name_is_only_a_name(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    page = (await anna.opens(await saves(anna, "/?tab=all&mine=true", '"><script>alert(1)</script>'))).text
    assert "<script>alert" not in page


async def test_unassigned_leaves_out_what_somebody_works_on(city: City, sign_in: SignIn) -> None:
    lee = await sign_in(Person("lee@city.example", "Lee", Role.CASEWORKER))
    await city.does(ANNA, await city.waiting_case(request={"subject": "Taken up"}), actions.Claim())
    await city.waiting_case(request={"subject": "Free"})
    page = (await lee.opens("/?tab=decide&unassigned=true")).text
    assert "Free" in page
    assert "Taken up" not in page
