"""`parvis explain` tells a citizen how their message was handled, and nothing of anybody else."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from typer.testing import CliRunner

from schemas.requests_received import RequestReceived
from services.cli.main import app
from services.review import handlers
from services.review.audit import store as audit
from services.review.cases import store
from services.review.cases.deciding import actions
from services.review.people import store as people
from services.runtime import clock
from tests.pages.city import ANNA, LETTER, REPLY, City, without_kafka
from tests.pages.test_acknowledgements import receipts, receives, switches, tells


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
    assert (told["sorted"]["classifier"], told["draft"]["by"], told["decision"]["deciders"]) == (
        "test",
        "model",
        [{"name": None, "role": "caseworker"}],
    )
    monkeypatch.setenv("PARVIS_EXPLAIN_NAMES", "true")
    assert "Decided by: Anna Miller" in await run(str(request_id))
    async with city.commands.database.transaction() as session:
        await people.remove_person(session, ANNA.email, clock.now())
    assert "Decided by: caseworker." in await run(str(request_id))


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


@pytest.mark.parametrize(
    ("how", "way"), [("phone", "A person answered you themselves: by telephone."), ("other", "A person answered you themselves.")]
)
async def test_of_a_call_it_is_not_said_that_a_reply_was_sent(city: City, how: Any, way: str) -> None:
    request_id = await city.waiting_case()
    await city.does(ANNA, request_id, actions.AnswerByHand(how, "Told them when."))
    async with city.commands.database.reading() as session:
        [(decision, _)] = await store.decisions_of(session, request_id)
    await city.tells(request_id, decision.decision_id, "delivered", "", returned=False)
    text = await run(str(request_id))
    assert way in text
    assert "was sent" not in text
    assert "say which" not in text


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        ("delivered", "The reply was sent on"),
        ("uncertain", "It is not certain whether the reply was sent: a person finds out."),
        ("manual", "There is no e-mail address to send the reply to: a person passes it on to you."),
        ("failed", "The reply could not be delivered; a person sees to it."),
    ],
)
async def test_each_outcome_has_a_sentence_of_its_own(city: City, outcome: str, sentence: str) -> None:
    request_id = await city.waiting_case()
    await city.approves(ANNA, request_id)
    await city.dispatches(request_id, outcome)
    delivery = [line for line in (await run(str(request_id))).splitlines() if "the reply" in line.lower() and "drafted" not in line]
    assert len(delivery) == 1
    assert sentence in delivery[0]


async def test_a_joined_message_is_explained_by_the_reply_to_the_other_one(city: City) -> None:
    first, second = await city.waiting_case(), await city.waiting_case()
    await city.does(ANNA, second, actions.Join(first))
    waits = await run(str(second))
    assert f"It is answered together with your other message, {first}." in waits
    assert "No person has decided on a reply yet" in waits
    await city.approves(ANNA, first)
    await city.dispatches(first)
    text = await run(str(second))
    assert "approved it as it was" in text
    assert "The reply was sent on" in text
    assert "without a reply" not in text


async def test_of_another_person_s_case_only_that_it_is_answered_together(city: City) -> None:
    first, second = await city.waiting_case(), await city.waiting_case()
    await city.does(ANNA, second, actions.Join(first))
    await city.does(ANNA, first, actions.CorrectRecipient("somebody.else@example.org"))
    text = await run(str(second))
    assert "It is answered together with another message." in text
    for hidden in (str(first), "language model drafted", "Decided by", "No person has decided", "without a reply"):
        assert hidden not in text


async def test_what_nobody_has_sorted_yet_is_not_called_sorted_and_words_are_not_its_own(city: City) -> None:
    text = await run(str(await city.receives(outcome="needs_triage", confidence=0.3)))
    assert "Where it is not sure, a person sorts." in text
    assert "A program sorted it" not in text
    assert "Street lighting" not in text
    assert "weighed most" not in text


async def test_before_anything_has_read_it_nothing_is_said_of_what_is_hidden(city: City) -> None:
    request_id = uuid4()
    sent = {"request_id": request_id, "agency": "city", "channel": "web", "received_at": clock.now(), "body": LETTER}
    await city.commands.take_in(handlers.received(RequestReceived.model_validate(sent)))
    assert "recognised as a personal detail" not in await run(str(request_id), "--lang", "en")


async def test_where_drafting_is_off_a_person_wrote_the_reply(city: City) -> None:
    request_id = await city.receives()
    draft_id = await city.drafts(request_id, body="", citations=[], checks=[], drafted_by="template", model=None, withheld="switched off")
    await city.does(ANNA, request_id, actions.Approve(draft_id, subject="Your lamp", body=REPLY))
    text = await run(str(request_id))
    assert "No draft was made: a person writes the reply." in text
    assert "A person wrote the reply themselves on" in text
    assert "drafted a reply" not in text
    assert "checks of the draft" not in text


async def test_where_the_agency_s_page_is_and_no_version_that_nobody_knows(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    request_id = await answered(city)
    assert "/about/" not in await run(str(request_id))
    monkeypatch.setenv("PARVIS_PUBLIC_URL", "https://parvis.example")
    text = await run(str(request_id))
    assert "https://parvis.example/about/city" in text
    assert "version ?" not in text


async def test_a_citizen_is_told_of_the_receipt_that_went_by_itself(city: City) -> None:
    await switches(city)
    request_id = await receives(city)
    assert "A receipt is on its way to you." in await run(str(request_id))
    [decided] = await receipts(city)
    await tells(city, decided)
    assert "A receipt was sent to you by itself on" in await run(str(request_id))
    assert "Un accusé de réception vous a été envoyé" in await run(str(request_id), "--lang", "fr")
    assert json.loads(await run(str(request_id), "--json"))["receipt"]["outcome"] == "delivered"
