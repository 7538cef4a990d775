"""Files of the published answers that go with a reply: offered, ticked by a person, and sent as they were decided on."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from schemas.replies_decided import ReplyAttachment, ReplyDecided
from services.domain import knowledge_folder
from services.domain.knowledge_folder import InvalidKnowledge
from services.review.cases.deciding.actions import Approve, Recall
from services.review.safeguards import drawing
from services.runtime.errors import Conflict, InvalidInput
from tests.pages.city import ANNA, SUE, Browser, City, hidden_fields, without_kafka, written
from tests.pages.conftest import SignIn
from tests.pages.keyboard import filled, served, settled, signed_in, started
from tests.pages.test_look_before_sending import rule as look_before_sending
from tests.pages.test_second_approval import approves_second, rule
from tests.service.test_review_api import leaving

PDF = b"%PDF-1.7\nChange of address\n"
LAMPS = """---
id: lamps
title: Street lamp faults
url: https://city.example/answers/street-lamp-fault
language: en
attachments: [forms/change of address.pdf, plan.txt]
---
A single street lamp that is out is repaired within five working days of the report.
"""
CITATION = {"passage_id": "lamps#1", "title": "Street lamp faults", "url": "https://city.example/a", "quote": "A single street lamp"}


def knowledge(folder: Path) -> Path:
    """A folder of one article with two files, and another one that nobody quotes."""
    articles = folder / "knowledge"
    (articles / "forms").mkdir(parents=True)
    (articles / "lamps.md").write_text(LAMPS)
    (articles / "other.md").write_text(
        LAMPS.replace("id: lamps", "id: other").replace("[forms/change of address.pdf, plan.txt]", "[other.txt]")
    )
    (articles / "forms" / "change of address.pdf").write_bytes(PDF)
    (articles / "plan.txt").write_text("Every Tuesday.")
    (articles / "other.txt").write_text("Not quoted.")
    return articles


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[City]:
    app = without_kafka(tmp_path, knowledge_dir=knowledge(tmp_path))
    app.state.published.start()
    yield City(app)
    await app.state.database.close()


async def a_case(city: City) -> UUID:
    request_id = await city.receives()
    await city.drafts(request_id, citations=[CITATION])
    return request_id


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def decided(city: City) -> ReplyDecided:
    return ReplyDecided.model_validate_json((await leaving(city, ReplyDecided.topic))[-1].value)


VALUE = f"{digest(PDF)}/change of address.pdf"
ATTACHED = ReplyAttachment(name="change of address.pdf", media_type="application/pdf", sha256=digest(PDF), size=len(PDF))


async def test_what_the_quoted_article_offers_is_shown_and_nothing_is_ticked(city: City, anna: Browser) -> None:
    request_id = await a_case(city)
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert f'<input type="checkbox" name="attachments" value="{VALUE}"> <span dir="auto">change of address.pdf</span>' in page
    assert "PDF, " in page
    assert "other.txt" not in page
    await anna.sends(request_id, "approve", seen=page, **written(page))
    assert (await decided(city)).attachments == []


async def test_what_is_ticked_goes_with_the_decision_and_stays_as_it_was(city: City, anna: Browser, tmp_path: Path) -> None:
    request_id = await a_case(city)
    page = (await anna.opens(f"/cases/{request_id}")).text
    await anna.sends(request_id, "approve", seen=page, **written(page), attachments=["", VALUE])
    assert (await decided(city)).attachments == [ATTACHED]
    assert "change of address.pdf" in (await anna.opens(f"/cases/{request_id}")).text
    await anna.sends(request_id, "recall")
    assert f'value="{VALUE}" checked' in (await anna.opens(f"/cases/{request_id}")).text

    (tmp_path / "knowledge" / "forms" / "change of address.pdf").write_bytes(b"%PDF-1.7 another")
    assert await city.commands.files.get("city", digest(PDF)) == PDF
    city.app.state.published.start()
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert f'value="{digest(b"%PDF-1.7 another")}/change of address.pdf"> ' in page, "another file is not ticked by itself"


async def test_a_file_that_changed_while_somebody_was_reading_is_not_decided_on(city: City, anna: Browser, tmp_path: Path) -> None:
    request_id = await a_case(city)
    page = (await anna.opens(f"/cases/{request_id}")).text
    (tmp_path / "knowledge" / "forms" / "change of address.pdf").write_bytes(b"%PDF-1.7 another")
    answer = await anna.sends(request_id, "approve", seen=page, **(written(page) | {"body": "My own words."}), attachments=["", VALUE])
    assert "change of address.pdf is another file since you looked" in answer.text
    assert "My own words." in answer.text
    assert await leaving(city, ReplyDecided.topic) == []


async def test_a_file_that_was_damaged_in_the_store_is_written_anew_before_it_is_decided_on(city: City) -> None:
    request_id = await a_case(city)
    draft = (await city.case(request_id)).draft
    assert draft
    files = city.commands.files
    await files.put("city", PDF)
    assert files._folder
    [kept] = files._folder.rglob(digest(PDF))
    kept.write_bytes(PDF[:-1] + b"!")
    await city.does(ANNA, request_id, Approve(draft.draft_id, attachments=("change of address.pdf",)))
    assert await files.get("city", digest(PDF)) == PDF


async def test_a_program_names_files_and_only_what_is_offered(city: City) -> None:
    request_id = await a_case(city)
    draft = (await city.case(request_id)).draft
    assert draft
    for name, error in [("other.txt", InvalidInput), ("../lamps.md", InvalidInput), (f"{'0' * 64}/plan.txt", Conflict)]:
        with pytest.raises(error) as refused:
            await city.does(ANNA, request_id, Approve(draft.draft_id, attachments=(name,)))
        assert refused.value.field == "attachments"
    case = await city.does(ANNA, request_id, Approve(draft.draft_id, attachments=("plan.txt", "change of address.pdf", "plan.txt")))
    assert case.decision
    assert [file.name for file in case.decision.attachments] == ["plan.txt", "change of address.pdf"]
    assert [file.media_type for file in case.decision.attachments] == ["text/plain", "application/pdf"]
    await city.does(ANNA, request_id, Recall())


async def test_the_second_person_sees_and_sends_what_was_approved_first(city: City, sign_in: SignIn, tmp_path: Path) -> None:
    await rule(city, category="street_lighting")
    request_id = await a_case(city)
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    page = (await anna.opens(f"/cases/{request_id}")).text
    await anna.sends(request_id, "approve", seen=page, **written(page), attachments=["", VALUE])
    assert await leaving(city, ReplyDecided.topic) == []
    (tmp_path / "knowledge" / "forms" / "change of address.pdf").write_bytes(b"%PDF-1.7 another")
    assert "With the file" in (await sue.opens(f"/cases/{request_id}")).text
    assert await approves_second(sue, request_id) == 303
    assert (await decided(city)).attachments == [ATTACHED]


async def test_whoever_approves_can_open_what_they_send_and_nothing_else_of_the_folder(city: City, sign_in: SignIn, tmp_path: Path) -> None:
    await rule(city, category="street_lighting")
    request_id = await a_case(city)
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    address = f"/cases/{request_id}/reply-files/{digest(PDF)}"
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert f'href="{address}" download' in page
    answer = await anna.opens(address)
    assert (answer.status_code, answer.content) == (200, PDF)
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith('attachment; filename="change of address.pdf"')
    await anna.sends(request_id, "approve", seen=page, **written(page), attachments=["", VALUE])

    (tmp_path / "knowledge" / "forms" / "change of address.pdf").write_bytes(b"%PDF-1.7 another")
    assert f'href="{address}" download' in (await sue.opens(f"/cases/{request_id}")).text
    assert (await sue.opens(address)).content == PDF, "what waits, and not what the folder has by now"
    assert await approves_second(sue, request_id) == 303
    assert f'href="{address}" download' in (await anna.opens(f"/cases/{request_id}")).text
    assert (await anna.opens(address)).content == PDF
    await city.commands.files.put("city", b"a citizen's own file")
    for other in (digest(b"Not quoted."), digest(b"a citizen's own file"), "%2e%2e%2flamps.md"):
        assert (await anna.opens(f"/cases/{request_id}/reply-files/{other}")).status_code == 404


async def test_a_second_person_who_knows_nothing_yet_opens_only_what_is_offered(
    city: City, sign_in: SignIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "number", lambda *_: 4_999)
    await look_before_sending(city)
    request_id = await a_case(city)
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    page = (await anna.opens(f"/cases/{request_id}")).text
    await anna.sends(request_id, "approve", seen=page, **written(page), attachments=["", VALUE])
    (tmp_path / "knowledge" / "forms" / "change of address.pdf").write_bytes(b"%PDF-1.7 another")
    assert (await sue.opens(f"/cases/{request_id}/reply-files/{digest(PDF)}")).status_code == 404
    assert (await anna.opens(f"/cases/{request_id}/reply-files/{digest(PDF)}")).content == PDF


async def test_where_no_mail_goes_the_page_says_that_files_are_only_named(city: City, anna: Browser) -> None:
    request_id = await city.receives(request={"citizen": {"name": "Ines Marlow", "phone": "555"}})
    await city.drafts(request_id, citations=[CITATION])
    assert "learns their names alone" in (await anna.opens(f"/cases/{request_id}")).text
    other = await a_case(city)
    assert "learns their names alone" not in (await anna.opens(f"/cases/{other}")).text


@pytest.mark.parametrize("how", ["undone", "sent back"])
async def test_a_first_approval_that_ends_leaves_its_files_ticked_beside_its_text(city: City, sign_in: SignIn, how: str) -> None:
    await rule(city, category="street_lighting")
    request_id = await a_case(city)
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    page = (await anna.opens(f"/cases/{request_id}")).text
    await anna.sends(request_id, "approve", seen=page, **(written(page) | {"body": "My own words."}), attachments=["", VALUE])
    if how == "undone":
        await anna.sends(request_id, "recall")
    else:
        await sue.sends(request_id, "send-back", reason="the lamp is private")
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert written(page)["body"].strip() == "My own words."
    assert f'value="{VALUE}" checked' in page


async def test_the_same_files_in_another_order_are_the_same(city: City) -> None:
    await rule(city, category="street_lighting")
    request_id = await a_case(city)
    draft = (await city.case(request_id)).draft
    assert draft
    names = ("plan.txt", "change of address.pdf")
    await city.does(ANNA, request_id, Approve(draft.draft_id, attachments=names))
    await city.does(SUE, request_id, Approve(draft.draft_id, attachments=names[::-1]))
    assert len(await leaving(city, ReplyDecided.topic)) == 1


async def test_who_would_have_sent_the_same_text_with_other_files_is_told_so(
    city: City, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "number", lambda *_: 4_999)
    await look_before_sending(city)
    request_id = await a_case(city)
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    page = (await anna.opens(f"/cases/{request_id}")).text
    await anna.sends(request_id, "approve", seen=page, **written(page), attachments=["", VALUE])
    page = (await sue.opens(f"/cases/{request_id}")).text
    assert "checked" not in page.split("<legend>Attach")[1].split("</fieldset>")[0]
    plan = f"{digest(b'Every Tuesday.')}/plan.txt"
    await sue.sends(request_id, "approve", seen=page, **written(page), attachments=["", plan])
    assert await leaving(city, ReplyDecided.topic) == []
    page = (await sue.opens(f"/cases/{request_id}")).text
    assert "You would have sent other files with it" in page
    assert "You both came to the same" not in page
    assert "plan.txt" in page.split("What you would have sent")[1].split("</section>")[0]


async def test_a_second_person_who_takes_a_file_away_approves_first(city: City, sign_in: SignIn) -> None:
    await rule(city, category="street_lighting")
    request_id = await a_case(city)
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    page = (await anna.opens(f"/cases/{request_id}")).text
    await anna.sends(request_id, "approve", seen=page, **written(page), attachments=["", VALUE])
    page = (await sue.opens(f"/cases/{request_id}")).text
    await sue.sends(request_id, "approve", seen=page, **written(page), attachments=[""])
    first = (await city.case(request_id)).first_approval
    assert first
    assert (first.by, first.attachments) == (SUE.email, ())
    assert await leaving(city, ReplyDecided.topic) == []
    assert hidden_fields(page)


def spoiled(articles: Path, path: str, content: bytes | None) -> str:
    (articles / "lamps.md").write_text(LAMPS.replace("plan.txt", path))
    if content is not None:
        (articles / path).write_bytes(content)
    with pytest.raises(InvalidKnowledge) as refused:
        knowledge_folder.read(articles)
    return str(refused.value)


@pytest.mark.parametrize(
    ("path", "content", "fault"),
    [
        ("none.pdf", None, "there is no such file"),
        ("../secret.txt", None, "give its path within the folder"),
        ("/etc/passwd", None, "give its path within the folder"),
        ("program.pdf", b"MZ\x90\x00" + bytes(100), "give one of PDF"),
        ("page.txt", b"<html><script>1</script>", "it is text/html"),
        ("run.bat", b"del *", "a computer would run a file of that name"),
        ("run.ps1", b"rm *", "a computer would run a file of that name"),
        ("y.js", b"alert(1)", "a computer would run a file of that name"),
        ("'forms/ plan.txt'", None, "neither begins nor ends with a blank"),
        ("empty.txt", b"", "it is empty"),
        ("large.txt", b"x" * (5 * 1024 * 1024 + 1), "more than 5 MiB"),
        ("other.txt", b"another", "lamps.md"),
    ],
)
def test_a_folder_says_which_file_can_not_go_with_a_reply(tmp_path: Path, path: str, content: bytes | None, fault: str) -> None:
    articles = knowledge(tmp_path)
    if path == "other.txt":  # the same name in two places
        path = "forms/other.txt"
        fault = "has the same name; rename one"
    assert fault in spoiled(articles, path, content)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    articles = knowledge(tmp_path)
    (tmp_path / "secret.txt").write_text("secret")
    (articles / "plan.txt").unlink()
    (articles / "plan.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(InvalidKnowledge, match="it leads out of the folder"):
        knowledge_folder.read(articles)
    before = knowledge_folder.stamp(articles)
    (articles / "forms" / "change of address.pdf").write_bytes(b"%PDF-1.7 another")
    assert knowledge_folder.stamp(articles) != before, "review and drafting read the folder again"


def test_a_link_to_a_hidden_file_is_refused_and_the_layout_of_a_configmap_is_not(tmp_path: Path) -> None:
    articles = knowledge(tmp_path)
    version = articles / "..2026_07_01_08_30_00.1"
    version.mkdir()
    (articles / "plan.txt").rename(version / "plan.txt")
    (articles / "..data").symlink_to(version.name)
    (articles / "plan.txt").symlink_to("..data/plan.txt")
    assert knowledge_folder.read(articles)
    (articles / ".git").mkdir()
    (articles / ".git" / "secret").write_text("secret")
    (articles / "plan.txt").unlink()
    (articles / "plan.txt").symlink_to(".git/secret")
    with pytest.raises(InvalidKnowledge, match="it leads to a hidden file"):
        knowledge_folder.read(articles)


async def fill(city: City) -> tuple[str, UUID]:
    return (await city.hires(ANNA))[ANNA.email], await a_case(city)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with started() as browser:
        yield browser


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 390])
def test_a_file_is_ticked_by_keyboard(chromium: Chromium, tmp_path: Path, screenshots: Path, width: int) -> None:
    settings: dict[str, Any] = {"knowledge_dir": knowledge(tmp_path)}
    password, request_id = filled(tmp_path, fill)
    app = without_kafka(tmp_path, **settings)
    app.state.published.start()
    with served(app) as url, signed_in(chromium, url, ANNA, password, (width, 900)) as page:
        page.goto(f"{url}/cases/{request_id}")
        settled(page)
        tick = page.get_by_role("checkbox", name="change of address.pdf")
        expect(tick).not_to_be_checked()
        tick.focus()
        page.keyboard.press("Space")
        expect(tick).to_be_checked()
        tick.scroll_into_view_if_needed()
        page.screenshot(path=screenshots / f"reply-files-{width}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("button", name="Approve and send").click()
        expect(page.get_by_text("change of address.pdf").first).to_be_visible()
