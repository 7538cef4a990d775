"""The page behind a reply's link: opened as often as anybody likes, answered once, and telling nothing."""

import hashlib
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError
from sqlmodel import select, update

from schemas import replies_rated, requests_received
from schemas.replies_decided import ReplyDecided
from schemas.replies_rated import ReplyRated
from schemas.requests_received import RequestReceived
from services.intake import acceptance, handlers
from services.intake.acceptance import Caller, Sent
from services.intake.answers.tables import AskedReplyRow
from services.runtime import clock
from services.runtime.outbox import OutboxRow
from tests.service.form_desk import an_intake, browser, settings

TOKEN = "abcdefghijklmnopqrstuvwxyz234567"
PAGE = f"/answers/belrive/{TOKEN}"
REQUEST_ID, DECISION_ID = UUID("11111111-1111-4111-8111-111111111111"), uuid4()


def decided(**changes: object) -> ReplyDecided:
    values = {
        "request_id": REQUEST_ID,
        "decision_id": DECISION_ID,
        "agency": "belrive",
        "decision": "approved",
        "decided_by": "anna@belrive.example",
        "decided_at": clock.now(),
        "subject": "Re: the lamp",
        "body": "It is mended.",
        "rating_hash": hashlib.sha256(TOKEN.encode()).hexdigest(),
    }
    return ReplyDecided.model_validate(values | changes)


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[FastAPI]:
    """One whose agencies have no form."""
    application = await an_intake(tmp_path, forms=(), intake_public_url="http://127.0.0.1", reply_question="belrive")
    await handlers.on_reply_decided(decided(), application.state.database)
    yield application
    await application.state.database.close()


@pytest.fixture
async def citizen(intake: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(intake) as client:
        yield client


async def left(intake: FastAPI) -> tuple[list[ReplyRated], list[RequestReceived]]:
    """What leaves for Kafka: answers, and messages that re-open the matter."""
    async with intake.state.database.reading() as session:
        rows = (await session.exec(select(OutboxRow).order_by(OutboxRow.id))).all()  # type: ignore[arg-type]
    rated = [ReplyRated.model_validate_json(row.value) for row in rows if row.topic == replies_rated.TOPIC]
    return rated, [RequestReceived.model_validate_json(row.value) for row in rows if row.topic == requests_received.TOPIC]


async def test_opened_by_whatever_looks_at_links_it_changes_nothing_and_tells_nothing(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    pages = [await citizen.get(PAGE) for _ in range(10)]

    assert {page.status_code for page in pages} == {200}
    assert await left(intake) == ([], [])
    assert "City of Belrive" in pages[0].text
    assert "lamp" not in pages[0].text
    assert "mended" not in pages[0].text
    assert "<script" not in pages[0].text
    assert "set-cookie" not in pages[0].headers
    assert (await citizen.get("/forms/belrive/form.css")).status_code == 200
    assert (await citizen.get("/forms/belrive")).status_code == 404, "there is no form here all the same"


async def test_no_is_one_request_that_follows_the_first_however_often_it_is_sent(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    sent = [await citizen.post(PAGE, data={"solved": "no", "missing": text}) for text in ("It is\r\nstill dark.", "Other words.")]
    receipt = await citizen.get(sent[0].headers["location"])

    rated, [request] = await left(intake)
    assert {answer.status_code for answer in sent} == {303}
    assert [(one.solved, one.decision_id, one.request_id) for one in rated] == [(False, DECISION_ID, REQUEST_ID)]
    assert (request.body, request.in_reply_to, request.unsolved_by) == ("It is\nstill dark.", REQUEST_ID, DECISION_ID)
    assert (request.channel, request.citizen, request.agency) == ("web", None, "belrive")
    assert "Somebody will read it" in receipt.text
    assert "<form" not in receipt.text


async def test_nobody_can_know_the_number_of_what_follows_before_it_is_there(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    numbers = []
    for _ in range(2):
        await citizen.post(PAGE, data={"solved": "no"})
        _, requests = await left(intake)
        numbers.append(requests[-1].request_id)
        async with intake.state.database.transaction() as session:  # the same link once more, as if nothing had been answered
            await session.exec(update(AskedReplyRow).values(solved=None, rated_at=None))

    assert len(set(numbers)) == 2
    assert {number.version for number in numbers} == {4}


async def test_no_whose_message_is_refused_is_not_recorded_and_can_be_sent_again(
    intake: FastAPI, citizen: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [UUID("22222222-2222-4222-8222-222222222222"), uuid4()]
    async with intake.state.database.transaction() as session:
        value = {"request_id": str(numbers[0]), "channel": "web", "body": "Mine."}
        await acceptance.accept_all(session, Caller("nyon"), [Sent(value)], clock.now(), timedelta(minutes=1))
    monkeypatch.setattr(acceptance, "uuid4", lambda: numbers.pop(0))

    assert (await citizen.post(PAGE, data={"solved": "no"})).status_code == 409
    assert (await left(intake))[0] == []
    assert (await citizen.post(PAGE, data={"solved": "no", "missing": "Still dark."})).status_code == 303

    rated, requests = await left(intake)
    assert [one.solved for one in rated] == [False]
    assert [one.body for one in requests if one.agency == "belrive"] == ["Still dark."]


async def test_yes_may_turn_into_no_and_no_stays(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    for answer in ("yes", "yes", "no", "yes"):
        assert (await citizen.post(f"{PAGE}?lang=fr", data={"solved": answer})).status_code == 303

    rated, [request] = await left(intake)
    assert [one.solved for one in rated] == [True, False]
    assert (request.body, request.language) == ("La réponse n’a pas réglé la question.", "fr")


async def test_what_was_typed_without_a_choice_is_no_and_nothing_at_all_is_asked_again(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    empty = await citizen.post(PAGE, data={"missing": " \u200b "})
    long = await citizen.post(PAGE, data={"solved": "no", "missing": "<b>" + "m" * 20_000})
    assert await left(intake) == ([], [])
    typed = await citizen.post(PAGE, data={"missing": "The lamp."})

    assert (empty.status_code, long.status_code, typed.status_code) == (422, 422, 303)
    assert "Choose one of the two answers" in empty.text
    assert "20,003 characters" in long.text
    assert "&lt;b&gt;mmm" in long.text
    _, [request] = await left(intake)
    assert request.body == "The lamp."


async def test_who_has_sent_too_much_is_told_so_and_keeps_what_was_typed(tmp_path: Path) -> None:
    more = {"forms": (), "intake_public_url": "http://127.0.0.1", "reply_question": "all", "forms_hourly_per_address": 1}
    intake = await an_intake(tmp_path, **more)
    await handlers.on_reply_decided(decided(), intake.state.database)
    async with browser(intake) as citizen:
        await citizen.post(PAGE, data={})
        page = await citizen.post(PAGE, data={"solved": "no", "missing": "Still <dark>."})
        french = await citizen.post(f"{PAGE}?lang=fr", data={"solved": "no", "missing": "Toujours rien."})

    assert (page.status_code, french.status_code) == (429, 429)
    assert int(page.headers["retry-after"]) > 0
    assert "Too much was sent from where you are, and your answer was not taken." in page.text
    assert "Still &lt;dark&gt;." in page.text
    assert re.search('value="no" checked', page.text)
    assert "votre réponse n’a pas été prise" in french.text
    assert await left(intake) == ([], [])
    await intake.state.database.close()


async def test_what_is_to_be_added_later_is_written_in_whatever_way_there_is(citizen: httpx.AsyncClient) -> None:
    await citizen.post(PAGE, data={"solved": "no"})
    assert "write to the office again" in (receipt := (await citizen.get(PAGE)).text)
    assert "answer the mail" not in receipt, "the reply may have come by hand"


async def test_another_agencys_link_and_a_guessed_one_lead_nowhere_and_guessing_ends(citizen: httpx.AsyncClient) -> None:
    wrong = [f"/answers/nyon/{TOKEN}", "/answers/belrive/x", "/answers/..%2f/y", f"/answers/belrive/{'b' * 32}"]
    assert [(await citizen.get(page)).status_code for page in wrong] == [404] * 4
    assert (await citizen.post(wrong[0], data={"solved": "no"})).status_code == 404
    for _ in range(20):
        last = await citizen.get(wrong[3])

    assert last.status_code == 429
    assert int(last.headers["retry-after"]) > 0
    assert (await citizen.get(PAGE)).status_code == 429, "who guesses is told nothing of a right one either"


async def test_sent_again_with_a_corrected_address_it_is_the_same_question(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    await citizen.post(PAGE, data={"solved": "no"})
    await handlers.on_reply_decided(decided(decision_id=uuid4()), intake.state.database)
    await citizen.post(PAGE, data={"solved": "no"})

    rated, requests = await left(intake)
    assert (len(rated), len(requests)) == (1, 1)


@pytest.mark.parametrize("asking", [{}, {"reply_question": "none"}])
async def test_where_nobody_asks_there_is_no_such_page(tmp_path: Path, asking: dict[str, str]) -> None:
    intake = await an_intake(tmp_path, forms=(), intake_public_url="http://127.0.0.1", **asking)
    async with browser(intake) as citizen:
        assert (await citizen.get(PAGE)).status_code == 404
    await intake.state.database.close()


@pytest.mark.parametrize("setting", ["reply_question", "reply_note"])
def test_a_mistyped_code_is_refused_by_name(tmp_path: Path, setting: str) -> None:
    with pytest.raises(ValidationError, match=f"(?s){setting}.*'Bel rive' is no agency's code"):
        settings(tmp_path, **{setting: "nyon,Bel rive"})
