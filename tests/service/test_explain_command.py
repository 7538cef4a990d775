"""`parvis explain` tells a citizen how their message was handled, and nothing of anybody else."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner

from services.cli.main import app
from services.review.audit import store as audit
from services.review.cases.deciding import actions
from tests.pages.city import ANNA, LETTER, REPLY, City, without_kafka


async def run(*arguments: str, code: int = 0) -> str:
    done = await asyncio.to_thread(CliRunner().invoke, app, ["explain", *arguments])
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else str(done.exception)


@pytest.fixture
async def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[City]:
    monkeypatch.setenv("PARVIS_DATA_DIR", str(tmp_path))
    made = City(without_kafka(tmp_path))
    await made.hires(ANNA)
    yield made
    await made.app.state.database.close()


async def answered(city: City, *, edited: bool = False, **triage: Any) -> UUID:
    request_id = await city.receives(request={"subject": None}, redacted={"body": LETTER, "found": {"NAME": 2, "PHONE": 1}}, **triage)
    draft_id = await city.drafts(request_id)
    if edited:
        await city.does(ANNA, request_id, actions.Approve(draft_id, subject="Your lamp", body=REPLY.replace("five", "six")))
    else:
        await city.approves(ANNA, request_id)
    await city.dispatches(request_id)
    return request_id


async def test_a_citizen_is_told_what_machines_and_people_did_and_by_whom_in_their_role(city: City) -> None:
    text = await run(str(await answered(city)))
    for told in (
        'A program sorted it as "Street lighting"',
        "very sure (94 %)",
        "lamp (+2.4)",
        "names: 2",
        "telephone numbers: 1",
        "A language model drafted a reply: a-model",
        "Street lamp faults",
        "A number has no source",
        "approved it as it was",
        "Decided by: caseworker",
        "The reply was sent on",
        "You may object",
    ):
        assert told in text
    assert "Anna" not in text
    assert "city.example\n" not in text
    assert "anna@" not in text


async def test_it_is_told_in_the_language_of_the_message_or_the_one_asked_for(city: City) -> None:
    request_id = await answered(city, edited=True, language={"code": "fr", "confidence": 0.98})
    french = await run(str(request_id))
    assert "Comment votre message" in french
    assert "modifié et validé" in french
    assert "changed it and approved it" in await run(str(request_id), "--lang", "en")
    assert "use en or fr" in await run(str(request_id), "--lang", "de", code=1)


async def test_a_program_gets_the_same_as_json_and_an_agency_may_name_who_decided(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    request_id = await answered(city)
    told = json.loads(await run(str(request_id), "--json"))
    assert (told["sorted"]["classifier"], told["draft"]["by"], told["decision"]["roles"], told["decision"]["who"]) == (
        "test",
        "model",
        ["caseworker"],
        [],
    )
    monkeypatch.setenv("PARVIS_EXPLAIN_NAMES", "true")
    assert "Decided by: Anna Miller" in await run(str(request_id))


async def test_that_it_was_looked_at_is_in_the_log_and_an_unknown_request_is_named(city: City) -> None:
    request_id = await answered(city)
    await run(str(request_id))
    async with city.commands.database.reading() as session:
        [entry] = [each for _, each in await audit.page(session, actor=None, before=None, limit=9) if each.action == audit.READ]
    assert (entry.request_id, entry.detail, entry.actor.startswith("command line")) == (request_id, {"for": "explanation"}, True)
    nobody = UUID(int=7)
    assert f"there is no request {nobody}" in await run(str(nobody), code=1)


async def test_before_anybody_decides_it_says_that_nothing_is_sent_without_a_person(city: City) -> None:
    request_id = await city.waiting_case(signals=[{"kind": "wants_a_person", "words": "no AI please"}])
    text = await run(str(request_id))
    assert "No person has decided on a reply yet, and nothing is sent without one." in text
    assert "You asked for a person" in text
