"""No word that somebody writes is lost, whatever happens to the case meanwhile; two people on one case know of each other."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.review.cases.case_state import State
from services.review.cases.deciding import actions
from services.review.cases.live.presence_store import LEASE
from services.review.cases.writing import text_store
from services.review.cases.writing.written_text import MAX_TEXT
from services.runtime import clock
from tests.pages.city import ANNA, SUE, Browser, City, hidden_fields, written
from tests.pages.conftest import SignIn


async def page_of(browser: Browser, request_id: UUID) -> str:
    return (await browser.opens(f"/cases/{request_id}")).text


async def draft_of(city: City, request_id: UUID) -> str:
    draft = (await city.case(request_id)).draft
    assert draft
    return str(draft.draft_id)


async def saves(browser: Browser, city: City, request_id: UUID, body: str, **more: Any) -> httpx.Response:
    """As the script of a page does while somebody writes."""
    csrf = hidden_fields(await page_of(browser, request_id))["csrf"]
    text = {"field": "body", "draft_id": await draft_of(city, request_id), "text": body, "sequence": 1} | more
    page = text.pop("page", "page-a")
    return await browser.client.put(
        f"/api/v1/cases/{request_id}/texts", json={"page": page, "texts": [text]}, headers={"x-csrf-token": csrf}
    )


async def test_words_are_kept_after_a_colleague_has_claimed_the_case(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    draft_id = await draft_of(city, request_id)
    csrf = hidden_fields(await page_of(anna, request_id))["csrf"]
    await city.does(SUE, request_id, actions.Claim())

    former = {"version": 1, "draft_id": draft_id, "subject": "Mine", "body": "My words"}
    answer = await anna.client.put(f"/api/v1/cases/{request_id}/edit", json=former, headers={"x-csrf-token": csrf})

    assert answer.status_code == 204
    assert written(await page_of(anna, request_id))["body"] == "My words"


async def test_a_late_request_puts_no_older_text_over_a_newer_one(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    await saves(anna, city, request_id, "The whole sentence", sequence=8)
    late = await saves(anna, city, request_id, "The whole sen", sequence=5)

    assert late.status_code == 200
    assert written(await page_of(anna, request_id))["body"] == "The whole sentence"


@pytest.mark.parametrize("what", ["claim", "correct", "redraft", "reject", "close", "approve", "take-over"])
async def test_every_form_carries_what_is_being_written(anna: Browser, city: City, what: str) -> None:
    request_id = await city.waiting_case()
    draft_id = await draft_of(city, request_id)
    if what == "take-over":
        await city.does(SUE, request_id, actions.Claim())
    texts = [
        {"field": "note", "text": "She called on Monday", "sequence": 3},
        {"field": "body", "draft_id": draft_id, "text": "Half a sentence", "sequence": 3},
    ]
    fields = {"category": "waste_collection", "reason": "wrong lamp", "instructions": "shorter", "draft_id": draft_id}
    fields |= {"subject": "Lamp", "body": "Half a sentence"} if what == "approve" else {}
    seen = await page_of(anna, request_id)
    answer = await anna.sends(request_id, what, seen=seen, written=json.dumps({"page": "page-a", "texts": texts}), **fields)

    assert answer.status_code == 303
    async with city.commands.database.reading() as session:
        standing = {text.field: text.text for text in await text_store.texts_of(session, request_id)}
    assert standing["note"] == "She called on Monday"
    assert standing["body"] == (None if what == "approve" else "Half a sentence"), "only what was approved has been used"


async def test_a_stale_form_keeps_its_words_and_what_else_stood_on_the_page(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    seen = await page_of(anna, request_id)
    await city.approves(SUE, request_id)

    await anna.sends(request_id, "reject", seen=seen, reason="The date is wrong")

    async with city.commands.database.reading() as session:
        texts = await text_store.texts_of(session, request_id)
    assert ("reject_reason", "The date is wrong") in {(text.field, text.text) for text in texts}


async def test_half_a_reason_stands_in_its_field_again(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    for field in ("reject_reason", "close_reason", "instructions"):
        await saves(anna, city, request_id, f"Half a {field}", field=field, draft_id=None)

    page = await page_of(anna, request_id)

    for field in ("reject_reason", "close_reason", "instructions"):
        assert f">\nHalf a {field}</textarea>" in page
    await anna.sends(request_id, "reject", reason="Half a reject_reason and the rest")
    await city.drafts(request_id)
    page = await page_of(anna, request_id)
    assert "Half a reject_reason" not in page.partition("History")[0], "what was used is not offered again"
    assert ">\nHalf a close_reason</textarea>" in page


async def test_the_text_of_an_earlier_draft_can_be_gone_on_with(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    await saves(anna, city, request_id, "My own answer")
    await city.does(ANNA, request_id, actions.Redraft())
    await city.drafts(request_id, body="Another draft.")
    page = await page_of(anna, request_id)
    assert written(page)["body"] == "Another draft."

    await anna.sends(request_id, "take-text", seen=page)

    assert written(await page_of(anna, request_id))["body"] == "My own answer"


async def test_who_takes_a_case_over_sees_the_colleagues_text_and_can_go_on_with_it(anna: Browser, sign_in: SignIn, city: City) -> None:
    sue = await sign_in(SUE)
    request_id = await city.waiting_case()
    await saves(anna, city, request_id, "Anna wrote this")
    await saves(sue, city, request_id, "Sue wrote that", page="page-s")
    assert "Anna wrote this" not in await page_of(sue, request_id), "not before she works on it"

    await sue.sends(request_id, "take-over")
    page = await page_of(sue, request_id)
    assert f"Text of {ANNA.name}" in page
    assert "Anna wrote this" in page
    assert "read their text before you decide" in page.partition('id="writing"')[0], "above the reply, as the text itself stands below"
    await sue.sends(request_id, "take-text", seen=page)

    page = await page_of(sue, request_id)
    assert written(page)["body"] == "Anna wrote this"
    assert "read their text before you decide" not in page
    assert "Sue wrote that" in page, "her own words stay beside it"
    assert written(await page_of(anna, request_id))["body"] == "Anna wrote this"


async def test_a_recalled_approval_gives_back_the_text_that_was_approved(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    await saves(anna, city, request_id, "Half of it", sequence=4)
    page = {"page": "page-a", "texts": [{"field": "body", "draft_id": await draft_of(city, request_id), "text": "All", "sequence": 6}]}
    await anna.sends(request_id, "approve", subject="Lamp", body="All", written=json.dumps(page))
    await saves(anna, city, request_id, "All bu", sequence=5)
    await anna.sends(request_id, "recall")

    assert written(await page_of(anna, request_id)) == {"subject": "Lamp", "body": "All"}


async def test_the_first_letter_claims_a_case_that_is_nobodys_and_changes_no_version(anna: Browser, sign_in: SignIn, city: City) -> None:
    sue = await sign_in(SUE)
    request_id = await city.waiting_case()
    before = await city.case(request_id)
    seen = await page_of(sue, request_id)

    assert (await saves(anna, city, request_id, "D")).json() == {"claimed": True}
    assert (await saves(sue, city, request_id, "E")).json() == {"claimed": False}

    after = await city.case(request_id)
    assert (after.assignee, after.version) == (ANNA.email, before.version)
    answer = await sue.sends(request_id, "approve", seen=seen, **written(seen))
    assert answer.status_code == 409
    assert f"{ANNA.name} works on this case." in answer.text
    assert (await city.case(request_id)).state is State.AWAITING_APPROVAL


@pytest.mark.parametrize(("name", "fields"), [("approve", {}), ("reject", {"reason": "no"}), ("close", {"reason": "no"})])
async def test_a_claimed_case_asks_before_somebody_else_decides(anna: Browser, city: City, name: str, fields: dict[str, str]) -> None:
    request_id = await city.waiting_case()
    await city.does(SUE, request_id, actions.Claim())
    seen = await page_of(anna, request_id)
    assert f"{SUE.email} works on it: decide all the same" in seen

    assert (await anna.sends(request_id, name, seen=seen, **written(seen), **fields)).status_code == 409
    done = await anna.sends(request_id, name, seen=seen, **written(seen), **fields, although_claimed="true")

    assert done.status_code == 303


async def visits(browser: Browser, request_id: UUID, **told: str) -> str:
    csrf = hidden_fields(await page_of(browser, request_id))["csrf"]
    return (await browser.client.post(f"/cases/{request_id}/presence", data={"csrf": csrf, "page": "p", **told})).text


async def test_colleagues_see_who_reads_and_who_writes_and_nothing_is_kept_of_it(
    anna: Browser, sign_in: SignIn, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    sue = await sign_in(SUE)
    request_id = await city.waiting_case()
    await visits(anna, request_id)
    assert f"{ANNA.name} is reading this" in await page_of(sue, request_id)
    await visits(anna, request_id, writing="true")
    assert f"{ANNA.name} is writing here" in await visits(sue, request_id)
    assert f"{ANNA.name} is" not in await page_of(anna, request_id)
    assert f"{ANNA.name} is writing" in (await sue.opens("/")).text, "in the queue as well"

    later = clock.now() + LEASE + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert f"{ANNA.name} is" not in await page_of(sue, request_id)
    await visits(sue, request_id)
    monkeypatch.undo()
    assert f"{ANNA.name} is" not in await page_of(sue, request_id), "the lease that ended is gone"


async def test_who_leaves_is_not_shown_any_more(anna: Browser, sign_in: SignIn, city: City) -> None:
    sue = await sign_in(SUE)
    request_id = await city.waiting_case()
    await visits(anna, request_id)
    await visits(anna, request_id, leaving="true")
    assert f"{ANNA.name} is" not in await page_of(sue, request_id)


async def test_who_a_case_was_taken_from_is_told_on_their_page(anna: Browser, sign_in: SignIn, city: City) -> None:
    await sign_in(SUE)
    request_id = await city.waiting_case()
    await anna.sends(request_id, "claim")
    assert "You work on it" in await visits(anna, request_id)
    await city.does(SUE, request_id, actions.TakeOver())

    assert f"{SUE.name} has taken this case over." in await visits(anna, request_id, was_mine="true")


async def test_a_text_too_long_to_be_sent_is_kept_and_one_that_is_far_too_long_is_refused_by_name(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    assert (await saves(anna, city, request_id, "x" * 25_000)).status_code == 200
    refused = await saves(anna, city, request_id, "x" * (MAX_TEXT + 1), sequence=2)
    assert refused.status_code == 422
    assert "texts" in json.dumps(refused.json())


@pytest.mark.parametrize(
    "sent", ["{", "[]", '{"page": "../x", "texts": []}', '{"page": "p", "texts": [{"field": "BODY", "sequence": -1}]}']
)
async def test_a_form_that_carries_nonsense_is_refused_by_name_and_changes_nothing(anna: Browser, city: City, sent: str) -> None:
    request_id = await city.waiting_case()
    answer = await anna.sends(request_id, "close", reason="done", written=sent)
    assert answer.status_code == 422
    assert "written" in answer.text
    assert (await city.case(request_id)).state is State.AWAITING_APPROVAL


async def test_words_of_a_case_that_ended_are_forgotten_after_a_month_and_no_others(
    anna: Browser, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, waiting = await city.waiting_case(), await city.waiting_case()
    for request_id in (ended, waiting):
        await saves(anna, city, request_id, "My words")
    await city.does(SUE, ended, actions.Close("by phone", although_claimed=True))
    later = clock.now() + text_store.KEPT_AFTER_THE_END + timedelta(days=1)
    await city.commands.forget_what_is_old()
    assert "My words" in await page_of(anna, ended)
    monkeypatch.setattr(clock, "now", lambda: later)
    await city.commands.forget_what_is_old()
    async with city.commands.database.reading() as session:
        assert not await text_store.texts_of(session, ended)
        assert await text_store.texts_of(session, waiting)


async def test_whoever_posts_after_their_session_ended_comes_back_to_the_case(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    page = await page_of(anna, request_id)
    anna.client.cookies.clear()

    answer = await anna.sends(request_id, "claim", seen=page)

    assert answer.headers["location"] == f"/login?next=%2Fcases%2F{request_id}"


async def test_the_part_that_is_asked_for_again_stands_still_while_nothing_happens(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    assert await visits(anna, request_id) == await visits(anna, request_id)
    assert not re.search(r"<time", await visits(anna, request_id))


async def test_of_a_case_that_is_over_nobody_is_missed(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    assert "Nobody works on it yet" in await page_of(anna, request_id)
    await city.does(SUE, request_id, actions.Close(reason="thanks only"))

    assert "Nobody works on it yet" not in await page_of(anna, request_id)
