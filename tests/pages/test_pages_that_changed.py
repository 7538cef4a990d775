"""A waiting draft that quotes a page which says something else by now is marked, on the case and in the queue."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from schemas.drafts_proposed import Citation
from services.domain import knowledge_folder
from services.domain.articles import Passage
from services.review.app import published_of
from services.review.cases.page.published_pages import doubts, published_pages
from services.review.people import store as people
from services.runtime import clock
from services.runtime.settings import Settings
from tests.pages.city import ANNA, OLE, SUE, Browser, City
from tests.pages.conftest import SignIn

CHANGED, EXPIRED, GONE = "The page it quotes has changed since", "The page it quotes has expired", "not among the published answers"


def write(folder: Path, text: str = "A permit costs CHF 120 a year.", **front: Any) -> None:
    fields = {"id": "permit", "title": "Parking <permit>", "url": "https://city.example/permit", "language": "en"} | front
    lines = "\n".join(f"{name}: {value}" for name, value in fields.items())
    (folder / "permit.md").write_text(f"---\n{lines}\n---\n\n{text}\n", encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    answers = tmp_path / "answers"
    answers.mkdir()
    write(answers)
    return answers


async def publish(city: City, folder: Path) -> None:
    """Review reads the folder as it is now."""
    city.app.state.published = published_of(Settings(knowledge_dir=folder))
    await city.app.state.published.look()


async def draft_that_quotes(city: City, passage: Passage, **changes: Any) -> UUID:
    request_id = await city.receives()
    citation = {"passage_id": passage.passage_id, "title": passage.title, "url": passage.url, "quote": passage.text}
    await city.drafts(request_id, citations=[citation | {"digest": passage.digest} | changes])
    return request_id


async def shown(browser: Browser, request_id: UUID) -> tuple[str, str]:
    """The case page, and the queue."""
    case, queue = await browser.opens(f"/cases/{request_id}"), await browser.opens("/")
    return " ".join(case.text.split()), " ".join(queue.text.split())


async def test_nothing_is_marked_while_the_page_says_the_same(anna: Browser, city: City, folder: Path) -> None:
    request_id = await draft_that_quotes(city, *knowledge_folder.read(folder))
    await publish(city, folder)
    for page in await shown(anna, request_id):
        assert "page it quotes" not in page


async def test_a_fee_that_changed_is_marked_with_a_link_to_the_page(anna: Browser, city: City, folder: Path) -> None:
    request_id = await draft_that_quotes(city, *knowledge_folder.read(folder))
    write(folder, "A permit costs CHF 150 a year.")
    await publish(city, folder)

    case, queue = await shown(anna, request_id)

    assert CHANGED in case
    assert 'href="https://city.example/permit"' in case
    assert "Parking &lt;permit&gt;" in case
    assert CHANGED in queue


async def test_a_page_that_changes_while_somebody_reads_stops_one_approval_and_keeps_their_words(
    anna: Browser, city: City, folder: Path
) -> None:
    request_id = await draft_that_quotes(city, *knowledge_folder.read(folder))
    await publish(city, folder)
    seen = (await anna.opens(f"/cases/{request_id}")).text
    write(folder, "A permit costs CHF 150 a year.")
    await publish(city, folder)
    words = {"subject": "Your permit", "body": "It costs what it cost before."}

    stopped = await anna.sends(request_id, "approve", seen=seen, **words)

    assert stopped.status_code == 409
    assert "has changed while you were reading" in stopped.text
    assert "It costs what it cost before." in stopped.text
    assert CHANGED in stopped.text
    assert (await anna.sends(request_id, "approve", seen=stopped.text, **words)).status_code == 303


async def test_an_expired_and_a_vanished_page_are_marked(anna: Browser, city: City, folder: Path) -> None:
    passages = knowledge_folder.read(folder)
    expired = await draft_that_quotes(city, *passages)
    write(folder, expires=clock.now().date() - timedelta(days=3))
    await publish(city, folder)
    case, queue = await shown(anna, expired)
    assert (EXPIRED in case, EXPIRED in queue) == (True, True)

    write(folder, id="another")
    await publish(city, folder)
    case, queue = await shown(anna, expired)
    assert (GONE in case, "The page it quotes is gone" in queue) == (True, True)


async def test_what_is_decided_already_is_marked_no_more(anna: Browser, city: City, folder: Path) -> None:
    request_id = await draft_that_quotes(city, *knowledge_folder.read(folder))
    write(folder, "A permit costs CHF 150 a year.")
    await publish(city, folder)
    await city.hires(SUE)
    await city.approves(SUE, request_id)
    case, _ = await shown(anna, request_id)
    assert CHANGED not in case


async def test_a_folder_that_cannot_be_read_marks_nothing_and_ops_are_told(
    anna: Browser, sign_in: SignIn, city: City, folder: Path
) -> None:
    request_id = await draft_that_quotes(city, *knowledge_folder.read(folder))
    (folder / "permit.md").write_text("---\nid: <b>permit\n---\n", encoding="utf-8")
    await publish(city, folder)

    case, queue = await shown(anna, request_id)
    ops = (await (await sign_in(OLE)).opens("/ops")).text

    assert "page it quotes" not in case + queue
    assert "permit.md: id: String should match" in ops


async def test_the_api_tells_it_as_well(city: City, folder: Path) -> None:
    await city.hires(ANNA)
    request_id = await draft_that_quotes(city, *knowledge_folder.read(folder))
    write(folder, "A permit costs CHF 150 a year.")
    await publish(city, folder)
    async with city.commands.database.transaction() as session:
        token = await people.issue_token(session, ANNA.email, clock.now())
    browser = Browser(city)
    answer = await browser.client.get(f"/api/v1/cases/{request_id}", headers={"Authorization": f"Bearer {token}"})
    listed = await browser.client.get("/api/v1/cases", headers={"Authorization": f"Bearer {token}"})
    await browser.client.aclose()
    assert [line["source_change"] for line in listed.json()["items"]] == ["changed"]
    [doubt] = answer.json()["source_doubts"]
    assert (doubt["passage_id"], doubt["change"]) == ("permit#1", "changed")


TODAY = date(2026, 3, 2)


def citation(passage: Passage, **changes: Any) -> Citation:
    values = {"passage_id": passage.passage_id, "title": passage.title, "url": passage.url, "quote": passage.text, "digest": passage.digest}
    return Citation.model_validate(values | changes)


def test_a_section_put_in_before_the_quoted_one_changes_nothing(folder: Path) -> None:
    write(folder, "## Fees\nA permit costs CHF 120 a year.")
    [quoted] = knowledge_folder.read(folder)
    write(folder, "## Where\nAt the town hall.\n\n## Fees\nA permit costs CHF 120 a year.")
    after = knowledge_folder.read(folder)
    assert [passage.passage_id for passage in after if passage.digest == quoted.digest] == ["permit#2"]
    assert doubts([citation(quoted)], published_pages(after), TODAY) == []


def test_a_draft_of_a_release_that_told_no_digest_is_marked_only_where_its_passage_is_gone(folder: Path) -> None:
    [quoted] = knowledge_folder.read(folder)
    pages = published_pages([quoted])
    assert doubts([citation(quoted, digest="")], pages, TODAY) == []
    assert [d.change for d in doubts([citation(quoted, digest="", passage_id="permit#7")], pages, TODAY)] == ["changed"]


def test_where_nothing_is_known_of_what_is_published_nothing_is_said(folder: Path) -> None:
    [quoted] = knowledge_folder.read(folder)
    assert doubts([citation(quoted)], None, TODAY) == []
