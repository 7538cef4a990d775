"""Signing in and out, and what each role finds behind the door."""

import pytest

from services.review.audit import store as audit
from services.review.people import passwords, store
from services.review.people.rules import Person
from services.runtime import clock
from tests.pages.city import ADA, ANNA, BEN, OLE, SUE, Browser, City, hidden_fields
from tests.pages.conftest import SignIn


async def test_a_page_leads_to_the_sign_in_form_and_back(city: City) -> None:
    password = (await city.hires(ANNA))[ANNA.email]
    browser = Browser(city)

    away = await browser.opens("/?tab=sort&q=lamp")
    assert (away.status_code, away.headers["location"]) == (303, "/login?next=%2F%3Ftab%3Dsort%26q%3Dlamp")
    back = await browser.signs_in(ANNA.email, password, away.headers["location"])

    assert (back.status_code, back.headers["location"]) == (303, "/?tab=sort&q=lamp")
    cookie = back.headers["set-cookie"]
    assert all(word in cookie for word in ("parvis_session=", "HttpOnly", "SameSite=lax", "Path=/"))


async def test_wrong_address_and_wrong_password_look_the_same(city: City) -> None:
    password = (await city.hires(ANNA))[ANNA.email]
    browser = Browser(city)

    nobody = await browser.signs_in("nobody@city.example", password)
    mistyped = await browser.signs_in(ANNA.email, "not-it")

    assert (nobody.status_code, mistyped.status_code) == (401, 401)
    assert nobody.text.replace("nobody@city.example", ANNA.email) == mistyped.text
    assert "parvis_session" not in mistyped.headers.get("set-cookie", "")


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/login", "/\t/evil.example"]
)
async def test_the_way_on_is_always_a_page_of_ours(city: City, elsewhere: str) -> None:
    password = (await city.hires(ANNA))[ANNA.email]
    browser = Browser(city)
    hidden = hidden_fields((await browser.client.get("/login", params={"next": elsewhere})).text)

    answer = await browser.client.post("/login", data=hidden | {"next": elsewhere, "email": ANNA.email, "password": password})

    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_a_sign_in_form_of_another_site_is_refused(city: City) -> None:
    password = (await city.hires(ANNA))[ANNA.email]

    answer = await Browser(city).client.post("/login", data={"email": ANNA.email, "password": password})

    assert answer.status_code == 403


@pytest.mark.parametrize("cookie", [b"w\xc3\xb6rd", b"word"])
async def test_a_word_with_other_letters_is_refused_and_no_fault(city: City, cookie: bytes) -> None:
    browser = Browser(city)

    answer = await browser.client.post("/login", data={"csrf": "wörd ☃"}, headers={b"cookie": b"parvis_form=" + cookie})

    assert answer.status_code == 403


async def test_a_header_with_other_letters_is_refused_and_no_fault(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()

    answer = await anna.client.post(f"/api/v1/cases/{request_id}/claim", json={"version": 1}, headers={b"x-csrf-token": "wörd".encode()})

    assert answer.status_code == 403


async def test_whoever_is_removed_is_out_at_once_and_named_still(sign_in: SignIn, city: City) -> None:
    ben = await sign_in(BEN)
    async with city.commands.database.transaction() as session:
        token = await store.issue_token(session, BEN.email, clock.now())
    program = {"authorization": f"Bearer {token}"}
    request_id = await city.waiting_case()
    await ben.sends(request_id, "claim")
    assert (await ben.client.get("/api/v1/cases", headers=program)).status_code == 200

    async with city.commands.database.transaction() as session:
        await store.remove_person(session, BEN.email, clock.now())

    assert (await ben.opens("/")).status_code == 303
    assert (await ben.client.get("/api/v1/cases", headers=program)).status_code == 401
    assert BEN.email not in (await (await sign_in(ADA)).opens("/admin")).text
    assert BEN.name in (await (await sign_in(ANNA)).opens(f"/cases/{request_id}")).text


async def test_whoever_comes_back_starts_anew(city: City) -> None:
    old = (await city.hires(BEN))[BEN.email]
    async with city.commands.database.transaction() as session:
        await store.remove_person(session, BEN.email, clock.now())
    new = (await city.hires(BEN))[BEN.email]

    assert (await Browser(city).signs_in(BEN.email, old)).status_code == 401
    assert (await Browser(city).signs_in(BEN.email, new)).status_code == 303


async def test_signing_out_ends_the_session_everywhere(anna: Browser) -> None:
    kept = anna.client.cookies["parvis_session"]
    hidden = hidden_fields((await anna.opens("/")).text)

    answer = await anna.client.post("/logout", data=hidden)

    assert (answer.status_code, answer.headers["location"]) == (303, "/login?flash=signed-out")
    assert "You are signed out." in (await anna.opens("/login?flash=signed-out")).text
    anna.client.cookies.set("parvis_session", kept)
    assert (await anna.opens("/")).status_code == 303


@pytest.mark.parametrize(
    ("person", "open_to", "closed_to"),
    [
        (ANNA, ["/"], ["/ops", "/ops/dead-letters", "/quality", "/admin"]),
        (SUE, ["/", "/ops", "/ops/dead-letters", "/quality"], ["/admin"]),
        (OLE, ["/ops", "/ops/dead-letters"], ["/quality", "/admin"]),
        (ADA, ["/ops", "/ops/dead-letters", "/admin"], ["/quality"]),
    ],
    ids=lambda value: value.role.value if isinstance(value, Person) else "",
)
async def test_each_role_sees_its_own_pages(sign_in: SignIn, person: Person, open_to: list[str], closed_to: list[str]) -> None:
    browser = await sign_in(person)

    assert {path: (await browser.opens(path)).status_code for path in open_to} == dict.fromkeys(open_to, 200)
    assert {path: (await browser.opens(path)).status_code for path in closed_to} == dict.fromkeys(closed_to, 403)


async def test_whoever_runs_the_machines_reads_no_letters(sign_in: SignIn, city: City) -> None:
    request_id = await city.waiting_case()
    ole = await sign_in(OLE)

    start = await ole.opens("/")
    letter = await ole.opens(f"/cases/{request_id}")
    acted = await ole.client.post(f"/cases/{request_id}/claim", data=hidden_fields((await ole.opens("/ops")).text) | {"version": "1"})

    assert (start.status_code, start.headers["location"]) == (303, "/ops")
    assert (letter.status_code, acted.status_code) == (403, 403)
    assert "Heron" not in letter.text
    assert (await city.case(request_id)).assignee is None


async def test_a_case_of_another_department_stays_closed(sign_in: SignIn, city: City) -> None:
    request_id = await city.waiting_case(category="housing", department="social")
    ben = await sign_in(BEN)

    page = await ben.opens(f"/cases/{request_id}")

    assert page.status_code == 403
    assert "Ines" not in page.text
    assert str(request_id) not in (await ben.opens("/")).text


async def test_signing_in_again_ends_the_session_that_the_browser_had(city: City) -> None:
    password = (await city.hires(ANNA))[ANNA.email]
    browser, other = Browser(city), Browser(city)
    sign_in_page = (await browser.opens("/login")).text
    form = hidden_fields(sign_in_page) | {"email": ANNA.email, "password": password}
    word = browser.client.cookies["parvis_form"]
    await browser.client.post("/login", data=form)
    before = browser.client.cookies["parvis_session"]
    browser.client.cookies.set("parvis_form", word, domain="city.test", path="/login")

    assert (await browser.client.post("/login", data=form)).status_code == 303

    assert browser.client.cookies["parvis_session"] != before
    other.client.cookies.set("parvis_session", before)
    assert (await other.opens("/")).headers["location"] == "/login"


async def test_signing_out_empties_the_browser_and_is_in_the_log(city: City, anna: Browser) -> None:
    page = (await anna.opens("/")).text

    left = await anna.client.post("/logout", data=hidden_fields(page))

    assert left.headers["clear-site-data"] == '"cache"'
    async with city.commands.database.reading() as session:
        [(_, entry)] = await audit.page(session, actor=ANNA.email, before=None, limit=1)
    assert entry.action == "signed out"


@pytest.mark.parametrize("typed", ["{} ", " {}", "{}\0", "{}" + "x" * 2000, "{}\ufffd"])
async def test_a_password_counts_exactly_as_it_was_typed(city: City, typed: str) -> None:
    password = (await city.hires(ANNA))[ANNA.email]

    assert (await Browser(city).signs_in(ANNA.email, typed.format(password))).status_code == 401
    assert (await Browser(city).signs_in(ANNA.email, password.upper())).status_code == 401
    assert (await Browser(city).signs_in(ANNA.email, password)).status_code == 303


async def test_a_very_long_password_is_hashed_whole_and_a_longer_one_fits_nothing(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    long = "ä" * 1000
    monkeypatch.setattr(passwords, "new_password", lambda: long)
    await city.hires(ANNA)

    assert (await Browser(city).signs_in(ANNA.email, long + "ä")).status_code == 401
    assert (await Browser(city).signs_in(ANNA.email, long)).status_code == 303
