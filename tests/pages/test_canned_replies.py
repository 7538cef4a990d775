"""Canned replies: written by whom they belong to, seen where they fit, put into a reply with the facts of its case."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import expect

from services.domain.placeholders import left_over
from services.review.audit import store as audit
from services.review.people.rules import Person, Role
from tests.pages import desks
from tests.pages.city import ANNA, BEN, SUE, Browser, City, hidden_fields, written
from tests.pages.conftest import SignIn

TEXT = "Dear [CITIZEN_NAME],\n\nyour case [CASE_NUMBER] is with [DEPARTMENT]. You will hear from us by [DUE_DATE]."
PARKS = Person("pia@city.example", "Pia", Role.CASEWORKER, ("environment",))
HARBOUR = Person("hugo@city.example", "Hugo", Role.SUPERVISOR, (), ("harbour",))
STREETS_LEAD = Person("stan@city.example", "Stan", Role.SUPERVISOR, ("streets",), ("city",))


async def writes(browser: Browser, **fields: Any) -> Any:
    """Sends the form of the page of canned replies."""
    page = await browser.opens("/canned-replies")
    csrf = hidden_fields(page.text)["csrf"]
    return await browser.client.post(
        "/canned-replies", data={"csrf": csrf, "title": "Where it is", "language": "en", "text": TEXT} | fields
    )


async def titles(browser: Browser) -> set[str]:
    return {reply["title"] for reply in (await browser.client.get("/api/v1/canned-replies")).json()["items"]}


async def test_a_text_of_ones_own_goes_into_a_reply_with_the_facts_of_the_case_and_nothing_typed_is_lost(city: City, anna: Browser) -> None:
    request_id = await city.waiting_case()
    assert (await writes(anna)).status_code == 303
    case_page = (await anna.opens(f"/cases/{request_id}")).text
    choice = re.search(r'<option value="([0-9a-f-]{36})">Where it is · English</option>', case_page)
    assert choice
    typed = written(case_page) | {"subject": "About your lamp", "body": "I was there this morning."}
    answer = await anna.sends(request_id, "insert-canned-reply", seen=case_page, canned_reply=choice.group(1), **typed)
    assert answer.status_code == 303
    loaded = written((await anna.opens(answer.headers["location"])).text)
    assert loaded["subject"] == "About your lamp"
    body = loaded["body"].replace("\r\n", "\n")
    assert body.startswith("I was there this morning.\n\nDear Ines Marlow,")
    assert f"your case {request_id} is with Streets and mobility" in body
    assert not left_over(body)
    assert re.search(r"by \d{1,2} [A-Z][a-z]+ 20\d\d\.$", body)


async def test_one_in_another_language_than_the_letter_comes_last_and_says_so_when_it_goes_in(city: City, anna: Browser) -> None:
    request_id = await city.waiting_case(language={"code": "fr", "confidence": 0.99})  # the draft is in English
    for title, language, text in (("A", "en", "Hello"), ("B", "fr", "Bonjour"), ("C", "en", "By [DUE_DATE]")):
        await writes(anna, title=title, language=language, text=text)
    page = (await anna.opens(f"/cases/{request_id}")).text
    picker = page.partition('<select id="canned-reply"')[2].partition("</select>")[0]
    assert re.findall(r'label="([^"]+)"|>(\w · \w+)<', picker) == [
        ("Mine", ""),
        ("", "B · French"),
        ("In another language than the letter", ""),
        ("", "A · English"),
        ("", "C · English"),
    ]
    numbers = dict(re.findall(r'<option value="([0-9a-f-]{36})">(\w) · ', picker))
    for number, title in numbers.items():
        filled = (await anna.client.get(f"/api/v1/cases/{request_id}/canned-replies/{number}")).json()
        assert filled["other_language"] is (title != "B")
        answer = await anna.sends(request_id, "insert-canned-reply", canned_reply=number, **written(page))
        shown = (await anna.opens(answer.headers["location"])).text
        assert ("in another language than the letter: translate it" in flashed(shown)) is (title != "B")


def flashed(page: str) -> str:
    return page.partition('<p class="flash" role="status">')[2].partition("</p>")[0]


async def test_what_is_not_known_stays_to_be_seen_and_is_named_when_the_reply_is_approved(city: City, anna: Browser) -> None:
    request_id = await city.waiting_case(request={"citizen": {"email": "somebody@example.org"}})
    await writes(anna)
    [reply] = (await anna.client.get("/api/v1/canned-replies")).json()["items"]
    filled = (await anna.client.get(f"/api/v1/cases/{request_id}/canned-replies/{reply['reply_id']}")).json()
    assert filled["unknown"] == ["[CITIZEN_NAME]"]
    page = (await anna.opens(f"/cases/{request_id}")).text
    for body, gap in ((filled["text"], "[CITIZEN_NAME]"), ("You hear from us by [DUE_DATE].", "[DUE_DATE]")):
        refused = await anna.sends(request_id, "approve", seen=page, subject="Your lamp", body=body)
        assert refused.status_code == 422
        assert f"nothing is known for {gap}" in refused.text
    assert (await city.case(request_id)).state == "awaiting_approval"


async def test_a_teams_and_an_agencys_texts_are_a_supervisors_to_write_and_the_log_says_who_did(
    city: City, anna: Browser, sign_in: SignIn
) -> None:
    refused = await writes(anna, owner="agency", title="For all", agency="city")
    assert refused.status_code == 403
    assert "for supervisors to write" in refused.text
    assert TEXT.splitlines()[0] in refused.text  # what was typed comes back
    lead = await sign_in(STREETS_LEAD)
    assert (await writes(lead, owner="team", agency="city", department="environment")).status_code == 403
    assert (await writes(lead, owner="agency", agency="city")).status_code == 403
    assert (await writes(lead, owner="team", agency="city", department="streets")).status_code == 303
    async with city.commands.database.reading() as session:
        log = await audit.page(session, actor=None, before=None, limit=20)
    entries = [entry for _, entry in log if entry.action == "add canned reply"]
    assert [entry.actor for entry in entries] == [STREETS_LEAD.email]
    assert entries[0].detail["department"] == "streets"
    assert TEXT not in str(entries[0].detail)


async def test_each_sees_their_own_and_what_is_for_their_departments_and_agencies(city: City, sign_in: SignIn) -> None:
    sue, ben, pia, hugo = [await sign_in(person) for person in (SUE, BEN, PARKS, HARBOUR)]
    await writes(sue, owner="team", title="Streets", agency="city", department="streets")
    await writes(sue, owner="agency", title="City", agency="city")
    await writes(hugo, owner="agency", title="Harbour", agency="harbour")
    await writes(ben, title="Ben’s")
    assert await titles(ben) == {"Streets", "City", "Harbour", "Ben’s"}  # no agency limits him
    assert await titles(pia) == {"City", "Harbour"}
    assert await titles(hugo) == {"Harbour"}
    page = (await ben.opens(f"/cases/{await city.waiting_case()}")).text
    assert all(f"{title} · English" in page for title in ("Streets", "City", "Ben’s"))
    assert "Harbour · English" not in page  # another agency's, whoever may read it
    [streets] = [r for r in (await sue.client.get("/api/v1/canned-replies")).json()["items"] if r["title"] == "Streets"]
    assert (await pia.opens(f"/canned-replies?edit={streets['reply_id']}")).status_code == 404
    assert (await ben.opens(f"/canned-replies?edit={streets['reply_id']}")).status_code == 403


async def test_a_text_is_previewed_changed_by_one_at_a_time_found_by_title_and_deleted(anna: Browser) -> None:
    seen = await writes(anna, preview="true")
    assert "<mark>Ines Marlow</mark>" in seen.text
    assert await titles(anna) == set()
    misspelt = await writes(anna, text="Until [DUE_DAY]")
    assert misspelt.status_code == 422
    assert "[DUE_DAY] stands for nothing" in misspelt.text
    await writes(anna, title="Éclairage public")
    await writes(anna, title="Opening hours")
    found = (await anna.opens("/canned-replies?q=eclairage")).text
    assert "Éclairage public" in found
    assert "Opening hours" not in found
    [reply] = (await anna.client.get("/api/v1/canned-replies?q=opening")).json()["items"]
    changed = {"reply_id": reply["reply_id"], "version": "1", "title": "Opening times"}
    assert (await writes(anna, **changed)).status_code == 303
    late = await writes(anna, **changed, text="Something else")
    assert late.status_code == 409
    assert "Something else" in late.text
    assert (await writes(anna, reply_id=reply["reply_id"], version="2", delete="true")).status_code == 303
    assert await titles(anna) == {"Éclairage public"}


async def test_the_text_of_a_canned_reply_is_shown_as_text(city: City, anna: Browser) -> None:
    await writes(anna, title="<b>bold</b>", text="<script>alert(1)</script>")
    for page in ("/canned-replies", f"/cases/{await city.waiting_case()}"):
        shown = (await anna.opens(page)).text
        assert "&lt;b&gt;bold" in shown
        assert "<script>alert" not in shown


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[desks.ReviewServer]:
    with desks.review(tmp_path_factory.mktemp("canned")) as running:
        yield running


@pytest.mark.browser
def test_by_keyboard_it_is_found_by_its_title_and_put_where_one_writes(server: desks.ReviewServer) -> None:
    async def fill(city: City) -> tuple[dict[str, str], UUID]:
        return await city.hires(ANNA), await city.waiting_case()

    passwords, request_id = server.run(fill)
    with desks.chromium() as browser:
        desk = desks.Desk(browser, server, ANNA, passwords[ANNA.email])
        desk.signs_in()
        page = desk.page
        for title, text in (("Opening hours", "We are open from nine."), ("Où en est votre demande", TEXT)):
            page.goto("/canned-replies")
            page.locator("#title").fill(title)
            page.locator("#text").fill(text)
            page.get_by_role("button", name="Keep it").click()
            expect(page.get_by_role("status")).to_contain_text("is kept")
        page.goto(f"/cases/{request_id}")
        body = page.locator("#body")
        before = body.input_value()
        page.keyboard.press("i")
        expect(page.get_by_label("Find by title")).to_be_focused()
        page.keyboard.type("ou demande")
        expect(page.locator("#canned-reply option")).to_have_count(1)
        page.keyboard.press("Enter")
        expect(body).to_be_focused()
        expect(body).to_have_value(re.compile(r"Dear Ines Marlow,\n\nyour case [0-9a-f-]{36} is with Streets and mobility"))
        assert body.input_value().startswith(before.rstrip())
        page.keyboard.press("Control+z")
        expect(body).to_have_value(before)
        body.evaluate("element => element.setSelectionRange(0, 0)")
        page.locator(".canned summary").focus()
        page.keyboard.press("i")
        page.keyboard.type("open")
        page.keyboard.press("Enter")
        expect(body).to_have_value(f"We are open from nine.{before}")
        expect(page.locator("[data-status][data-state=saved]")).to_have_count(1)
        page.reload()
        expect(body).to_have_value(f"We are open from nine.{before}")
        page.goto("/canned-replies")
        page.locator("#title").fill("Horaires")
        page.locator("#language").select_option("fr")
        page.locator("#text").fill("Nous ouvrons à neuf heures.")
        page.get_by_role("button", name="Keep it").click()
        page.goto(f"/cases/{request_id}")
        page.keyboard.press("i")
        page.keyboard.type("horaires")
        page.keyboard.press("Enter")
        expect(page.locator("[data-said]")).to_have_text(
            "Inserted. It is in another language than the letter: translate it, or take it away."
        )
