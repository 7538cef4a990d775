"""What is too much, too often or no form at all is answered with a page, and nothing that was typed is lost."""

import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.intake.quota import MOST_KEYS, Quotas
from services.intake.web_form.message import MIB, TRAP
from services.intake.web_form.throttle import GUESSES, SITE, Limits, Throttle
from services.runtime.errors import Unavailable
from tests.harness.clamd import EICAR, THREAT, scanner_double
from tests.service.form_desk import FORM, LAMP, an_intake, browser, citizen, id_on, intake, opened, requests_of

__all__ = ["citizen", "intake"]


async def test_without_the_setting_there_is_no_form(tmp_path: Path) -> None:
    intake = await an_intake(tmp_path, forms=())
    async with browser(intake) as citizen:
        answers = [await citizen.get(path) for path in (FORM, f"{FORM}/status", f"{FORM}/form.css")] + [await citizen.post(FORM, data=LAMP)]

    assert [answer.status_code for answer in answers] == [404] * 4
    await intake.state.database.close()


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


async def test_what_is_empty_or_a_programs_costs_the_agency_nothing(tmp_path: Path) -> None:
    intake = await an_intake(tmp_path, forms_hourly_per_address=30, forms_hourly_per_agency=2)
    async with browser(intake) as flood, browser(intake, "192.0.2.7") as citizen:
        for wrong in ({"message": " "}, {**LAMP, TRAP: "http://spam.example"}):
            assert [(await flood.post(FORM, data=wrong)).status_code for _ in range(5)] == [422] * 5
        sent = [await citizen.post(FORM, data={"id": await opened(citizen), **LAMP}) for _ in range(3)]

    assert [page.status_code for page in sent] == [303, 303, 429]
    await intake.state.database.close()


def test_a_whole_site_is_counted_where_each_message_comes_from_another_of_its_networks() -> None:
    throttle = Throttle(Limits(per_address=2, per_agency=0))
    networks = [f"2001:db8:1:{number:x}::/64" for number in range(2 * SITE)]

    waits = [throttle.from_address(network, "belrive", 0.0) for network in networks]

    assert [bool(wait) for wait in waits] == [False] * 2 * SITE
    assert throttle.from_address("2001:db8:1:ffff::/64", "belrive", 0.0) > 0
    assert throttle.from_address("2001:db8:2::/64", "belrive", 0.0) == 0
    for network in networks[:2]:
        for _ in range(SITE * GUESSES // 2):
            throttle.guessed(network, 0.0)
    assert throttle.wait_to_ask("2001:db8:1:ffff::/64", 0.0) > 0
    assert throttle.wait_to_ask("2001:db8:2::/64", 0.0) == 0


def test_who_has_guessed_too_often_waits_whatever_others_come_by() -> None:
    throttle = Throttle(Limits(0, 0))
    for _ in range(GUESSES):
        throttle.guessed("192.0.2.1", 0.0)

    for number in range(MOST_KEYS + 1000):
        throttle.guessed(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 1.0)

    assert throttle.wait_to_ask("192.0.2.1", 2.0) > 0


def test_the_table_of_buckets_is_bounded_and_who_only_asks_has_none() -> None:
    quotas = Quotas(per_minute=1, burst=5)
    quotas.take("asks", 0, 0.0)
    assert quotas.wait("asks", 0.0) == 0
    assert len(quotas) == 0

    for number in range(2 * MOST_KEYS):
        quotas.take(str(number), 1, 0.0)

    assert len(quotas) <= MOST_KEYS


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
        assert await intake.state.web_forms.files.store.get("belrive", file.sha256 or "") == content


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
    assert await intake.state.web_forms.files.store.get("belrive", hashlib.sha256(b"x").hexdigest()) is None, (
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


async def test_a_compressed_form_is_answered_with_a_page(citizen: httpx.AsyncClient) -> None:
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=b"):
        page = await citizen.post(FORM, content=b"\x1f\x8b", headers={"content-type": kind, "content-encoding": "gzip"})

        assert page.status_code == 415
        assert "The form could not be read" in page.text


async def test_where_files_cant_be_kept_nothing_is_taken_and_nothing_typed_is_lost(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    async def away(*_: object) -> str:
        raise Unavailable("the store is away")

    form, files = {"id": await opened(citizen), **LAMP}, {"files": ("a.txt", b"a")}
    store = intake.state.web_forms.files.store
    put, store.put = store.put, away

    page = await citizen.post(FORM, data=form, files=files)
    store.put = put
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


async def test_an_infected_file_is_named_and_what_was_typed_is_kept(tmp_path: Path) -> None:
    async with scanner_double() as clamd:
        intake = await an_intake(tmp_path, files_scanner=clamd.url)
        async with browser(intake) as citizen:
            files = [("files", ("note.txt", b"A note.")), ("files", ("<bill>.pdf", EICAR))]
            page = await citizen.post(FORM, data={"id": await opened(citizen), **LAMP}, files=files)
            taken = await citizen.post(FORM, data={"id": id_on(page), **LAMP}, files=files[:1])
    assert page.status_code == 422
    assert f"has found {THREAT} in &lt;bill&gt;.pdf" in page.text
    assert "Since Monday." in page.text
    assert taken.status_code == 303
    [request] = await requests_of(intake)
    assert [(file.name, file.scan) for file in request.files] == [("note.txt", "clean")]
    await intake.state.database.close()


async def test_a_form_that_was_cut_off_on_its_way_is_no_message_without_its_files(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    await opened(citizen)
    head = "Content-Disposition: form-data; name="
    body = f'--b\r\n{head}"message"\r\n\r\nThe lamp is out\r\n--b\r\n{head}"files"; filename="lamp.jpg"\r\n\r\nphoto'
    answer = await citizen.post(FORM, content=body.encode(), headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status_code == 400
    assert await requests_of(intake) == []
