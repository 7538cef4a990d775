"""A person's own account: a password of one's own, sessions that end, tokens that do less, and what was done with the account."""

from datetime import timedelta

import httpx
import pytest

from services.review.people import account_pages, session_store, store
from services.review.people.password_rules import check_password
from services.review.people.powers import TokenScope
from services.review.people.session_store import Lasting
from services.runtime import clock
from services.runtime.errors import InvalidInput
from tests.pages.city import ANNA, SUE, Browser, City, hidden_fields

NEW = "a lamp for every corner"


async def sends(browser: Browser, path: str, **fields: str | list[str]) -> httpx.Response:
    """Sends a form of the account page."""
    page = (await browser.opens("/account")).text
    return await browser.client.post(path, data={"csrf": hidden_fields(page)["csrf"], **fields})


async def arrives(city: City, email: str, password: str) -> Browser:
    browser = Browser(city)
    assert (await browser.signs_in(email, password)).status_code == 303
    return browser


async def test_who_changes_their_password_stays_here_and_is_signed_out_everywhere_else(city: City) -> None:
    former = (await city.hires(ANNA))[ANNA.email]
    here, elsewhere = await arrives(city, ANNA.email, former), await arrives(city, ANNA.email, former)

    changed = await sends(here, "/account/password", now=former, new=NEW, again=NEW)

    assert changed.status_code == 303
    assert (await here.opens("/account")).status_code == 200
    assert (await elsewhere.opens("/account")).headers["location"].startswith("/login")
    assert (await Browser(city).signs_in(ANNA.email, former)).status_code == 401
    assert "Password changed" in (await (await arrives(city, ANNA.email, NEW)).opens("/account")).text


@pytest.mark.parametrize(
    ("now", "new", "again", "why"),
    [
        ("wrong", NEW, NEW, "not your password"),
        (None, NEW, "another lamp for it", "not typed twice alike"),
        (None, "short lamp", "short lamp", "at least 12"),
        (None, "Dr4g0n-123456", "Dr4g0n-123456", "tried first"),
        (None, "anna.miller.2026", "anna.miller.2026", "name or address"),
        (None, "aaaaaaaaaaaaaa", "aaaaaaaaaaaaaa", "over and over"),
    ],
)
async def test_a_password_that_others_try_first_is_refused_and_the_former_one_stays(
    city: City, now: str | None, new: str, again: str, why: str
) -> None:
    former = (await city.hires(ANNA))[ANNA.email]
    browser = await arrives(city, ANNA.email, former)

    answer = await sends(browser, "/account/password", now=now or former, new=new, again=again)

    assert answer.status_code == 422
    assert why in answer.text
    assert new not in answer.text
    await arrives(city, ANNA.email, former)


@pytest.mark.parametrize("good", [NEW, "Zwölf Brücken im Nebel", "x7$kQ!pv2w9Lm#", "漢字を含む長いパスワード文字列"])
def test_any_long_password_is_taken_whatever_its_characters(good: str) -> None:
    check_password(good, (ANNA.email, ANNA.name), account_pages.common_passwords())


@pytest.mark.parametrize("bad", ["password1234", "PASSWORDPASSWORD", "qwertyuiop123", "12345678901234", "iloveyou!!!!", "Letmein-2026"])
def test_no_ornament_makes_a_common_password_a_good_one(bad: str) -> None:
    with pytest.raises(InvalidInput):
        check_password(bad, (), account_pages.common_passwords())


async def test_wrong_passwords_on_the_account_page_are_slowed_as_at_the_door(city: City) -> None:
    former = (await city.hires(ANNA))[ANNA.email]
    browser = await arrives(city, ANNA.email, former)

    for _ in range(5):
        await sends(browser, "/account/password", now="wrong", new=NEW, again=NEW)

    assert "too many wrong tries" in (await sends(browser, "/account/password", now=former, new=NEW, again=NEW)).text


async def test_sessions_are_listed_and_ended_one_by_one_and_all_at_once(city: City) -> None:
    password = (await city.hires(ANNA))[ANNA.email]
    here, second, third = [await arrives(city, ANNA.email, password) for _ in range(3)]
    async with city.commands.database.reading() as session:
        marks = {one.mark for one in await session_store.of_person(session, ANNA.email, clock.now())}
    page = (await here.opens("/account")).text
    assert page.count("This browser") == 1
    other = next(mark for mark in marks if f'value="{mark}"' in page)

    await sends(here, "/account/sessions/end", session=other)
    left = [(await browser.opens("/account")).status_code for browser in (second, third)]
    await sends(here, "/account/sessions/end")

    assert sorted(left) == [200, 303]
    assert [(await browser.opens("/account")).status_code for browser in (here, second, third)] == [200, 303, 303]


async def test_nobody_ends_a_session_of_somebody_else(city: City) -> None:
    passwords = await city.hires(ANNA, SUE)
    anna, sue = [await arrives(city, person.email, passwords[person.email]) for person in (ANNA, SUE)]
    async with city.commands.database.reading() as session:
        [hers] = await session_store.of_person(session, SUE.email, clock.now())

    await sends(anna, "/account/sessions/end", session=hers.mark)

    assert (await sue.opens("/account")).status_code == 200


async def test_a_session_that_is_not_used_ends_and_one_that_is_used_goes_on_until_its_end(city: City) -> None:
    await city.hires(ANNA)
    began, lasting = clock.now(), Lasting(timedelta(hours=12), timedelta(hours=2))

    async def is_good(token: str, hours: float) -> bool:
        async with city.commands.database.reading() as session:
            return await session_store.is_good(session, token, began + timedelta(hours=hours))

    async with city.commands.database.transaction() as session:
        idle = await session_store.begin(session, ANNA.email, began, lasting, "192.0.2.1", "a browser")
        used = await session_store.begin(session, ANNA.email, began, lasting, "192.0.2.1", "a browser")
    for hour in range(1, 12):
        async with city.commands.database.transaction() as session:
            await session_store.note_use(session, used, began + timedelta(hours=hour), lasting)

    assert (await is_good(idle, 1.9), await is_good(idle, 2.1)) == (True, False)
    assert (await is_good(used, 11.9), await is_good(used, 12.1)) == (True, False)


async def test_a_token_does_what_it_is_for_and_ends_when_it_is_to(city: City) -> None:
    await city.hires(ANNA)
    request_id = await city.waiting_case()
    now = clock.now()
    async with city.commands.database.transaction() as session:
        reads = await store.issue_token(session, ANNA.email, now, scopes=[TokenScope.READ])
        over = await store.issue_token(session, ANNA.email, now, expires_at=now - timedelta(seconds=1))
        teaches = await store.issue_token(session, ANNA.email, now, scopes=[TokenScope.TEACH])

    async def asks(token: str, method: str, path: str) -> int:
        headers = {"authorization": f"Bearer {token}"}
        async with Browser(city).client as client:
            return (await client.request(method, path, headers=headers, json={"version": 1} if method == "POST" else None)).status_code

    claim = f"/api/v1/cases/{request_id}/claim"
    assert await asks(reads, "GET", "/api/v1/cases") == 200
    assert await asks(reads, "POST", claim) == 403
    assert await asks(over, "GET", "/api/v1/cases") == 401
    assert await asks(teaches, "GET", "/api/v1/learning") == 403  # Anna herself may not


async def test_a_token_is_issued_on_the_page_shown_once_listed_with_its_last_use_and_ended(city: City) -> None:
    password = (await city.hires(ANNA))[ANNA.email]
    browser = await arrives(city, ANNA.email, password)

    page = (await sends(browser, "/account/tokens", label="Night export", scopes=["read"], days="30")).text
    token = "pt_" + page.partition("<code>pt_")[2].partition("<")[0]
    later = (await browser.opens("/account")).text
    headers = {"authorization": f"Bearer {token}"}
    async with Browser(city).client as client:
        assert (await client.get("/api/v1/cases", headers=headers)).status_code == 200
        used = (await browser.opens("/account")).text
        mark = used.partition('name="token" value="')[2].partition('"')[0]
        await sends(browser, "/account/tokens/end", token=mark)
        assert (await client.get("/api/v1/cases", headers=headers)).status_code == 401

    assert token not in later
    assert "Night export" in later
    assert "Never" in later.partition("Night export")[2]
    assert "Never" not in used.partition("Night export")[2].partition("</tr>")[0]
