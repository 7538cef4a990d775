"""An administrator keeps people, tokens and agencies on the page: never their own rights, and nothing beyond their limits."""

from dataclasses import replace
from datetime import timedelta
from typing import Literal
from uuid import uuid4

import httpx
import pytest

from services.dispatch import store as dispatch
from services.dispatch.rules import Verdict, WebhookDelivery
from services.intake import api_keys
from services.local import agency_provisioning
from services.review.audit import store as audit
from services.review.people import store
from services.review.people.powers import Role
from services.review.people.rules import Person
from services.runtime import clock
from services.runtime.errors import NotFound
from tests.pages.city import ADA, ANNA, Browser, City, hidden_fields
from tests.pages.conftest import SignIn

ADDA = Person("adda@city.example", "Adda", Role.ADMIN, (), ("city",))
CORA = Person("cora@city.example", "Cora", Role.CASEWORKER, (), ("city",))
RHODA = Person("rhoda@city.example", "Rhoda", Role.ADMIN, ("streets",), (), also=(Role.CASEWORKER,))
HARRY = Person("harry@city.example", "Harry", Role.CASEWORKER, (), ("harbour",))


@pytest.fixture(autouse=True)
async def _agencies(city: City) -> None:
    city.app.state.agency_keys = keys = agency_provisioning.for_pages()
    async with city.commands.database.transaction() as session:
        for code in ("city", "harbour"):
            await keys.add(session, code, code.title(), clock.now())


async def sends(browser: Browser, path: str, **fields: str | list[str]) -> httpx.Response:
    csrf = hidden_fields((await browser.opens("/account")).text)["csrf"]
    return await browser.client.post(path, data={"csrf": csrf, **fields})


def shown_once(page: str) -> str:
    return page.partition('<pre tabindex="0"><code>')[2].partition("<")[0]


async def who(city: City, email: str) -> Person | None:
    async with city.commands.database.transaction() as session:
        try:
            return await store.person(session, email)
        except NotFound:
            return None


async def test_who_is_added_on_the_page_chooses_their_own_password_before_anything_else(sign_in: SignIn, city: City) -> None:
    ada = await sign_in(ADA)

    page = await sends(ada, "/admin/people", email="Nina@city.example", name="Nina", role="caseworker", departments=["streets"])
    word = shown_once(page.text)
    nina = Browser(city)
    assert (await nina.signs_in("nina@city.example", word)).status_code == 303
    barred = await nina.opens("/")
    program = await nina.client.get("/api/v1/cases")
    changed = await sends(nina, "/account/password", now=word, new="eleven quiet harbours", again="eleven quiet harbours")

    assert (barred.status_code, barred.headers["location"], program.status_code) == (303, "/account", 403)
    assert changed.status_code == 303
    assert (await nina.opens("/")).status_code == 200
    assert word not in (await ada.opens("/admin/people/nina@city.example")).text
    nina_now = await who(city, "nina@city.example")
    assert nina_now
    assert nina_now.departments == ("streets",)


async def test_rights_change_and_access_ends_at_once(sign_in: SignIn, city: City) -> None:
    ada, anna = await sign_in(ADA), await sign_in(ANNA)
    assert (await anna.opens("/quality")).status_code == 403

    await sends(ada, f"/admin/people/{ANNA.email}/rights", role="supervisor", agencies=["city"])
    promoted = (await anna.opens("/quality")).status_code
    word = shown_once((await sends(ada, f"/admin/people/{ANNA.email}/reset-password")).text)
    after_reset = (await anna.opens("/")).status_code
    assert (await anna.signs_in(ANNA.email, word)).status_code == 303
    await sends(ada, f"/admin/people/{ANNA.email}/remove")

    assert (promoted, after_reset) == (200, 303)
    assert (await anna.opens("/account")).headers["location"].startswith("/login")
    assert await who(city, ANNA.email) is None
    async with city.commands.database.reading() as session:
        done = [entry.action for _, entry in await audit.page(session, actor=ADA.email, before=None, limit=10)]
    assert done[:3] == ["person removed", "password reset", "rights changed"]


@pytest.mark.parametrize("action", ["rights", "remove", "reset-password"])
async def test_nobody_takes_their_own_rights_away(sign_in: SignIn, city: City, action: str) -> None:
    ada = await sign_in(ADA)

    answer = await sends(ada, f"/admin/people/{ADA.email}/{action}", role="caseworker")

    assert answer.status_code == 403
    assert await who(city, ADA.email) == ADA


@pytest.mark.parametrize("agencies", [[], ["harbour"], ["city", "harbour"]])
async def test_who_is_limited_gives_nothing_beyond_it(sign_in: SignIn, city: City, agencies: list[str]) -> None:
    await city.hires(CORA)
    adda = await sign_in(ADDA)

    added = await sends(adda, "/admin/people", email="new@city.example", role="caseworker", agencies=agencies)
    changed = await sends(adda, f"/admin/people/{CORA.email}/rights", role="caseworker", agencies=agencies)

    assert {added.status_code, changed.status_code} <= {403, 422}
    assert await who(city, "new@city.example") is None
    assert await who(city, CORA.email) == CORA


async def test_who_is_limited_sees_and_changes_nobody_outside_of_it(sign_in: SignIn, city: City) -> None:
    await city.hires(HARRY, CORA, ADA)
    adda = await sign_in(ADDA)

    listed = (await adda.opens("/admin")).text
    agencies = (await adda.opens("/admin/agencies")).text

    assert CORA.email in listed
    assert HARRY.email not in listed
    assert ADA.email not in listed
    assert "harbour" not in agencies
    for other in (HARRY, ADA):
        assert (await adda.opens(f"/admin/people/{other.email}")).status_code == 404
        for action in ("remove", "rights", "reset-password", "sign-out"):
            assert (await sends(adda, f"/admin/people/{other.email}/{action}", role="ops", agencies=["city"])).status_code == 404
        assert await who(city, other.email) == other
    assert (await sends(adda, "/admin/agencies", code="harbour")).status_code == 404
    assert (await sends(adda, "/admin/agencies", code="third")).status_code == 404
    assert (await sends(adda, "/admin/agencies/revoke", code="harbour")).status_code == 404


async def test_a_key_is_issued_shown_once_and_ended_on_the_page(sign_in: SignIn) -> None:
    ada = await sign_in(ADA)

    key = shown_once((await sends(ada, "/admin/agencies", code="lakes", name="The lakes")).text)
    listed = (await ada.opens("/admin/agencies")).text
    await sends(ada, "/admin/agencies/revoke", code="lakes", key=key[:11])
    after = (await ada.opens("/admin/agencies")).text

    assert key.startswith("pk_")
    assert key not in listed
    assert key[:11] in listed
    assert key[:11] not in after
    assert "No key is good" in after.partition("The lakes")[2]


async def test_a_key_on_terms_is_replaced_on_the_page_and_both_are_listed(sign_in: SignIn) -> None:
    ada = await sign_in(ADA)
    issued = await sends(ada, "/admin/agencies", code="lakes", name="The lakes", label="<b>web form</b>", scope=["send"], days="")
    former = shown_once(issued.text)

    new = shown_once((await sends(ada, "/admin/agencies/replace", code="lakes", key=former[:11])).text)

    lakes = (await ada.opens("/admin/agencies")).text.partition("The lakes")[2]
    assert new.startswith("pk_")
    assert all(key[:11] in lakes for key in (former, new))
    assert lakes.count("&lt;b&gt;web form&lt;/b&gt;") == 2
    assert lakes.count('<td data-label="For">Hand over requests</td>') == 2
    assert lakes.count("Not by itself") == 1
    assert former not in lakes


@pytest.mark.parametrize(("field", "value"), [("days", "0"), ("days", "4000"), ("scope", "everything")])
async def test_terms_of_a_key_that_are_none_are_named(sign_in: SignIn, field: str, value: str) -> None:
    ada = await sign_in(ADA)

    refused = await sends(ada, "/admin/agencies", code="lakes", **{field: value})

    assert refused.status_code == 422
    assert {"days": "good for 1 to 3660 days", "scope": "for send or read, or both"}[field] in refused.text
    assert "The lakes" not in refused.text


async def test_who_is_limited_to_departments_keeps_no_agency(sign_in: SignIn, city: City) -> None:
    rhoda = await sign_in(RHODA)
    message = await a_message_to_the_webhook_of(city, "city", state="failed", detail="the webhook answered 410")
    async with city.commands.database.transaction() as session:
        before = await api_keys.good(session, clock.now())
        prefix = next(key.prefix for key in before if key.agency == "city")

    answers = [
        await sends(rhoda, "/admin/agencies", code="city"),
        await sends(rhoda, "/admin/agencies/replace", code="city", key=prefix),
        await sends(rhoda, "/admin/agencies/revoke", code="city", key=prefix),
        await rhoda.opens("/admin/agencies/city/webhook"),
        await sends(rhoda, "/admin/agencies/city/webhook/send-again", decision=str(message.decision_id)),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert not any("pk_" in shown_once(answer.text) for answer in answers)
    async with city.commands.database.transaction() as session:
        assert await api_keys.good(session, clock.now()) == before


async def a_message_to_the_webhook_of(city: City, agency: str, *, state: Literal["delivered", "failed"], detail: str) -> WebhookDelivery:
    now = clock.now()
    async with city.commands.database.transaction() as session:
        await dispatch.set_webhook(session, agency, "https://hooks.lakes.example/in?secret=otter", now)
        delivery = WebhookDelivery(uuid4(), uuid4(), agency, '{"body":"We mend it on Monday."}', {}, 1)
        await dispatch.add_webhook_delivery(session, replace(delivery, attempts=0), due=now, now=now)
        [_] = await dispatch.claim_webhook_deliveries(session, now, now + timedelta(minutes=1), 5)
        await dispatch.conclude_webhook_delivery(session, delivery, Verdict(state, detail), now)
    return delivery


async def test_what_did_not_arrive_at_a_webhook_is_seen_and_sent_again_on_the_page(sign_in: SignIn, city: City) -> None:
    ada = await sign_in(ADA)
    await a_message_to_the_webhook_of(city, "city", state="delivered", detail="the webhook answered 204")
    failed = await a_message_to_the_webhook_of(city, "city", state="failed", detail="the webhook answered <b>410</b>")

    everything = (await ada.opens("/admin/agencies/city/webhook")).text
    lacking = (await ada.opens("/admin/agencies/city/webhook?undelivered=1")).text
    answer = await sends(ada, "/admin/agencies/city/webhook/send-again", decision=str(failed.decision_id))

    assert (everything.count("Arrived"), everything.count("Not delivered"), lacking.count("Arrived")) == (1, 1, 0)
    assert "hooks.lakes.example" in everything
    assert not any(word in everything for word in ("otter", "Monday", "<b>410</b>"))
    assert answer.status_code == 303
    assert "It is being sent again." in (await ada.opens(answer.headers["location"])).text
    async with city.commands.database.transaction() as session:
        [due] = await dispatch.claim_webhook_deliveries(session, clock.now(), clock.now() + timedelta(minutes=1), 5)
        [(_, entry)] = await audit.page(session, actor=ADA.email, before=None, limit=1)
    assert (due.decision_id, due.payload) == (failed.decision_id, failed.payload)
    assert (entry.action, entry.detail) == ("webhook sent again", {"agency": "city", "decision": str(failed.decision_id)})


async def test_another_agency_s_webhook_is_nobody_else_s(sign_in: SignIn, city: City) -> None:
    adda = await sign_in(ADDA)
    others = await a_message_to_the_webhook_of(city, "harbour", state="failed", detail="the webhook answered 410")

    opened = await adda.opens("/admin/agencies/harbour/webhook")
    sent = [
        (await sends(adda, f"/admin/agencies/{agency}/webhook/send-again", decision=str(others.decision_id))).status_code
        for agency in ("harbour", "city", "atlantis")
    ]

    assert (opened.status_code, sent) == (404, [404, 404, 404])
    async with city.commands.database.transaction() as session:
        assert await dispatch.claim_webhook_deliveries(session, clock.now(), clock.now(), 5) == []
