"""A citizen writes to their agency by its web form, and keeps the reference."""

import asyncio
import hashlib
import re

import httpx
import pytest
from fastapi import FastAPI

from tests.service.form_desk import FORM, LAMP, citizen, id_on, intake, opened, reference_on, requests_of

__all__ = ["citizen", "intake"]


async def test_a_citizen_writes_keeps_the_reference_and_sees_how_it_stands(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    token = await opened(citizen, f"{FORM}?lang=fr")

    sent = await citizen.post(
        f"{FORM}?lang=fr", data={"id": token, **LAMP, "place": "12 Elm Street"}, files={"files": ("lamp.txt", b"dark")}
    )
    receipt = await citizen.get(sent.headers["location"])
    reference = reference_on(receipt)
    status = await citizen.get(f"{FORM}/status?reference={reference.lower().replace('-', ' ')}&lang=fr")

    [request] = await requests_of(intake)
    assert sent.status_code == 303
    assert (request.agency, request.channel, request.language) == ("belrive", "web", "fr")
    assert request.body == "The lamp on Elm Street is out.\nSince Monday."
    assert request.citizen is not None
    assert request.citizen.email == "ana@example.org"
    assert request.location is not None
    assert request.location.address == "12 Elm Street"
    assert request.metadata == {"form_reference": reference}
    [file] = request.files
    assert (file.name, file.media_type, file.stored, file.content) == ("lamp.txt", "text/plain", True, None)
    assert await intake.state.web_forms.files.store.get("belrive", hashlib.sha256(b"dark").hexdigest()) == b"dark"
    assert "Votre message est arrivé" in receipt.text
    assert "Elle a été reçue" in status.text
    assert not re.search(r"Elm|lamp|ana@", status.text)


@pytest.mark.parametrize("agency", ["geneva", "belrive2", "..", "%3Cscript%3E"])
async def test_an_agency_without_a_form_has_a_page_that_says_so(citizen: httpx.AsyncClient, agency: str) -> None:
    page = await citizen.get(f"/forms/{agency}", headers={"accept-language": "fr-CH, en;q=0.5"})

    assert page.status_code == 404
    if agency != "..":  # which the client itself resolves
        assert "Il n’y a pas de formulaire ici" in page.text
    assert "<script>" not in page.text


async def test_what_is_wrong_is_named_at_its_field_and_what_was_typed_is_kept(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    wrong = {"message": " \u200b ", "subject": "s" * 301, "email": "ana@example..org", "phone": "none"}
    typed = wrong | {"name": 'Ana "A" <b>', "place": "Elm"}

    page = await citizen.post(FORM, data={"id": await opened(citizen), **typed})

    assert page.status_code == 422
    assert "<title>Error: Write to us – City of Belrive</title>" in page.text
    for field in wrong:
        assert f'<li><a href="#{field}">' in page.text, "the summary leads to the field"
        assert re.search(rf'id="{field}"[^>]*aria-describedby="[^"]*{field}-fault" aria-invalid="true"', page.text)
    assert "it has 301 characters, and at most 300 can be sent" in page.text
    assert "Did you mean ana@example.org?" in page.text
    assert "Ana &#34;A&#34; &lt;b&gt;" in page.text
    assert 'value="Elm"' in page.text
    assert await requests_of(intake) == []


async def test_what_fits_exactly_is_taken_whole(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    most = {
        "subject": "s" * 300,
        "message": "m\n" * 9_999 + "mm",
        "place": "p" * 500,
        "name": "n" * 200,
        "phone": "5" * 50,
        "address": "a" * 500,
    }

    sent = await citizen.post(FORM, data={"id": await opened(citizen), **{name: text.replace("\n", "\r\n") for name, text in most.items()}})

    [request] = await requests_of(intake)
    assert sent.status_code == 303
    assert request.dropped == []
    assert request.body == most["message"]
    assert request.citizen is not None
    assert request.citizen.model_dump(exclude_none=True) == {name: most[name] for name in ("name", "phone", "address")}


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "</textarea><img src=x onerror=alert(1)>",
        "{{ 7777*7777 }}{% for x in y %}",
        "%(count)s %s {0} \\",
        "\u202egnp.exe\u0000\u0007",
        "'; DROP TABLE intake_journal; --",
    ],
)
async def test_hostile_text_is_text(intake: FastAPI, citizen: httpx.AsyncClient, hostile: str) -> None:
    typed = dict.fromkeys(("subject", "message", "place", "name", "address"), hostile)

    wrong = await citizen.post(FORM, data={"id": hostile, **typed, "phone": "none"})
    sent = await citizen.post(FORM, data={"id": id_on(wrong), **typed}, files={"files": (hostile, b"<script>", "text/html;x=\r\n")})
    status = await citizen.get(f"{FORM}/status", params={"reference": hostile})

    for page in (wrong, status):
        assert "<script" not in page.text
        assert "<img" not in page.text
        assert "60481729" not in page.text
    assert sent.status_code == 303
    [request] = await requests_of(intake)
    assert request.body == hostile.replace("\0", "\ufffd")
    assert request.files[0].media_type != "text/html;x="
    assert "/" not in request.files[0].name


async def test_sent_twice_at_once_and_again_it_is_one_request(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    form = {"id": await opened(citizen), **LAMP}

    answers = await asyncio.gather(*(citizen.post(FORM, data=form, files={"files": ("a.txt", b"a")}) for _ in range(3)))
    answers.append(await citizen.post(FORM, data=form, files={"files": ("a.txt", b"a")}))

    assert {answer.headers["location"] for answer in answers} == {answers[0].headers["location"]}
    assert len(await requests_of(intake)) == 1


async def test_going_back_and_writing_something_else_loses_nothing_and_asks_first(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    form = {"id": await opened(citizen), **LAMP}
    first = await citizen.post(FORM, data=form)
    receipt = await citizen.get(first.headers["location"])

    again = await citizen.post(FORM, data=form | {"message": "And the bench is broken"})

    assert again.status_code == 409
    assert reference_on(again) == reference_on(receipt)
    assert "And the bench is broken" in again.text
    assert id_on(again) != form["id"]
    second = await citizen.post(FORM, data=form | {"id": id_on(again), "message": "And the bench is broken"})
    assert second.status_code == 303
    assert [request.body.splitlines()[0] for request in await requests_of(intake)] == [
        LAMP["message"].split("\r")[0],
        "And the bench is broken",
    ]


async def test_the_files_of_a_form_that_was_sent_before_with_other_words_are_not_kept(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    form = {"id": await opened(citizen), **LAMP}
    await citizen.post(FORM, data=form)

    again = await citizen.post(FORM, data=form | {"message": "And the bench is broken"}, files={"files": ("bench.txt", b"bench")})

    assert again.status_code == 409
    assert await intake.state.web_forms.files.store.get("belrive", hashlib.sha256(b"bench").hexdigest()) is None


async def test_a_citizen_who_wants_no_language_model_ticks_it(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    form = {"id": await opened(citizen), **LAMP}
    ticked = re.compile(r'name="automation"[^>]*\bchecked\b')

    faulty = await citizen.post(FORM, data=form | {"automation": "no", "phone": "none"})
    await citizen.post(FORM, data=form | {"automation": "no"})
    another = await citizen.post(FORM, data=form | {"automation": "no", "message": "And the bench is broken"})
    empty = await citizen.get(FORM)
    await citizen.post(FORM, data={"id": id_on(empty), **LAMP})

    assert [request.automation for request in await requests_of(intake)] == ["no", None]
    assert ticked.search(faulty.text), "what was ticked is kept as what was typed"
    assert ticked.search(another.text)
    assert 'name="automation"' in empty.text
    assert not ticked.search(empty.text)


async def test_the_form_is_found_with_a_slash_behind_it(citizen: httpx.AsyncClient) -> None:
    led, french, nowhere = [await citizen.get(path) for path in (f"{FORM}/", f"{FORM}/?lang=fr", "/forms/geneva/")]

    assert (led.status_code, led.headers["location"]) == (307, f"{FORM}?lang=en")
    assert french.headers["location"] == f"{FORM}?lang=fr"
    assert nowhere.status_code == 404
    assert "There is no form here" in nowhere.text


async def test_two_forms_with_the_same_words_are_two_requests(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    for _ in range(2):
        await citizen.post(FORM, data={"id": await opened(citizen), **LAMP})

    assert len({request.metadata["form_reference"] for request in await requests_of(intake)}) == 2


async def test_a_page_speaks_the_language_that_is_asked_for(citizen: httpx.AsyncClient) -> None:
    pages = [
        await citizen.get(FORM, headers={"accept-language": "de, fr-CH;q=0.8, en;q=0.5"}),
        await citizen.get(f"{FORM}?lang=en", headers={"accept-language": "fr"}),
        await citizen.get(f"{FORM}?lang=xx"),
    ]

    assert [re.search('lang="(..)"', page.text)[1] for page in pages] == ["fr", "en", "en"]  # type: ignore[index]  # each has one
    assert '<a href="/forms/belrive?lang=en" lang="en" hreflang="en">English</a>' in pages[0].text
    assert all(page.headers["vary"] == "Accept-Language" for page in pages)


async def test_pages_name_no_host_and_let_nobody_frame_them(citizen: httpx.AsyncClient) -> None:
    page = await citizen.get(FORM, headers={"host": "evil.example"})
    sent = await citizen.post(FORM, data={"id": id_on(page), **LAMP}, headers={"host": "evil.example"})

    assert "evil.example" not in page.text
    assert sent.headers["location"].startswith("/forms/belrive/receipt?")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert "set-cookie" not in page.headers
    assert page.headers["cache-control"] == "private, no-cache", "going back must find the same form"
    assert (await citizen.get(sent.headers["location"])).headers["cache-control"] == "no-store"


async def test_the_forms_pages_are_no_part_of_the_api(citizen: httpx.AsyncClient) -> None:
    assert not [path for path in (await citizen.get("/openapi.json")).json()["paths"] if "forms" in path]
