"""An administrator sees what would be sent, and only then switches it on, in their own name, for an agency that they keep."""

import re

import pytest
from httpx import Response

from services.local import agency_provisioning
from services.review.audit import store as audit
from services.review.cases.acknowledgements import acknowledgement_store, acknowledgement_text
from services.review.cases.acknowledgements.acknowledgement import Acknowledging
from services.runtime import clock
from tests.pages.city import ADA, ANNA, Browser, City, hidden_fields
from tests.pages.conftest import SignIn
from tests.pages.test_acknowledgements import receipts, receives, switches, tells
from tests.pages.test_admin_pages import ADDA, RHODA
from tests.pages.test_in_french import ADAM, english, in_french

PAGE = "/admin/agencies/city/acknowledgement"
OWN = "Lettre reçue\n\nVotre lettre porte le numéro [REFERENCE].\n\nRéponse d’ici au [DUE]."


@pytest.fixture(autouse=True)
async def _agencies(city: City) -> None:
    city.app.state.agency_keys = keys = agency_provisioning.for_pages()
    async with city.commands.database.transaction() as session:
        for code in ("city", "harbour"):
            await keys.add(session, code, f"Town {code}", clock.now())


async def kept(city: City, agency: str = "city") -> Acknowledging | None:
    async with city.commands.database.reading() as session:
        return await acknowledgement_store.acknowledging(session, agency)


def filled_in(page: str) -> dict[str, str]:
    """What the form below the preview sends when its button is pressed."""
    preview = page.partition("preview-heading")[2].partition("own-heading")[0]
    texts = dict(re.findall(r'<input type="hidden" name="(text-\w+)" value="([^"]*)">', preview))
    return hidden_fields(preview) | texts


async def test_what_is_sent_is_seen_before_it_is_switched_on_by_name(sign_in: SignIn, city: City) -> None:
    ada = await sign_in(ADA)
    page = (await ada.opens(PAGE)).text
    for words in ("No receipts are sent", "We have your message", "Nous avons reçu votre message", "Somebody at Town city", "call 112"):
        assert words in page
    assert "you can read here" not in page  # nobody has set where: the receipt has no such paragraph either

    seen = filled_in(page)
    answer = await ada.client.post(PAGE, data=seen | {"action": "on"})

    assert answer.status_code == 303
    page = (await ada.opens(answer.headers["location"])).text
    assert "Whoever writes from now on gets a receipt." in page
    assert "Decided by Ada Moreau" in page
    await receives(city)
    [decided] = await receipts(city)
    assert decided.decided_by == ADA.email
    async with city.commands.database.reading() as session:
        [(_, entry)] = await audit.page(session, actor=ADA.email, before=None, limit=1)
    assert (entry.action, entry.detail) == ("receipts switched on", {"agency": "city", "words": seen["seen"]})

    await ada.client.post(PAGE, data=hidden_fields(page) | {"action": "off"})
    await receives(city)
    assert len(await receipts(city)) == 1


async def test_words_of_their_own_are_sent_once_they_were_shown(sign_in: SignIn, city: City) -> None:
    ada = await sign_in(ADA)
    csrf = {"csrf": hidden_fields((await ada.opens(PAGE)).text)["csrf"]}

    unseen = await ada.client.post(PAGE, data=csrf | {"action": "on", "text-fr": OWN, "seen": "0" * 64})
    assert (unseen.status_code, await kept(city)) == (409, None)
    assert "look at them once more" in unseen.text

    preview = await ada.client.post(PAGE, data=csrf | {"action": "preview", "text-fr": OWN})
    assert "How your words would be sent" in preview.text
    assert "Lettre reçue" in preview.text
    other = filled_in(preview.text) | {"text-fr": OWN + "\n\nAutre chose."}
    assert (await ada.client.post(PAGE, data=other | {"action": "on"})).status_code == 409
    assert (await ada.client.post(PAGE, data=filled_in(preview.text) | {"action": "on"})).status_code == 303
    decided = await kept(city)
    assert decided
    assert (decided.active, decided.texts, decided.name) == (True, {"fr": OWN}, "Town city")


async def test_a_release_with_other_words_sends_none_that_nobody_has_seen(
    sign_in: SignIn, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await sign_in(ADA)
    seen = filled_in((await ada.opens(PAGE)).text)
    ours = acknowledgement_text.words({})
    later = {code: {**words, "text": words["text"].replace("Hello", "Good day")} for code, words in ours.items()}
    with monkeypatch.context() as before:
        before.setattr(acknowledgement_text, "_ours", lambda: later)
        assert (await ada.client.post(PAGE, data=seen | {"action": "on"})).status_code == 409
    assert (await ada.client.post(PAGE, data=seen | {"action": "on"})).status_code == 303

    monkeypatch.setattr(acknowledgement_text, "_ours", lambda: later)
    await receives(city)
    [decided] = await receipts(city)
    page = (await ada.opens(PAGE)).text
    for words in (decided.body, page):
        assert ("Hello" in words, "Good day" in words) == (True, False)
    preview = (await ada.client.post(PAGE, data=hidden_fields(page) | {"action": "preview"})).text
    assert "Good day" in preview
    assert (await ada.client.post(PAGE, data=filled_in(preview) | {"action": "on"})).status_code == 303
    await receives(city)
    assert "Good day" in (await receipts(city))[1].body


async def test_words_that_can_not_be_sent_are_named_and_kept_to_be_mended(sign_in: SignIn, city: City) -> None:
    ada = await sign_in(ADA)
    csrf = {"csrf": hidden_fields((await ada.opens(PAGE)).text)["csrf"]}
    answer = await ada.client.post(PAGE, data=csrf | {"action": "preview", "text-fr": "Titre\n\n<b>[NOM]</b>"})
    assert answer.status_code == 422
    assert "there is no field [NOM]" in answer.text
    assert "&lt;b&gt;[NOM]&lt;/b&gt;" in answer.text
    assert "<b>[NOM]" not in answer.text
    assert await kept(city) is None


async def test_a_server_that_refuses_receipts_is_seen_on_their_page(sign_in: SignIn, city: City) -> None:
    ada = await sign_in(ADA)
    assert 'id="tally"' not in (await ada.opens(PAGE)).text
    await switches(city)
    for name in ("ines", "hugo", "karin"):
        await receives(city, citizen={"email": f"{name}@example.org"})
    delivered, *refused = await receipts(city)
    await tells(city, delivered)
    for decided in refused:
        await tells(city, decided, "failed", f"550 empty return path refused for {decided.recipient.email}")
    page = (await ada.opens(PAGE)).text
    assert "In the last day: 1 mailed, 2 not mailed." in page
    assert "550 empty return path refused" in page
    assert "@example.org" not in page
    assert 'id="tally"' not in (await ada.opens(PAGE.replace("city", "harbour"))).text


async def test_another_agency_s_receipts_are_nobody_else_s(sign_in: SignIn, city: City) -> None:
    there = PAGE.replace("city", "harbour")
    for person, path in ((ADDA, there), (RHODA, PAGE)):
        browser = await sign_in(person)
        assert (await browser.opens(path)).status_code == 404
        assert (await _posts(browser, path)).status_code == 404
    anna = await sign_in(ANNA)
    assert (await anna.opens(PAGE)).status_code == 403
    assert (await kept(city), await kept(city, "harbour")) == (None, None)


async def _posts(browser: Browser, path: str) -> Response:
    csrf = hidden_fields((await browser.opens("/account")).text)["csrf"]
    return await browser.client.post(path, data={"csrf": csrf, "action": "off"})


async def test_the_page_is_french_for_who_reads_french(sign_in: SignIn) -> None:
    adam = await in_french(sign_in, ADAM)
    page = re.sub(r"<article lang.*?</article>", "", (await adam.opens(PAGE)).text, flags=re.DOTALL)  # receipts are in every language
    assert english(page) == []


async def test_the_public_page_says_that_receipts_go_by_themselves(sign_in: SignIn, city: City) -> None:
    ada = await sign_in(ADA)
    await ada.client.post(PAGE, data=filled_in((await ada.opens(PAGE)).text) | {"action": "on"})
    assert "receipt that your message has arrived is sent by itself" in (await ada.opens("/about/city")).text
    city.app.state.kept_facts.clear()
    assert "receipt that your message" not in (await ada.opens("/about/harbour")).text
