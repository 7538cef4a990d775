"""A second factor beside the password: set up, asked for, used once, lost, reset, and required."""

import base64
import html
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from httpx import Response
from pydantic import SecretStr, ValidationError

from services.review.audit import store as audit
from services.review.people import passwords, session_store, store
from services.review.people.rules import Person
from services.review.people.second_factor import factor_key, one_time_codes
from services.runtime import clock
from services.runtime.database import lines
from services.runtime.settings import Settings
from tests.pages.city import ADA, ANNA, SUE, Browser, City, hidden_fields, without_kafka

PAGE = "/account/second-factor"


class Phone:
    """An authenticator app."""

    def __init__(self, secret: str) -> None:
        self.secret = base64.b32decode(secret.replace(" ", ""))

    def code(self, steps: int = 0) -> str:
        """What it shows now, or so many steps from now."""
        return one_time_codes.code_at(self.secret, one_time_codes.step_of(clock.now()) + steps)


async def sends(browser: Browser, action: str, **fields: str) -> Response:
    csrf = hidden_fields((await browser.opens(PAGE)).text)["csrf"]
    return await browser.client.post(f"{PAGE}/{action}", data={"csrf": csrf, **fields})


async def sends_code(browser: Browser, code: str) -> Response:
    page = await browser.opens("/login/code?next=/account")
    return await browser.client.post("/login/code", data=hidden_fields(page.text) | {"code": code})


async def sets_up(browser: Browser, password: str) -> tuple[Phone, list[str]]:
    """As somebody does it: the secret into the app, a code of the app into the page, the recovery codes onto paper."""
    shown = await sends(browser, "begin", now=password)
    assert shown.status_code == 200, shown.text
    phone = Phone(re.findall(r"<pre tabindex=\"0\"><code>([A-Z2-7 ]+)</code>", shown.text)[0])
    done = await sends(browser, "confirm", code=phone.code(-1))
    assert done.status_code == 200, html.unescape(done.text)
    return phone, re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", done.text)


async def arrives(city: City, person: Person) -> tuple[Browser, str]:
    word = (await city.hires(person))[person.email]
    browser = Browser(city)
    assert (await browser.signs_in(person.email, word)).headers["location"] == "/"
    return browser, word


async def actions(city: City) -> list[audit.Entry]:
    async with city.commands.database.reading() as session:
        return [entry for _, entry in await audit.page(session, actor=None, before=None, limit=100)]


async def test_from_then_on_the_password_alone_opens_nothing(city: City) -> None:
    browser, word = await arrives(city, ANNA)
    phone, paper = await sets_up(browser, word)
    assert len(set(paper)) == 10
    other = Browser(city)

    half = await other.signs_in(ANNA.email, word)

    assert (half.status_code, half.headers["location"]) == (303, "/login/code?next=%2F")
    assert (await other.opens("/")).status_code == 303
    assert (await sends_code(other, "000000" if phone.code() != "000000" else "111111")).status_code == 401
    inside = await sends_code(other, phone.code())
    assert (inside.status_code, inside.headers["location"]) == (303, "/account")
    assert (await other.opens("/")).status_code == 200
    assert [entry.detail.get("second_factor") for entry in await actions(city) if entry.action == "signed in"] == ["code", None]


async def test_a_code_is_good_once_also_for_who_looked_over_the_shoulder(city: City) -> None:
    browser, word = await arrives(city, ANNA)
    phone, _ = await sets_up(browser, word)
    mine, theirs = Browser(city), Browser(city)
    for each in (mine, theirs):
        await each.signs_in(ANNA.email, word)
    code = phone.code()

    assert (await sends_code(mine, code)).status_code == 303
    assert (await sends_code(theirs, code)).status_code == 401
    assert (await sends_code(theirs, phone.code(-1))).status_code == 401, "nor an earlier one"
    assert (await sends_code(theirs, phone.code(3))).status_code == 401, "nor one of later"


async def test_a_recovery_code_opens_once_however_it_is_typed(city: City) -> None:
    browser, word = await arrives(city, ANNA)
    _, paper = await sets_up(browser, word)
    typed = f" {paper[3].upper().replace('-', ' ')} "

    first, second = Browser(city), Browser(city)
    for each in (first, second):
        await each.signs_in(ANNA.email, word)

    assert (await sends_code(first, typed)).status_code == 303
    assert (await sends_code(second, typed)).status_code == 401
    assert "9 recovery codes are left" in (await first.opens(PAGE)).text

    renewed = await sends(first, "recovery-codes", now=word)
    fresh = re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", renewed.text)
    assert (await sends_code(second, paper[4])).status_code == 401
    assert (await sends_code(second, fresh[0])).status_code == 303


async def test_who_guesses_codes_waits_and_a_browser_that_is_known_does_not(city: City) -> None:
    browser, word = await arrives(city, ANNA)
    phone, _ = await sets_up(browser, word)
    csrf = hidden_fields((await browser.opens("/account")).text)["csrf"]
    await browser.client.post("/logout", data={"csrf": csrf})
    for place in ("192.0.2.1", "192.0.2.2"):
        thief = Browser(city, place)
        await thief.signs_in(ANNA.email, word)
        answers = [await sends_code(thief, f"wrong-{n}") for n in range(4)]

    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    await browser.signs_in(ANNA.email, word)
    assert (await sends_code(browser, phone.code())).status_code == 303
    refused = [entry for entry in await actions(city) if entry.action == "sign-in refused"]
    assert refused
    assert all("wrong-" not in str(entry.detail) for entry in refused)


async def test_the_sign_in_that_waits_for_its_code_does_not_wait_for_ever(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, word = await arrives(city, ANNA)
    phone, _ = await sets_up(browser, word)
    other = Browser(city)
    await other.signs_in(ANNA.email, word)
    later = clock.now() + timedelta(minutes=6)
    monkeypatch.setattr(clock, "now", lambda: later)

    answer = await sends_code(other, one_time_codes.code_at(phone.secret, one_time_codes.step_of(later)))

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


@pytest.mark.parametrize("what", ["own password", "password of once", "signed out", "other sessions", "removed and taken back"])
async def test_a_sign_in_that_waits_for_its_code_ends_with_what_it_was_begun_by(city: City, what: str) -> None:
    """Somebody else has the password and the telephone: whoever changes the one thing that they can must not find them inside."""
    browser, word = await arrives(city, ANNA)
    phone, _ = await sets_up(browser, word)
    stranger = Browser(city)
    await stranger.signs_in(ANNA.email, word)
    csrf = hidden_fields((await browser.opens("/account")).text)["csrf"]

    match what:
        case "own password":
            new = "seven grey herons by the weir"
            form = {"csrf": csrf, "now": word, "new": new, "again": new}
            assert (await browser.client.post("/account/password", data=form)).status_code == 303
        case "other sessions":
            assert (await browser.client.post("/account/sessions/end", data={"csrf": csrf})).status_code == 303
        case _:
            async with city.commands.database.transaction() as session:
                if what == "password of once":
                    await store.set_password(session, ANNA.email, passwords.hash_password("for once"), must_change=True)
                elif what == "signed out":
                    await session_store.end_all(session, ANNA.email)
                else:
                    await store.remove_person(session, ANNA.email, clock.now())
                    await store.add_person(session, ANNA.email, ANNA.role, clock.now())

    late = await sends_code(stranger, phone.code())
    assert late.headers.get("location") != "/account"
    assert (await stranger.opens("/")).status_code == 303


async def test_setting_it_up_asks_for_the_password_and_a_code_that_fits(city: City) -> None:
    browser, word = await arrives(city, ANNA)

    assert (await sends(browser, "begin", now="not my password")).status_code == 422
    shown = await sends(browser, "begin", now=word)
    assert "<svg" in shown.text
    assert "style=" not in shown.text
    wrong = await sends(browser, "confirm", code="123")
    assert (wrong.status_code, "not the code of now" in wrong.text) == (422, True)
    assert (await Browser(city).signs_in(ANNA.email, word)).headers["location"] == "/", "nothing is asked for until it is confirmed"


async def test_it_is_taken_away_with_a_code_and_not_with_the_password_alone(city: City) -> None:
    browser, word = await arrives(city, ANNA)
    phone, paper = await sets_up(browser, word)

    assert (await sends(browser, "off", now=word, code="000000")).status_code == 422
    assert (await sends(browser, "off", code=paper[0])).status_code == 303
    assert (await Browser(city).signs_in(ANNA.email, word)).headers["location"] == "/"
    assert phone


async def test_an_administrator_resets_it_and_their_sessions_end(city: City) -> None:
    browser, word = await arrives(city, ANNA)
    await sets_up(browser, word)
    ada, _ = await arrives(city, ADA)
    page = (await ada.opens(f"/admin/people/{ANNA.email}")).text
    assert "They have a second factor" in page

    await ada.client.post(f"/admin/people/{ANNA.email}/reset-second-factor", data=hidden_fields(page))

    assert (await browser.opens("/")).status_code == 303
    assert (await Browser(city).signs_in(ANNA.email, word)).headers["location"] == "/"
    entry = next(entry for entry in await actions(city) if entry.action == "second factor off")
    assert (entry.actor, entry.detail["email"]) == (ADA.email, ANNA.email)


async def test_the_database_alone_makes_no_code(city: City) -> None:
    browser, word = await arrives(city, ANNA)
    phone, paper = await sets_up(browser, word)

    async with city.commands.database.reading() as session:
        [row] = await lines(session, sa.text("select sealed_secret, recovery from review_second_factors"))
        log = str(await lines(session, sa.text("select detail from review_audit")))
    kept = f"{row} {base64.b64decode(row[0])!r}"
    assert base64.b32encode(phone.secret).decode() not in kept
    assert repr(phone.secret)[2:-1] not in kept
    assert not any(code in kept or code in log for code in paper)
    other = factor_key.FactorKey("another key, as long as a key has to be")
    assert one_time_codes.recovery_hash(other.recovery, ANNA.email, paper[0]) not in kept


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[City]:
    """Where supervisors must have one."""
    city = City(without_kafka(tmp_path, second_factor_of=("supervisor", "belrive")))
    yield city
    await city.app.state.database.close()


async def test_where_it_is_required_nothing_opens_before_it_is_set_up(strict: City) -> None:
    word = (await strict.hires(SUE))[SUE.email]
    sue = Browser(strict)
    await sue.signs_in(SUE.email, word)

    for path in ("/", "/ops", "/account"):
        away = await sue.opens(path)
        assert (away.status_code, away.headers["location"]) == (303, PAGE), path
    assert (await sue.client.get("/api/v1/cases")).status_code == 403
    await sets_up(sue, word)
    assert (await sue.opens("/")).status_code == 200
    assert (await sends(sue, "off", code="123456")).status_code == 403


async def test_of_others_it_is_not_required(strict: City) -> None:
    browser, _ = await arrives(strict, ANNA)
    assert (await browser.opens("/")).status_code == 200

    bela = Person("bela@city.example", "Bela", ANNA.role, (), ("belrive",))
    word = (await strict.hires(bela))[bela.email]
    other = Browser(strict)
    await other.signs_in(bela.email, word)
    assert (await other.opens("/")).headers["location"] == PAGE


async def test_where_it_is_off_nobody_is_asked(city: City, tmp_path: Path) -> None:
    browser, word = await arrives(city, ANNA)
    await sets_up(browser, word)
    off = City(without_kafka(tmp_path, second_factor="off"))

    assert (await Browser(off).signs_in(ANNA.email, word)).headers["location"] == "/"
    await off.app.state.database.close()


def test_settings_under_which_nobody_gets_in_are_refused() -> None:
    url = SecretStr("postgresql://u:p@h/n")
    with pytest.raises(ValidationError, match="PARVIS_SECOND_FACTOR_KEY"):
        Settings(database_url=url, second_factor="required")
    with pytest.raises(ValidationError, match="at least 32"):
        Settings(second_factor_key=SecretStr("short"))
    assert factor_key.key_of(Settings(database_url=url)) is None


@pytest.mark.parametrize(
    ("at", "code"), [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")]
)
def test_codes_are_those_of_the_standard(at: int, code: str) -> None:
    """RFC 6238, appendix B, of six digits."""
    now = datetime.fromtimestamp(at, tz=clock.now().tzinfo)
    assert one_time_codes.accepted_step(b"12345678901234567890", code, now, 0) == at // 30
