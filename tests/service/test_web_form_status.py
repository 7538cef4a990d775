"""A citizen sees by the reference how the matter stands, and nobody sees more or guesses one."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from services.domain.form_references import LETTERS
from services.intake import store
from services.intake.rules import State, Status
from services.intake.web_form import progress
from services.intake.web_form.throttle import GUESSES
from tests.service.form_desk import FORM, LAMP, browser, citizen, intake, opened, reference_on, requests_of

__all__ = ["citizen", "intake"]


async def test_another_agencys_reference_is_as_unknown_as_one_that_nobody_has(citizen: httpx.AsyncClient) -> None:
    sent = await citizen.post(FORM, data={"id": await opened(citizen), **LAMP})
    reference = reference_on(await citizen.get(sent.headers["location"]))

    elsewhere = await citizen.get(f"/forms/nyon/status?reference={reference}")
    nobodys = await citizen.get("/forms/nyon/status?reference=33333-33333-33333")
    receipt = await citizen.get(sent.headers["location"].replace("belrive", "nyon"))

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
        ("sent", "The office has answered it. If no answer has reached you"),
        ("closed", "It is closed."),
        ("closed", "by an answer that somebody gave you in another way, as by telephone, or without one"),
        ("refused", "It has been received."),
    ],
)
async def test_the_status_says_where_it_stands_and_nothing_of_what_was_written(
    intake: FastAPI, citizen: httpx.AsyncClient, state: State, words: str
) -> None:
    await citizen.post(FORM, data={"id": await opened(citizen), **LAMP, "name": "Ana Maler"})
    [request] = await requests_of(intake)
    async with intake.state.database.transaction() as session:
        [status] = await store.statuses(session, request.request_id)
        # Half past eleven at night in UTC is the next day where the agency is.
        moved = replace(status, state=state, state_at=datetime(2026, 3, 3, 23, 30, tzinfo=UTC), category="lighting", urgency="high")
        moved = replace(moved, department="public-works", reply_subject="Re: lamp", reply_body="We mend it")
        await store.save(session, moved, datetime(2026, 3, 5, 8, 0, tzinfo=UTC))

    page = await citizen.get(f"{FORM}/status?reference={request.metadata['form_reference']}")

    assert words in page.text
    assert "Last change on 5 March 2026." in page.text
    assert not re.search("lamp|Elm|Ana|Maler|lighting|public-works|high|mend", page.text)
    assert str(request.request_id) not in page.text


@pytest.mark.parametrize("state", get_args(State))
def test_whatever_became_of_it_has_a_step(state: State) -> None:
    status = Status(UUID(int=1), "belrive", state, datetime(2026, 3, 3, tzinfo=UTC))

    assert progress.of(status).step in get_args(progress.Step)


async def test_who_guesses_references_is_told_to_wait_and_others_are_not(intake: FastAPI, citizen: httpx.AsyncClient) -> None:
    sent = await citizen.post(FORM, data={"id": await opened(citizen), **LAMP})
    status = f"{FORM}/status?reference={reference_on(await citizen.get(sent.headers['location']))}"

    guesses = [await citizen.get(f"{FORM}/status?reference=33333-33333-3333{letter}") for letter in LETTERS[: GUESSES + 1]]
    right = await citizen.get(status)
    async with browser(intake, "192.0.2.7") as somebody_else:
        theirs = await somebody_else.get(status)

    assert [page.status_code for page in guesses] == [404] * GUESSES + [429]
    assert int(guesses[-1].headers["retry-after"]) > 0
    assert "Too many tries" in guesses[-1].text
    assert right.status_code == 429, "a right guess must not stand out"
    assert theirs.status_code == 200


async def test_the_receipt_of_ones_own_message_is_shown_however_many_have_guessed_from_there(
    intake: FastAPI, citizen: httpx.AsyncClient
) -> None:
    guesses = [await citizen.get(f"{FORM}/status?reference=33333-33333-3333{letter}") for letter in LETTERS[: GUESSES + 1]]
    sent = await citizen.post(FORM, data={"id": await opened(citizen), **LAMP})

    receipt = await citizen.get(sent.headers["location"])

    assert guesses[-1].status_code == 429
    assert (sent.status_code, receipt.status_code) == (303, 200)
    [request] = await requests_of(intake)
    assert reference_on(receipt) == request.metadata["form_reference"]


async def test_there_is_no_receipt_of_what_was_never_sent(citizen: httpx.AsyncClient) -> None:
    token = await opened(citizen)

    pages = [await citizen.get(f"{FORM}/receipt{query}") for query in ("", f"?form={token}", "?form=3CDFG-4HJKM-6NPQR")]

    assert [page.status_code for page in pages] == [404] * 3
    assert not [page for page in pages if "has arrived" in page.text]
