"""The session's cookie by https, and forms that only our own pages can send."""

import httpx
import pytest

from services.runtime.base_url import PublicAddress
from tests.pages.city import ANNA, Browser, City, hidden_fields


@pytest.fixture
async def safe_city(city: City) -> City:
    """Where people come by https."""
    city.app.state.settings = city.app.state.settings.model_copy(update={"secure_cookies": True})
    return city


async def test_by_https_the_session_is_a_cookie_that_no_other_host_can_set(safe_city: City) -> None:
    password = (await safe_city.hires(ANNA))[ANNA.email]
    browser = Browser(safe_city)
    browser.client.base_url = httpx.URL("https://city.test")

    back = await browser.signs_in(ANNA.email, password)

    [session] = [cookie for cookie in back.headers.get_list("set-cookie") if "parvis_session" in cookie]
    assert session.startswith("__Host-parvis_session=")
    assert all(word in session for word in ("; Secure", "; HttpOnly", "; Path=/"))
    assert "domain" not in session.lower()
    assert (await browser.client.get("/")).status_code == 200


async def test_by_https_an_old_session_is_not_read_and_taken_away(city: City, anna: Browser) -> None:
    kept = anna.client.cookies["parvis_session"]
    city.app.state.settings = city.app.state.settings.model_copy(update={"secure_cookies": True})

    answer = await anna.client.get("/", headers={"cookie": f"parvis_session={kept}; parvis_form=word"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    dropped = answer.headers.get_list("set-cookie")
    assert [cookie.partition(";")[0] for cookie in dropped] == ['parvis_session=""', 'parvis_form=""']
    assert all("Max-Age=0" in cookie for cookie in dropped)


async def test_a_form_from_elsewhere_is_refused_though_the_host_says_the_same(city: City) -> None:
    city.app.state.address = PublicAddress("https://parvis.city.example")
    browser = Browser(city)
    hidden = hidden_fields((await browser.client.get("/login")).text)

    for origin, status in (("https://evil.example", 403), ("http://city.test", 403), ("https://parvis.city.example", 401)):
        sent = await browser.client.post("/login", data=hidden | {"email": "x@city.example", "password": "x"}, headers={"origin": origin})
        assert sent.status_code == status, origin
