"""The pages speak the language of whoever reads them."""

import pytest

from services.runtime.message_catalogues import preferred, supported
from tests.pages.city import ANNA, Browser, City, hidden_fields


async def test_the_sign_in_page_speaks_what_the_browser_asks_for(city: City) -> None:
    browser = Browser(city)

    french = (await browser.client.get("/login", headers={"accept-language": "fr-CH, fr;q=0.9, en;q=0.8"})).text
    english = (await browser.client.get("/login", headers={"accept-language": "sv, en;q=0.5"})).text

    assert '<html lang="fr">' in french
    assert "Se connecter" in french
    assert '<html lang="en">' in english
    assert "Sign in" in english


async def test_two_people_at_once_read_each_their_own(city: City) -> None:
    anna, ben = Browser(city), Browser(city)
    anna.client.headers["accept-language"] = "fr"

    pages = [(await browser.opens("/login")).text for browser in (anna, ben, anna, ben)]

    assert ["Se connecter" in page for page in pages] == [True, False, True, False]


async def test_the_language_chosen_at_the_sign_in_page_stays(city: City) -> None:
    browser = Browser(city)
    browser.client.headers["accept-language"] = "en"

    await browser.opens("/login?language=fr")

    assert '<html lang="fr">' in (await browser.opens("/login")).text
    assert '<html lang="fr">' in (await browser.opens("/login?language=%22><script>")).text


async def test_the_language_chosen_in_the_account_holds_on_every_page(city: City) -> None:
    password = (await city.hires(ANNA))[ANNA.email]
    browser = Browser(city)
    await browser.signs_in(ANNA.email, password)

    form = hidden_fields((await browser.opens("/account")).text)
    chosen = await browser.client.post("/account/language", data={"csrf": form["csrf"], "language": "fr"})

    assert chosen.status_code == 303
    assert "désormais en français" in (await browser.opens(chosen.headers["location"])).text
    assert "Se déconnecter" in (await browser.opens("/")).text
    assert "Sign out" not in (await browser.opens("/cases/there-is-none")).text


async def test_language_and_zone_follow_the_person_to_another_browser(city: City) -> None:
    password = (await city.hires(ANNA))[ANNA.email]
    here, elsewhere = Browser(city), Browser(city)
    await here.signs_in(ANNA.email, password)
    form = {"csrf": hidden_fields((await here.opens("/account")).text)["csrf"], "language": "fr"}

    refused = await here.client.post("/account/language", data=form | {"time_zone": "Atlantis/Center"})
    await here.client.post("/account/language", data=form | {"time_zone": "America/Toronto"})
    await elsewhere.signs_in(ANNA.email, password)

    assert refused.status_code == 422
    account = (await elsewhere.opens("/account")).text
    assert '<html lang="fr">' in account
    assert "<option selected>America/Toronto</option>" in account
    assert "UTC−" in account
    assert "Langue et fuseau horaire choisis" in account


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("fr", "fr"),
        ("FR-ca;q=0.3, en-GB;q=0.2", "fr"),
        ("de, fr;q=0.1, en;q=0", "fr"),
        ("en;q=nonsense, fr;q=0.2", "fr"),
        ("*", None),
        ("", None),
        ("f" * 10_000, None),
    ],
)
def test_what_a_browser_likes_best(asked: str, language: str | None) -> None:
    assert preferred(asked) == language


def test_a_language_that_we_do_not_have_is_none() -> None:
    assert [supported(code) for code in ("fr-FR", "frp", "", None, "../en")] == ["fr", None, None, None, None]
