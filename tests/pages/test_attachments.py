"""Files that come with a message: kept beside the case, listed, downloaded and previewed without ever being run."""

import asyncio
import base64
import hashlib
import struct
from typing import Any
from uuid import UUID

import pytest
from httpx import Response

from schemas.attached_files import MOST_BYTES, MOST_TOGETHER
from schemas.requests_received import RequestReceived
from services.domain.request_content_hash import content_of
from services.review import handlers
from services.review.audit import store as audit
from services.review.cases import reconciler
from services.review.cases.attachments import attached_files, attachment_store
from services.review.cases.attachments.image_preview import AT_ONCE
from services.review.cases.related import split_commands
from services.review.cases.related.splitting import SecondMatter
from services.review.people.rules import Person, Role
from services.runtime.errors import NotFound
from services.runtime.file_scanner import CLEAN, NOT_SCANNED, file_scanner
from tests.builders import a_request
from tests.harness.clamd import EICAR, THREAT, scanner_double
from tests.harness.waiting import until_async
from tests.pages.city import ANNA, Browser, City
from tests.pages.conftest import SignIn

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
TEXT = "The lamp:\n<script>alert(1)</script> é".encode()


PIA = Person("pia@city.example", "Pia", Role.CASEWORKER, ("environment",))
HUGO = Person("hugo@city.example", "Hugo", Role.SUPERVISOR, (), ("harbour",))


def a_file(content: bytes, name: str = "lamp.png", **changes: Any) -> dict[str, Any]:
    return {"name": name, "media_type": "image/png", "content": base64.b64encode(content).decode()} | changes


def received(*files: dict[str, Any]) -> RequestReceived:
    return RequestReceived.model_validate(a_request(files=list(files)))


async def arrives(city: City, *files: dict[str, Any]) -> UUID:
    return await city.receives(request={"files": list(files)})


async def test_a_file_is_listed_and_kept_beside_the_case(city: City, anna: Browser) -> None:
    request_id = await arrives(city, a_file(PNG), a_file(TEXT, "what I saw.txt", media_type="text/plain"))
    case = await city.case(request_id)
    assert case.request
    assert [(file.name, file.size, file.content) for file in case.request.files] == [
        ("lamp.png", len(PNG), None),
        ("what I saw.txt", len(TEXT), None),
    ]
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert f'<img src="/cases/{request_id}/files/0/image" alt="lamp.png" loading="lazy"' in page
    assert f'href="/cases/{request_id}/files/1/text"' in page


def must_run_nothing(answer: Response) -> None:
    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_a_download_is_the_file_itself_for_the_browser_to_keep(city: City, anna: Browser) -> None:
    request_id = await arrives(city, a_file(SVG, 'bill\u202e"; x=\r\n/../gpj.svg', media_type="image/svg+xml"))
    answer = await anna.opens(f"/cases/{request_id}/files/0")
    must_run_nothing(answer)
    assert answer.content == SVG
    assert answer.headers["content-type"] == "application/octet-stream"
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment; filename=")
    assert not set("\r\n\u202e/") & set(disposition)
    assert disposition.count('"') == 2


async def test_a_preview_goes_by_the_bytes_and_never_shows_what_could_run(city: City, anna: Browser) -> None:
    huge = PNG[:16] + struct.pack(">II", 60_000, 60_000) + PNG[24:]
    request_id = await arrives(
        city,
        a_file(PNG, "a.txt", media_type="text/html"),
        a_file(SVG, "b.png"),
        a_file(huge),
        a_file(TEXT, "d.txt", media_type="text/plain"),
    )
    image = await anna.opens(f"/cases/{request_id}/files/0/image")
    must_run_nothing(image)
    assert image.headers["content-type"] == "image/jpeg"
    for place in (1, 2, 3):
        assert (await anna.opens(f"/cases/{request_id}/files/{place}/image")).status_code == 404
    for place in (0, 1, 2):
        assert (await anna.opens(f"/cases/{request_id}/files/{place}/text")).status_code == 404
    text = (await anna.opens(f"/cases/{request_id}/files/3/text")).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; é" in text
    assert "<script>alert" not in text


def a_stored_file(content: bytes, name: str, media_type: str) -> dict[str, Any]:
    return {"name": name, "media_type": media_type, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "stored": True}


async def test_a_file_that_is_too_large_to_travel_is_read_from_the_store(city: City, anna: Browser) -> None:
    film = b"film " * 300_000
    for content in (film, PNG, TEXT):
        await city.commands.files.put("city", content)
    request_id = await arrives(
        city,
        a_stored_file(film, "film.mp4", "video/mp4"),
        a_stored_file(PNG, "lamp.png", "image/png"),
        a_stored_file(TEXT, "what I saw.txt", "text/plain"),
    )
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert "film.mp4" in page
    assert f'<img src="/cases/{request_id}/files/1/image"' in page
    assert (await anna.opens(f"/cases/{request_id}/files/0")).content == film
    assert (await anna.opens(f"/cases/{request_id}/files/1/image")).headers["content-type"] == "image/jpeg"
    assert "&lt;script&gt;alert(1)&lt;/script&gt; é" in (await anna.opens(f"/cases/{request_id}/files/2/text")).text


async def test_a_file_of_another_agency_is_not_read_by_who_knows_its_digest(city: City, anna: Browser) -> None:
    await city.commands.files.put("harbour", b"their plan")
    request_id = await arrives(city, a_stored_file(b"their plan", "plan.pdf", "application/pdf"))
    answer = await anna.opens(f"/cases/{request_id}/files/0")
    assert answer.status_code == 404
    assert "not in the store of files" in answer.text


async def test_who_read_a_file_is_in_the_log_and_nobody_else_gets_it(city: City, anna: Browser, sign_in: SignIn) -> None:
    request_id = await arrives(city, a_file(PNG, "Ines Marlow.png"))
    for person, status in ((PIA, 403), (HUGO, 404)):
        browser = await sign_in(person)
        for path in ("", "/image", "/text"):
            assert (await browser.opens(f"/cases/{request_id}/files/0{path}")).status_code == status
    await anna.opens(f"/cases/{request_id}/files/0")
    async with city.commands.database.reading() as session:
        log = await audit.page(session, actor=None, before=None, limit=50)
    [entry] = [entry for _, entry in log if entry.action == audit.READ_FILE]
    assert entry.actor == "anna@city.example"
    assert "Ines" not in str(entry.detail)


async def test_the_same_message_again_is_the_same_and_one_that_is_published_once_more_needs_no_files(city: City) -> None:
    request_id = await arrives(city, a_file(PNG))
    case = await city.case(request_id)
    assert case.request
    again = case.request.model_copy(update={"files": received(a_file(PNG)).files})
    await city.commands.take_in(handlers.received(again))
    once_more = reconciler.nudge(case.model_copy(update={"state": "received"}))
    assert isinstance(once_more, RequestReceived)
    await city.commands.take_in(handlers.received(once_more))
    assert (await city.case(request_id)).version == case.version
    async with city.commands.database.reading() as session:
        _, content = await attachment_store.read(session, request_id, 0)
        assert content == PNG
        with pytest.raises(NotFound):
            await attachment_store.read(session, request_id, 1)


async def test_a_second_matter_that_is_split_off_has_the_files_as_well(city: City, anna: Browser) -> None:
    request_id = await arrives(city, a_file(PNG))
    second = await split_commands.split(city.commands, request_id, SecondMatter("noise_nuisance", "the only light"), ANNA)
    answer = await anna.opens(f"/cases/{second}/files/0")
    assert answer.content == PNG


def test_what_is_too_large_or_broken_is_named_and_the_message_is_not_lost() -> None:
    request = received(
        a_file(b"x" * (MOST_BYTES + 1), "film.mp4"),
        a_file(b"", "broken.png") | {"content": "%%%"},
        a_file(PNG, "changed.png", sha256="0" * 64),
        a_file(b"y" * MOST_BYTES, "first.bin"),
        a_file(b"z" * (MOST_TOGETHER - MOST_BYTES + 1), "second.bin"),
        a_file(PNG),
    )
    assert [file.name for file in request.files if file.content] == ["first.bin", "lamp.png"]
    assert [dropped.field for dropped in request.dropped] == [f"files.{place}.content" for place in (0, 1, 2, 4)]
    assert [dropped.value for dropped in request.dropped] == ["film.mp4", "broken.png", "changed.png", "second.bin"]
    assert request.files[0].size == MOST_BYTES + 1
    assert len(request.model_dump_json()) < 1_000_000
    assert RequestReceived.model_validate_json(request.model_dump_json()) == request


def test_a_request_without_files_is_the_same_as_before_there_were_any_and_another_file_is_another_request() -> None:
    plain = RequestReceived.model_validate(a_request(request_id="11111111-1111-4111-8111-111111111111"))
    assert content_of(plain) == content_of(RequestReceived.model_validate(plain.model_dump(exclude={"files"})))
    request, other = received(a_file(PNG)), received(a_file(PNG + b" "))
    assert content_of(request) == content_of(attached_files.without_contents(request))
    assert content_of(request) != content_of(other)


@pytest.mark.parametrize(
    "name",
    ["bill.exe", "bill.pdf.JS", "start.bat", "form.html", "table.docm", "bill.exe. ", "bill.\u202eexe", "picture.svg", "C:\\bill.ps1"],
)
async def test_a_file_that_can_run_is_marked_beside_its_download(city: City, anna: Browser, name: str) -> None:
    request_id = await arrives(city, a_file(TEXT, name, media_type="text/plain"))
    for address in (f"/cases/{request_id}", f"/cases/{request_id}/files/0/text"):
        before, download, _ = (await anna.opens(address)).text.partition(f'href="/cases/{request_id}/files/0" download')
        assert download
        assert "This file can run on your computer" in before[-300:]


@pytest.mark.parametrize("name", ["lamp.png", "what I saw.txt", "exe", "bill.pdf", "letter.docx", "notes about setup.exe.txt"])
async def test_a_file_that_only_shows_something_is_not_marked(city: City, anna: Browser, name: str) -> None:
    request_id = await arrives(city, a_file(TEXT, name, media_type="text/plain"))
    assert "can run on your computer" not in (await anna.opens(f"/cases/{request_id}")).text


MAIL = b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(EICAR)


def scanned(content: bytes, name: str, scan: str, threat: str | None = None) -> dict[str, Any]:
    return a_stored_file(content, name, "text/plain") | {"scan": scan, "threat": threat}


async def test_an_infected_file_is_shown_as_blocked_and_nobody_opens_it(city: City, anna: Browser) -> None:
    await city.commands.files.put("city", EICAR)
    request_id = await arrives(city, scanned(EICAR, "bill.pdf", "infected", "<Eicar>"))
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert "Blocked: &lt;Eicar&gt;" in page
    assert f"/cases/{request_id}/files/0" not in page
    for way in ("", "/image", "/text"):
        answer = await anna.opens(f"/cases/{request_id}/files/0{way}")
        assert answer.status_code == 403
        assert EICAR not in answer.content
        assert "&lt;Eicar&gt;" in answer.text


async def test_a_file_that_no_scanner_has_seen_is_looked_through_before_it_is_opened(city: City, anna: Browser) -> None:
    note = b"Since Monday."
    for content in (EICAR, note):
        await city.commands.files.put("city", content)
    request_id = await arrives(
        city, scanned(EICAR, "bill.pdf", "not_scanned"), scanned(note, "note.txt", "not_scanned"), a_file(EICAR, "inline.png")
    )
    assert "Not scanned" not in (await anna.opens(f"/cases/{request_id}")).text, "nothing will look through it"
    async with scanner_double() as clamd:
        city.commands.__dict__["scanner"] = file_scanner(clamd.url)
        assert "Not scanned for viruses yet" in (await anna.opens(f"/cases/{request_id}")).text
        assert [(await anna.opens(f"/cases/{request_id}/files/{place}")).status_code for place in range(3)] == [403, 200, 403]
        page = (await anna.opens(f"/cases/{request_id}")).text
        assert page.count(f"Blocked: {THREAT}") == 2
        assert "Not scanned" not in page
        asked = len(clamd.seen)
        await anna.opens(f"/cases/{request_id}/files/1")
        assert len(clamd.seen) == asked, "once is enough"


async def test_a_file_stays_closed_while_the_scanner_is_away(city: City, anna: Browser) -> None:
    request_id = await arrives(city, a_file(TEXT, "note.txt", media_type="text/plain"))
    city.commands.__dict__["scanner"] = file_scanner("clamd://127.0.0.1:1")
    answer = await anna.opens(f"/cases/{request_id}/files/0")
    assert answer.status_code == 503
    assert TEXT not in answer.content
    assert "scanner is away" in answer.text


def an_original(scan: str) -> dict[str, Any]:
    """A mail with EICAR in it, as a scanner sees it that does not decode mails: clean."""
    return scanned(MAIL, "original.eml", scan) | {"media_type": "message/rfc822"}


@pytest.mark.parametrize("places", [(0, 1), (1, 0)])
async def test_a_mail_whose_file_is_infected_stays_closed_whichever_is_opened_first(
    city: City, anna: Browser, places: tuple[int, int]
) -> None:
    for content in (EICAR, MAIL):
        await city.commands.files.put("city", content)
    request_id = await arrives(city, scanned(EICAR, "bill.pdf", "not_scanned"), an_original("not_scanned"))
    async with scanner_double() as clamd:
        city.commands.__dict__["scanner"] = file_scanner(clamd.url)
        assert [(await anna.opens(f"/cases/{request_id}/files/{place}")).status_code for place in places] == [403, 403]
        assert (await anna.opens(f"/cases/{request_id}")).text.count(f"Blocked: {THREAT}") == 2
    city.commands.__dict__["scanner"] = None
    assert (await anna.opens(f"/cases/{request_id}/files/1")).status_code == 403


async def test_a_mail_that_was_taken_for_clean_stays_closed_for_the_file_in_it(city: City, anna: Browser) -> None:
    await city.commands.files.put("city", MAIL)
    request_id = await arrives(city, scanned(EICAR, "bill.pdf", "infected", THREAT), an_original("clean"))
    assert (await anna.opens(f"/cases/{request_id}/files/1")).status_code == 403


async def test_what_a_scanner_has_said_of_a_file_stands(city: City) -> None:
    request_id = await arrives(city, scanned(EICAR, "bill.pdf", "infected", THREAT), a_file(PNG))
    async with city.commands.database.transaction() as session:
        await attachment_store.note_verdicts(session, request_id, {0: CLEAN, 1: CLEAN})
        await attachment_store.note_verdicts(session, request_id, {0: NOT_SCANNED, 1: NOT_SCANNED})
        assert [file.scan for file in await attachment_store.of_case(session, request_id)] == ["infected", "clean"]


async def test_while_a_scanner_thinks_others_get_their_previews(city: City, anna: Browser) -> None:
    await city.commands.files.put("city", PNG)
    clean = a_stored_file(PNG, "clean.png", "image/png") | {"scan": "clean"}
    request_id = await arrives(city, *[a_file(PNG)] * AT_ONCE, clean)
    async with scanner_double() as clamd:
        city.commands.__dict__["scanner"], clamd.answers = file_scanner(clamd.url), False
        waiting = [asyncio.create_task(anna.opens(f"/cases/{request_id}/files/{place}/image")) for place in range(AT_ONCE)]
        await until_async(lambda: len(clamd.seen) == AT_ONCE, "the scanner has them")
        async with asyncio.timeout(20):
            assert (await anna.opens(f"/cases/{request_id}/files/{AT_ONCE}/image")).status_code == 200
        assert not any(task.done() for task in waiting)
    assert [task.status_code for task in await asyncio.gather(*waiting)] == [200] * AT_ONCE


def test_nobody_but_intake_is_believed_that_a_file_was_scanned() -> None:
    request = received(scanned(EICAR, "bill.pdf", "clean")).with_nothing_stored()
    assert [(file.stored, file.scan) for file in request.files] == [(False, None)]
    request = received(a_file(PNG) | {"scan": "clean"}).with_nothing_stored()
    assert [file.scan for file in request.files] == [None]
