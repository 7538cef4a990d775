"""`parvis knowledge gaps` and `report` print what the page shows, without a word that is not redacted."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.knowledge import knowledge
from services.review.cases.deciding.actions import Approve
from tests.pages.city import ANNA, REPLY, City, without_kafka


@pytest.fixture
async def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[City]:
    monkeypatch.setenv("PARVIS_DATA_DIR", str(tmp_path))
    app = without_kafka(tmp_path)
    city = City(app)
    await city.hires(ANNA)
    yield city
    await app.state.database.close()


async def run(*arguments: str) -> str:
    done = await asyncio.to_thread(CliRunner().invoke, knowledge, list(arguments))
    assert done.exit_code == 0, done.output
    return done.stdout


async def test_gaps_are_printed_with_their_words_and_ids_and_nobodys_name(city: City) -> None:
    ids = []
    for text in ("Where do I register a beehive?", "Ines Marlow asks: may I keep beehives?"):
        spans = [{"field": "body", "start": 0, "end": 11, "placeholder": "[NAME_1]"}] if text.startswith("Ines") else []
        hidden = {"subject": None, "body": text.replace("Ines Marlow", "[NAME_1]"), "spans": spans}
        ids.append(await city.receives(request={"subject": None, "body": text}, redacted=hidden, letter="question", category="other"))
        await city.drafts(ids[-1], citations=[])

    printed, figures = await run("gaps"), json.loads(await run("gaps", "--json"))

    assert "    2  other: beehive" in printed
    assert str(ids[0]) in printed
    assert "Marlow" not in printed + json.dumps(figures)
    [group] = figures["groups"]
    assert {message["request_id"] for message in group["messages"]} == {str(request_id) for request_id in ids}
    assert "nothing since" in await run("gaps", "--agency", "another")


async def test_articles_that_nobody_cites_and_those_put_right_most_are_printed(city: City) -> None:
    source = {"passage_id": "en-street-lamp-fault#2", "title": "Lamps", "url": "https://city.example/lamps", "quote": "within five"}
    for _ in range(3):
        request_id = await city.receives()
        draft_id = await city.drafts(request_id, citations=[source])
        body = REPLY.replace("within five working days", "within nine working days")
        await city.does(ANNA, request_id, Approve(draft_id, "Your street lamp on Heron Street", body))

    printed, figures = await run("report"), json.loads(await run("report", "--json"))

    assert "en-street-lamp-fault: 3 of 3 drafts" in printed
    never = {article["article_id"] for article in figures["never_cited"]}
    assert "en-street-lamp-fault" not in never
    assert len(never) > 20
