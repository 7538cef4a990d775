"""Errors as pages for browsers and as problem details for programs, and what every answer tells a browser."""

import pytest

from tests.pages.city import Browser, City


async def test_a_browser_gets_a_page_and_a_program_problem_details(anna: Browser) -> None:
    path = "/cases/1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"

    page = await anna.opens(path)
    told = await anna.client.get(path, headers={"accept": "application/json"})

    assert (page.status_code, told.status_code) == (404, 404)
    assert page.headers["content-type"].startswith("text/html")
    assert "There is nothing here" in page.text
    assert told.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/cases/not-an-id", 422), ("/?tab=bogus", 422), ("/?cursor=broken", 422)])
async def test_what_is_mistyped_in_the_address_is_answered_by_a_page(anna: Browser, path: str, status: int) -> None:
    page = await anna.opens(path)

    assert page.status_code == status
    assert "To the start page" in page.text


async def test_a_bug_is_a_page_that_says_nothing_of_the_inside(anna: Browser, city: City) -> None:
    city.app.state.commands = None

    page = await anna.opens("/")

    assert page.status_code == 500
    assert "Something went wrong" in page.text
    assert "NoneType" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_pages_are_kept_nowhere_and_run_no_foreign_script(anna: Browser) -> None:
    page = await anna.opens("/")
    sheet = await anna.opens("/static/parvis.css")

    assert page.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert " style=" not in page.text
    assert " onclick=" not in page.text
    assert (sheet.status_code, sheet.headers["cache-control"]) == (200, "public, max-age=86400")


async def test_an_unknown_flash_says_nothing(anna: Browser) -> None:
    page = await anna.opens("/?flash=Send+your+password+to+evil.example")

    assert page.status_code == 200
    assert "evil.example" not in page.text


@pytest.mark.parametrize(
    ("path", "advice"),
    [("/nowhere", "search for the case number"), ("/ops", "ask an administrator"), ("/?tab=bogus", "put right what is named")],
)
async def test_an_error_page_keeps_the_navigation_and_says_what_to_do(anna: Browser, path: str, advice: str) -> None:
    page = (await anna.opens(path)).text

    assert '<a href="/">Queue</a>' in page
    assert "Anna Miller" in page
    assert advice in page


async def test_who_is_not_signed_in_sees_no_navigation_on_an_error_page(city: City) -> None:
    page = await Browser(city).opens("/nowhere")

    assert page.status_code == 404
    assert "Queue</a>" not in page.text
