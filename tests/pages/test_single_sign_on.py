"""Signing in by the word of a real OpenID Connect provider, and what it takes to get in by a lie."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import Response
from pydantic import SecretStr, ValidationError

from services.review.audit import store as audit
from services.review.people import store
from services.review.people.rules import EVERYTHING, Role
from services.review.people.single_sign_on import identity_store, provider
from services.review.people.single_sign_on.identity import NotSignedOn
from services.runtime import clock
from services.runtime.settings import OidcSettings
from tests.harness.identity_provider import SECRET, IdentityProvider, Lie
from tests.harness.ports import free_port
from tests.pages.city import ADA, ANNA, BEN, Browser, City, hidden_fields, without_kafka

START = "/login/single-sign-on"


@pytest.fixture
def hall() -> Iterator[IdentityProvider]:
    with IdentityProvider() as hall:
        hall.knows("anna-1", email=ANNA.email, email_verified=True)
        yield hall


async def city_with(folder: Path, hall: IdentityProvider, **more: object) -> City:
    """A city hall whose people sign in there."""
    oidc = OidcSettings(issuer=hall.issuer, client_id="parvis", client_secret=SecretStr(SECRET), name="City login", **more)  # type: ignore[arg-type]
    return City(without_kafka(folder, oidc=oidc, public_url="http://city.test"))


@pytest.fixture
async def city(tmp_path: Path, hall: IdentityProvider) -> AsyncIterator[City]:
    city = await city_with(tmp_path, hall)
    yield city
    await city.app.state.database.close()


async def signs_on(browser: Browser, hall: IdentityProvider, subject: str, start: str = START) -> Response:
    """Follows the button, signs in at the provider, and comes back."""
    away = await browser.opens(start)
    assert away.status_code == 303, away.text
    return await browser.opens(hall.signs_in(away.headers["location"], subject))


async def log_of(city: City) -> list[audit.Entry]:
    async with city.commands.database.reading() as session:
        return [entry for _, entry in await audit.page(session, actor=None, before=None, limit=100)]


async def test_anna_signs_in_at_the_city_and_stands_where_she_wanted_to_go(city: City, hall: IdentityProvider) -> None:
    await city.hires(ANNA)
    request_id = await city.waiting_case()
    browser = Browser(city)
    page = (await browser.opens(f"/login?next=/cases/{request_id}")).text
    assert "Sign in with City login" in page
    assert 'name="password"' in page

    back = await signs_on(browser, hall, "anna-1", f"{START}?next=/cases/{request_id}")

    assert (back.status_code, back.headers["location"]) == (303, f"/cases/{request_id}")
    assert (await browser.opens(f"/cases/{request_id}")).status_code == 200
    actions = {entry.action: entry.detail for entry in await log_of(city)}
    assert actions["signed in"]["by"] == "single sign-on"
    assert actions["identity linked"] == {"email": ANNA.email, "issuer": hall.issuer, "subject": "anna-1"}


async def test_a_password_that_was_given_for_once_is_nothing_to_whoever_signs_on(city: City, hall: IdentityProvider) -> None:
    async with city.commands.database.transaction() as session:
        await store.add_person(session, ANNA.email, ANNA.role, clock.now(), must_change=True)
    browser = Browser(city)
    await signs_on(browser, hall, "anna-1")

    assert (await browser.opens("/")).status_code == 200


async def test_once_linked_the_subject_counts_and_no_longer_the_address(city: City, hall: IdentityProvider) -> None:
    await city.hires(ANNA, BEN)
    await signs_on(Browser(city), hall, "anna-1")

    hall.knows("anna-1", email=BEN.email, email_verified=True)
    browser = Browser(city)
    await signs_on(browser, hall, "anna-1")
    assert ANNA.name in (await browser.opens("/")).text

    hall.knows("stranger", email=ANNA.email, email_verified=True)
    stranger = await signs_on(Browser(city), hall, "stranger")
    assert stranger.status_code == 403
    assert "belongs to another account of City login" in stranger.text
    [entry] = [entry for entry in await log_of(city) if entry.action == "sign-in refused"]
    assert (entry.detail["why"], entry.detail["subject"]) == ("taken", "stranger")


async def test_an_administrator_unlinks_whoever_got_a_new_account(city: City, hall: IdentityProvider) -> None:
    word = (await city.hires(ANNA, ADA))[ADA.email]
    anna, ada = Browser(city), Browser(city)
    await signs_on(anna, hall, "anna-1")
    await ada.signs_in(ADA.email, word)
    page = (await ada.opens(f"/admin/people/{ANNA.email}")).text
    assert "They sign in by single sign-on" in page

    assert (await ada.client.post(f"/admin/people/{ANNA.email}/unlink", data=hidden_fields(page))).status_code == 303

    assert (await anna.opens("/")).status_code == 303
    hall.knows("anna-2", email=ANNA.email, email_verified=True)
    assert (await signs_on(anna, hall, "anna-2")).status_code == 303
    assert (await signs_on(Browser(city), hall, "anna-1")).status_code == 403


@pytest.mark.parametrize("verified", [False, None, "true", "false", 1])
async def test_an_address_that_nobody_verified_links_nobody(city: City, hall: IdentityProvider, verified: object) -> None:
    await city.hires(ANNA)
    hall.knows("stranger", email=ANNA.email, **({} if verified is None else {"email_verified": verified}))

    refused = await signs_on(Browser(city), hall, "stranger")

    assert refused.status_code == 403
    assert "did not confirm your e-mail address" in refused.text
    assert "parvis_session" not in str(refused.headers.get_list("set-cookie"))


async def test_who_was_not_added_or_was_removed_is_told_whom_to_ask(city: City, hall: IdentityProvider) -> None:
    nobody = await signs_on(Browser(city), hall, "anna-1")
    assert (nobody.status_code, "nobody has added you here" in nobody.text) == (403, True)

    await city.hires(ANNA)
    browser = Browser(city)
    await signs_on(browser, hall, "anna-1")
    async with city.commands.database.transaction() as session:
        await store.remove_person(session, ANNA.email, clock.now())
    assert (await browser.opens("/")).status_code == 303
    assert (await signs_on(Browser(city), hall, "anna-1")).status_code == 403


LIES: list[Lie] = ["nonce", "audience", "expired", "unsigned", "by the client's secret", "by another key"]


@pytest.mark.parametrize("lie", LIES)
async def test_a_token_that_is_not_for_this_sign_in_opens_nothing(city: City, hall: IdentityProvider, lie: Lie) -> None:
    await city.hires(ANNA)
    browser = Browser(city)
    away = await browser.opens(START)
    there = hall.signs_in(away.headers["location"], "anna-1")

    hall.lie = lie
    refused = await browser.opens(there)

    assert refused.status_code == 502
    assert "can’t be trusted" in refused.text
    assert (await browser.opens("/")).status_code == 303
    [entry] = [entry for entry in await log_of(city) if entry.action == "sign-in refused"]
    assert entry.detail["why"] == "untrusted"


@pytest.mark.parametrize(("lie", "status"), [("redirects", 503), ("huge", 503), ("hangs", 503), ("nonsense", 502), ("issuer", 502)])
async def test_a_provider_that_answers_badly_is_told_of_and_passwords_still_work(
    city: City, hall: IdentityProvider, lie: Lie, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "LONGEST_WAIT", 0.5)
    password = (await city.hires(ANNA))[ANNA.email]
    hall.lie = lie
    browser = Browser(city)

    refused = await browser.opens(f"{START}?next=/account")

    assert refused.status_code == status
    assert hidden_fields(refused.text)["next"] == "/account"
    assert "/elsewhere" not in hall.asked
    assert (await browser.signs_in(ANNA.email, password)).status_code == 303


async def test_a_provider_that_is_away_is_told_of(tmp_path: Path) -> None:
    oidc = OidcSettings(issuer=f"http://127.0.0.1:{free_port()}", client_id="parvis", name="City login")
    city = City(without_kafka(tmp_path, oidc=oidc, public_url="http://city.test"))

    refused = await Browser(city).opens(START)

    assert refused.status_code == 503
    assert "City login does not answer" in refused.text
    await city.app.state.database.close()


async def test_the_way_back_leads_in_once_and_only_the_browser_that_left(city: City, hall: IdentityProvider) -> None:
    await city.hires(ANNA)
    anna, thief = Browser(city), Browser(city)
    away = await anna.opens(START)
    cookie = anna.client.cookies["parvis_single_sign_on"]
    there = hall.signs_in(away.headers["location"], "anna-1")

    await thief.opens(START)
    stolen = await thief.opens(there)
    assert (stolen.status_code, "in another window or browser" in stolen.text) == (401, True)
    assert (await anna.opens(there)).status_code == 303

    asked = len(hall.asked)
    again = await Browser(city).client.get(there, headers={"cookie": f"parvis_single_sign_on={cookie}"})
    assert again.status_code == 401
    assert len(hall.asked) == asked, "a way back that was used asks the provider nothing"


async def test_a_code_of_another_sign_in_is_refused(city: City, hall: IdentityProvider) -> None:
    """Somebody puts their own code into Anna's way back, so that she works in their name."""
    await city.hires(ANNA, BEN)
    hall.knows("ben-1", email=BEN.email, email_verified=True)
    anna, ben = Browser(city), Browser(city)
    bens = hall.signs_in((await ben.opens(START)).headers["location"], "ben-1")
    hers = parse_qs(urlsplit(hall.signs_in((await anna.opens(START)).headers["location"], "anna-1")).query)
    [code] = parse_qs(urlsplit(bens).query)["code"]

    refused = await anna.opens(f"{START}/back?state={hers['state'][0]}&code={code}")

    assert refused.status_code == 502
    assert (await anna.opens("/")).status_code == 303


async def test_an_answer_that_names_another_provider_is_refused(city: City, hall: IdentityProvider) -> None:
    await city.hires(ANNA)
    browser = Browser(city)
    there = hall.signs_in((await browser.opens(START)).headers["location"], "anna-1")

    assert (await browser.opens(f"{there}&iss=https%3A%2F%2Flogin.elsewhere.example")).status_code == 502


async def test_who_goes_back_at_the_provider_may_try_again(city: City, hall: IdentityProvider) -> None:
    browser = Browser(city)
    there = hall.signs_in((await browser.opens(START)).headers["location"], "anna-1", action="deny")

    refused = await browser.opens(there)

    assert (refused.status_code, "did not sign you in" in refused.text) == (401, True)


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil"])
async def test_the_way_back_leads_to_a_page_of_ours(city: City, hall: IdentityProvider, elsewhere: str) -> None:
    await city.hires(ANNA)
    browser = Browser(city)
    away = await browser.client.get(START, params={"next": elsewhere})
    back = await browser.opens(hall.signs_in(away.headers["location"], "anna-1"))
    assert (back.status_code, back.headers["location"]) == (303, "/")

    other = Browser(city)
    there = hall.signs_in((await other.opens(START)).headers["location"], "anna-1")
    secret, begun, _ = other.client.cookies["parvis_single_sign_on"].split(".")
    forged = await Browser(city).client.get(there, headers={"cookie": f"parvis_single_sign_on={secret}.{begun}.{elsewhere.encode().hex()}"})
    assert forged.headers["location"] == "/"


async def test_signing_out_ends_both_sessions(city: City, hall: IdentityProvider) -> None:
    await city.hires(ANNA)
    browser = Browser(city)
    await signs_on(browser, hall, "anna-1")
    hidden = hidden_fields((await browser.opens("/account")).text)

    out = await browser.client.post("/logout", data=hidden)

    assert out.status_code == 200
    assert f"{hall.issuer}/oauth2/end_session?client_id=parvis" in out.text
    assert "post_logout_redirect_uri=http%3A%2F%2Fcity.test%2Flogin" in out.text
    assert 'http-equiv="refresh"' in out.text
    assert (await browser.opens("/")).status_code == 303


async def test_a_session_by_password_ends_here_alone(city: City) -> None:
    password = (await city.hires(ANNA))[ANNA.email]
    browser = Browser(city)
    await browser.signs_in(ANNA.email, password)
    hidden = hidden_fields((await browser.opens("/account")).text)

    assert (await browser.client.post("/logout", data=hidden)).headers["location"] == "/login?flash=signed-out"


async def test_a_password_in_need_is_loud_in_the_log(tmp_path: Path, hall: IdentityProvider) -> None:
    city = await city_with(tmp_path, hall, only=True, break_glass=("Ada@City.example",))
    word = (await city.hires(ADA))[ADA.email]

    await Browser(city).signs_in(ADA.email, word)

    [entry] = [entry for entry in await log_of(city) if entry.action == "signed in"]
    assert entry.detail["break_glass"] is True
    await city.app.state.database.close()


async def test_where_only_single_sign_on_counts_one_password_opens_in_need(tmp_path: Path, hall: IdentityProvider) -> None:
    city = await city_with(tmp_path, hall, only=True, break_glass=(ADA.email,))
    words = await city.hires(ANNA, ADA)

    refused = await Browser(city).signs_in(ANNA.email, words[ANNA.email])
    ada = await Browser(city).signs_in(ADA.email, words[ADA.email])

    assert (refused.status_code, "That did not fit" in refused.text) == (401, True)
    assert "Emergency access with a password" in refused.text
    assert ada.status_code == 303
    browser = Browser(city)
    await signs_on(browser, hall, "anna-1")
    assert 'action="/account/password"' not in (await browser.opens("/account")).text
    await city.app.state.database.close()


async def test_only_an_administrators_password_opens_in_need(tmp_path: Path, hall: IdentityProvider) -> None:
    """Whoever is named in the setting and has another role by now comes in as everybody does."""
    city = await city_with(tmp_path, hall, only=True, break_glass=(ANNA.email, ADA.email))
    words = await city.hires(ANNA, ADA)

    assert (await Browser(city).signs_in(ANNA.email, words[ANNA.email])).status_code == 401

    async with city.commands.database.transaction() as session:
        await store.change_rights(session, ADA.email, Role.OPS, (), EVERYTHING)
    assert (await Browser(city).signs_in(ADA.email, words[ADA.email])).status_code == 401
    async with city.commands.database.transaction() as session:
        await store.change_rights(session, ADA.email, Role.OPS, (Role.ADMIN,), EVERYTHING)
    ada = Browser(city)
    assert (await ada.signs_in(ADA.email, words[ADA.email])).status_code == 303
    people = (await ada.opens("/admin")).text
    assert f"names {ANNA.email}, who is no administrator here" in people
    assert f"names {ADA.email}" not in people
    await city.app.state.database.close()


async def test_another_providers_subject_is_somebody_else(city: City, hall: IdentityProvider) -> None:
    await city.hires(ANNA)
    async with city.commands.database.transaction() as session:
        await identity_store.link(session, ANNA.email, "https://login.former.example", "anna-1", clock.now())
    hall.knows("anna-1", email="anna.elsewhere@city.example", email_verified=True)

    assert (await signs_on(Browser(city), hall, "anna-1")).status_code == 403


async def test_another_site_cannot_sign_anybody_in(city: City) -> None:
    sent = await Browser(city).client.get(f"{START}?next=/account", headers={"sec-fetch-site": "cross-site"})

    assert (sent.status_code, hidden_fields(sent.text)["next"]) == (200, "/account")
    assert "Sign in with City login" in sent.text


async def test_without_a_provider_there_is_no_such_page(tmp_path: Path) -> None:
    city = City(without_kafka(tmp_path))

    assert (await Browser(city).opens(START)).status_code == 404
    assert "single sign-on" not in (await Browser(city).opens("/login")).text
    await city.app.state.database.close()


DOCUMENT = {
    "issuer": "https://login.city.example",
    "authorization_endpoint": "https://login.city.example/authorize",
    "token_endpoint": "https://login.city.example/token",
    "jwks_uri": "https://login.city.example/keys",
}


def test_signatures_that_others_could_make_are_not_taken_though_the_provider_offers_them() -> None:
    offered = DOCUMENT | {"id_token_signing_alg_values_supported": ["none", "HS256", "ES256"]}

    assert provider.metadata_of(offered, "https://login.city.example").algorithms == ("ES256",)


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"])
@pytest.mark.parametrize("place", ["http://login.city.example/x", "javascript:alert(1)", "https://login.city.example/\nx", 7])
def test_a_discovery_document_that_names_a_place_that_can_be_listened_to_is_refused(name: str, place: object) -> None:
    with pytest.raises(NotSignedOn):
        provider.metadata_of(DOCUMENT | {name: place}, "https://login.city.example")


@pytest.mark.parametrize(
    "settings",
    [
        {"issuer": "http://login.city.example", "client_id": "parvis"},
        {"issuer": "https://login.city.example"},
        {"issuer": "https://user:word@login.city.example", "client_id": "parvis"},
        {"only": True},
    ],
)
def test_settings_that_would_let_nobody_in_or_somebody_listen_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        OidcSettings.model_validate(settings)
