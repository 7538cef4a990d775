"""A citizen writes to their agency by its web form, keeps the reference, and sees how the matter stands."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlmodel import SQLModel, col, select

from schemas.requests_received import RequestReceived
from services.intake import app, store
from services.intake.rules import State
from services.intake.tables import JournalRow
from services.intake.web_form import branding
from services.intake.web_form.message import MIB, TRAP
from services.intake.web_form.reference import LETTERS
from services.intake.web_form.throttle import GUESSES
from services.runtime import clock
from services.runtime.errors import Unavailable
from services.runtime.outbox import OutboxRow
from services.runtime.settings import KafkaSettings, Settings

FORM = "/forms/belrive"
LAMP = {"message": "The lamp on Elm Street is out.\r\nSince Monday.", "email": "ana@example.org"}


def settings(data: Path, **more: Any) -> Settings:
    url = SecretStr(f"sqlite+aiosqlite:///{data / 'parvis.db'}")
    return Settings(data_dir=data, database_url=url, kafka=KafkaSettings(bootstrap="127.0.0.1:1"), **{"forms": ("belrive", "nyon"), **more})


async def an_intake(data: Path, **more: Any) -> FastAPI:
    application = app.create(settings(data, **more))
    async with application.state.database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    async with application.state.database.transaction() as session:
        await store.add_agency(session, "belrive", "City of Belrive", clock.now())
        await store.add_agency(session, "nyon", "Ville de Nyon", clock.now())
    return application


def browser(intake: FastAPI, address: str = "127.0.0.1", **headers: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(intake, client=(address, 1234))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers)


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[FastAPI]:
    application = await an_intake(tmp_path)
    yield application
    await application.state.database.close()


@pytest.fixture
async def citizen(intake: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(intake) as client:
        yield client


async def opened(citizen: httpx.AsyncClient, address: str = FORM) -> str:
    """The id of a form that was opened."""
    page = await citizen.get(address)
    assert page.status_code == 200
    return id_on(page)


def id_on(page: httpx.Response) -> str:
    match = re.search(r'name="id" value="([0-9a-f]{32})"', page.text)
    assert match
    return match[1]


def reference_on(page: httpx.Response) -> str:
    match = re.search(r"[3-9A-Z]{5}-[3-9A-Z]{5}-[3-9A-Z]{5}", page.text)
    assert match
    return match[0]


async def requests_of(intake: FastAPI) -> list[RequestReceived]:
    async with intake.state.database.reading() as session:
        rows = (await session.exec(select(JournalRow).order_by(col(JournalRow.accepted_at)))).all()
        left = (await session.exec(select(OutboxRow))).all()
    assert len(left) == len(rows), "each request in the journal leaves for Kafka once"
    return [RequestReceived.model_validate_json(row.event) for row in rows]


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
    assert await intake.state.web_forms.files.get("belrive", hashlib.sha256(b"dark").hexdigest()) == b"dark"
    assert "Votre message est arrivé" in receipt.text
    assert "Elle a été reçue" in status.text
    assert not re.search(r"Elm|lamp|ana@", status.text)


async def test_without_the_setting_there_is_no_form(tmp_path: Path) -> None:
    intake = await an_intake(tmp_path, forms=())
    async with browser(intake) as citizen:
        answers = [await citizen.get(path) for path in (FORM, f"{FORM}/status", f"{FORM}/form.css")] + [await citizen.post(FORM, data=LAMP)]

    assert [answer.status_code for answer in answers] == [404] * 4
    await intake.state.database.close()


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

    again = await citizen.post(FORM, data=form | {"message": "And the bench is broken"})

    assert again.status_code == 409
    assert reference_on(again) == re.search("reference=([^&]+)", first.headers["location"])[1]  # type: ignore[index]  # it is there
    assert "And the bench is broken" in again.text
    assert id_on(again) != form["id"]
    second = await citizen.post(FORM, data=form | {"id": id_on(again), "message": "And the bench is broken"})
    assert second.status_code == 303
    assert [request.body.splitlines()[0] for request in await requests_of(intake)] == [
        LAMP["message"].split("\r")[0],
        "And the bench is broken",
    ]


async def test_two_forms_with_the_same_words_are_two_requests(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    for _ in range(2):
        await citizen.post(FORM, data={"id": await opened(citizen), **LAMP})

    assert len({request.metadata["form_reference"] for request in await requests_of(intake)}) == 2


async def test_another_agencys_reference_is_as_unknown_as_one_that_nobody_has(citizen: httpx.AsyncClient) -> None:
    sent = await citizen.post(FORM, data={"id": await opened(citizen), **LAMP})
    reference = reference_on(await citizen.get(sent.headers["location"]))

    elsewhere = await citizen.get(f"/forms/nyon/status?reference={reference}")
    nobodys = await citizen.get("/forms/nyon/status?reference=33333-33333-33333")
    receipt = await citizen.get(f"/forms/nyon/receipt?reference={reference}")

    assert [page.status_code for page in (elsewhere, nobodys, receipt)] == [404, 404, 404]
    assert elsewhere.text.replace(reference, "") == nobodys.text.replace("33333-33333-33333", "")
    assert "has arrived" not in receipt.text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("needs_triage", "It has been received."),
        ("awaiting_approval", "It is being worked on."),
        ("by_hand", "It is being worked on."),
        ("delivery_failed", "It is being worked on."),
        ("sent", "It was answered on 4 March 2026."),
        ("closed", "It is closed."),
    ],
)
async def test_the_status_says_where_it_stands_and_nothing_of_what_was_written(
    intake: FastAPI, citizen: httpx.AsyncClient, state: State, words: str
) -> None:
    sent = await citizen.post(FORM, data={"id": await opened(citizen), **LAMP, "name": "Ana Maler"})
    [request] = await requests_of(intake)
    async with intake.state.database.transaction() as session:
        [status] = await store.statuses(session, request.request_id)
        # Half past eleven at night in UTC is the next day where the agency is.
        moved = replace(status, state=state, state_at=datetime(2026, 3, 3, 23, 30, tzinfo=UTC), category="lighting", urgency="high")
        moved = replace(moved, department="public-works", reply_subject="Re: lamp", reply_body="We mend it")
        await store.save(session, moved, datetime(2026, 3, 5, 8, 0, tzinfo=UTC))

    page = await citizen.get(sent.headers["location"].replace("/receipt", "/status"))

    assert words in page.text
    assert "Last change on 5 March 2026." in page.text
    assert not re.search("lamp|Elm|Ana|Maler|lighting|public-works|high|mend", page.text)
    assert str(request.request_id) not in page.text


async def test_who_guesses_references_is_told_to_wait_and_others_are_not(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    sent = await citizen.post(FORM, data={"id": await opened(citizen), **LAMP})
    status = sent.headers["location"].replace("/receipt", "/status")

    guesses = [await citizen.get(f"{FORM}/status?reference=33333-33333-3333{letter}") for letter in LETTERS[: GUESSES + 1]]
    right = await citizen.get(status)
    async with browser(intake, "192.0.2.7") as somebody_else:
        theirs = await somebody_else.get(status)

    assert [page.status_code for page in guesses] == [404] * GUESSES + [429]
    assert int(guesses[-1].headers["retry-after"]) > 0
    assert "Too many tries" in guesses[-1].text
    assert right.status_code == 429, "a right guess must not stand out"
    assert theirs.status_code == 200


async def test_too_many_messages_from_one_address_wait_with_what_was_typed(tmp_path: Path) -> None:
    intake = await an_intake(tmp_path, forms_hourly_per_address=2, forms_hourly_per_agency=3)
    async with browser(intake) as citizen, browser(intake, "192.0.2.7") as neighbour, browser(intake, "192.0.2.8") as third:
        sent = [await citizen.post(FORM, data={"id": await opened(citizen), **LAMP}, files={"files": ("a.txt", b"a")}) for _ in range(3)]
        elsewhere = await citizen.post("/forms/nyon", data={"id": await opened(citizen, "/forms/nyon"), **LAMP})
        theirs = await neighbour.post(FORM, data={"id": await opened(neighbour), **LAMP})
        beyond = await third.post(FORM, data={"id": await opened(third), **LAMP})

    assert [page.status_code for page in sent] == [303, 303, 429]
    assert sent[-1].headers["retry-after"] == "1800"
    assert "in 30 minutes" in sent[-1].text
    assert "The lamp on Elm Street is out.\nSince Monday.</textarea>" in sent[-1].text
    assert (elsewhere.status_code, theirs.status_code, beyond.status_code) == (303, 303, 429)
    assert len(await requests_of(intake)) == 4
    await intake.state.database.close()


async def test_an_address_is_believed_of_trusted_proxies_alone(tmp_path: Path) -> None:
    intake = await an_intake(tmp_path, forms_hourly_per_address=1, trusted_proxies="10.0.0.0/8")
    codes = []
    for peer, forwarded in [("10.0.0.1", "192.0.2.1"), ("10.0.0.1", "192.0.2.2"), ("192.0.2.9", "192.0.2.3"), ("192.0.2.9", "192.0.2.4")]:
        async with browser(intake, peer, **{"x-forwarded-for": forwarded}) as citizen:
            codes.append((await citizen.post(FORM, data={"id": await opened(citizen), **LAMP})).status_code)

    assert codes == [303, 303, 303, 429]
    await intake.state.database.close()


async def test_files_are_kept_by_what_their_bytes_say(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    files = [
        ("files", ("../../etc/photo.jpg", b"\x89PNG\r\n\x1a\n" + bytes(40), "image/jpeg")),
        ("files", ("page.png", b"<html><script>alert(1)</script></html>", "image/png")),
        ("files", ("", b"", "application/octet-stream")),
    ]

    sent = await citizen.post(FORM, data={"id": await opened(citizen), **LAMP}, files=files)

    [request] = await requests_of(intake)
    assert sent.status_code == 303
    assert [(file.name, file.media_type, file.stored) for file in request.files] == [
        ("photo.jpg", "image/png", True),
        ("page.png", "text/html", True),
    ]
    for (_, (_, content, _)), file in zip(files, request.files, strict=False):
        assert await intake.state.web_forms.files.get("belrive", file.sha256 or "") == content


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([("files", (f"{number}.txt", b"x")) for number in range(11)], "there are 11, and at most 10 can be sent"),
        ([("files", ("empty.txt", b""))], "there is nothing in empty.txt"),
        ([("files", ("film.mp4", bytes(26 * MIB)))], "together they are larger than 25 MB"),
        ([("files", ("film.mp4", bytes(40 * MIB)))], "together they are larger than 25 MB"),
    ],
    ids=["eleven", "empty", "26 MB", "40 MB"],
)
async def test_files_that_are_too_many_or_too_large_cost_nothing_that_was_typed(
    intake: FastAPI, citizen: httpx.AsyncClient, files: list[Any], words: str
) -> None:
    page = await citizen.post(FORM, data={"id": await opened(citizen), **LAMP}, files=files)

    assert page.status_code == 422
    assert words in page.text
    assert "Since Monday." in page.text
    assert await requests_of(intake) == []
    assert await intake.state.web_forms.files.get("belrive", hashlib.sha256(b"x").hexdigest()) is None, (
        "nothing is kept of what was not sent"
    )


async def test_a_form_beyond_all_bounds_is_answered_with_a_page(citizen: httpx.AsyncClient) -> None:
    page = await citizen.post(
        FORM, content=b"x", headers={"content-type": "multipart/form-data; boundary=b", "content-length": str(101 * MIB)}
    )

    assert page.status_code == 413
    assert "choose fewer or smaller files" in page.text


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "multipart/form-data; boundary=b; charset=punycode"])
async def test_what_is_no_form_is_answered_with_a_page(citizen: httpx.AsyncClient, kind: str) -> None:
    page = await citizen.post(FORM, content=b"--b\r\nbroken", headers={"content-type": kind})

    assert page.status_code == 400
    assert "The form could not be read" in page.text


async def test_where_files_cant_be_kept_nothing_is_taken_and_nothing_typed_is_lost(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    async def away(*_: object) -> str:
        raise Unavailable("the store is away")

    form, files = {"id": await opened(citizen), **LAMP}, {"files": ("a.txt", b"a")}
    put, intake.state.web_forms.files.put = intake.state.web_forms.files.put, away

    page = await citizen.post(FORM, data=form, files=files)
    intake.state.web_forms.files.put = put
    sent = await citizen.post(FORM, data=form, files=files)

    assert page.status_code == 503
    assert "Since Monday." in page.text
    assert id_on(page) == form["id"]
    assert sent.status_code == 303
    assert len(await requests_of(intake)) == 1


async def test_a_program_that_fills_in_everything_is_asked_once_more(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    page = await citizen.post(FORM, data={"id": await opened(citizen), **LAMP, TRAP: "http://spam.example"})

    assert page.status_code == 422
    assert "Since Monday." in page.text, "it may be a browser that filled in too much for a person"
    assert "spam.example" not in page.text
    assert await requests_of(intake) == []
    assert (await citizen.post(FORM, data={"id": id_on(page), **LAMP})).status_code == 303


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


async def test_an_agencys_form_looks_like_the_agency_and_stands_in_its_own_pages(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (tmp_path / "branding.yaml").write_text(BRANDED)
    intake = await an_intake(tmp_path, forms_branding=tmp_path / "branding.yaml")
    async with browser(intake) as citizen:
        page, french, plain = [await citizen.get(path) for path in (FORM, f"{FORM}?lang=fr", "/forms/nyon")]
        sheet = await citizen.get(re.search(r'href="([^"]+form.css[^"]*)"', page.text)[1])  # type: ignore[index]  # each page has one
        logo = await citizen.get(f"{FORM}/logo")

    assert page.headers["content-security-policy"].endswith("frame-ancestors https://www.city.example https://city.example:8443")
    assert "x-frame-options" not in page.headers
    assert plain.headers["content-security-policy"].endswith("frame-ancestors 'none'")
    assert 'href="https://www.city.example/privacy"' in page.text
    assert 'href="https://www.city.example/donnees"' in french.text
    assert "City Hall &lt;1 Main Square&gt;" in page.text
    assert sheet.text.startswith(":root { --brand: #7a1f5c; }")
    assert sheet.headers["content-type"] == "text/css; charset=utf-8"
    assert (logo.status_code, logo.headers["content-type"]) == (200, "image/svg+xml")
    assert "sandbox" in logo.headers["content-security-policy"], "opened by itself, a picture runs nothing"
    await intake.state.database.close()


BRANDED = """
agencies:
  belrive:
    colour: "#7A1F5C"
    logo: logo.svg
    privacy: {en: https://www.city.example/privacy, fr: https://www.city.example/donnees}
    contact: City Hall <1 Main Square>
    embedded_on: [https://www.city.example/, "https://city.example:8443"]
"""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('colour: "#7ab"', "agencies.belrive.colour: '#7ab' is no colour: give #rrggbb"),
        ('colour: "#ffcc00"', "a contrast of 1.51 to 1, and 4.5 are needed: take a darker one"),
        ("logo: nowhere.png", "nowhere.png is no PNG, JPEG, WebP, GIF or SVG"),
        ("logo: branding.yaml", "branding.yaml is no PNG, JPEG, WebP, GIF or SVG"),
        ("privacy: javascript:alert(1)", "is no address of a page"),
        ('embedded_on: ["*"]', "give only scheme, host"),
        ('embedded_on: ["https://a.example; script-src *"]', "give only scheme, host"),
        ("color: red", "agencies.belrive.color: Extra inputs are not permitted"),
    ],
)
def test_a_branding_that_cant_be_used_stops_the_start_with_the_place_and_the_fix(tmp_path: Path, line: str, words: str) -> None:
    file = tmp_path / "branding.yaml"
    file.write_text(f"agencies:\n  belrive:\n    {line}\n")

    with pytest.raises(branding.InvalidBranding, match=re.escape(words)):
        branding.read(file)
