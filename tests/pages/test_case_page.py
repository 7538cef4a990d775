"""The case page: what each button does, and what comes back when it can't be done."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from services.review.cases.case_state import State
from services.review.cases.deciding import actions
from tests.pages.city import ANNA, BEN, QUOTE, SUE, Browser, City, hidden_fields, written
from tests.pages.conftest import SignIn


async def page_of(browser: Browser, request_id: UUID) -> str:
    return (await browser.opens(f"/cases/{request_id}")).text


async def test_the_whole_decision_is_on_the_page(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case(urgency="high", urgency_reasons=["a child is on the way in the dark"])

    page = await page_of(anna, request_id)

    told = (
        "27 Heron Street", "Ines Marlow", "ines.marlow@example.org", "E-mail", "Street lighting", "Very sure", "94", "Streets and mobility",
        "a child is on the way in the dark", "Roads and pavements", QUOTE, "Street lamp faults", "Dear Ines", "A number has no source",
        "no source says", "Drafted by a language model", "Message received",
    )  # fmt: skip
    assert [words for words in told if words not in page] == []


async def test_a_failed_check_quotes_the_sentence_that_it_is_about(anna: Browser, city: City) -> None:
    request_id = await city.receives()
    sentence = "Your fine has been cancelled, [NAME_9]."
    check = {"name": "no_unpublished_commitments", "passed": False, "detail": "a decision, which no cited passage says", "quote": sentence}
    await city.drafts(request_id, checks=[check, {"name": "true_to_passages", "passed": True}])

    page = await page_of(anna, request_id)

    assert "Promises or decides what is not published" in page
    assert f'<q dir="auto">{sentence}</q>' in page
    assert "Says what its sources say" in page


async def test_a_draft_sent_back_as_it_came_is_approved_as_drafted(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()

    answer = await anna.sends(request_id, "approve", **written(await page_of(anna, request_id)))

    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{request_id}?flash=approved")
    case = await city.case(request_id)
    assert case.decision
    assert (case.state, case.decision.decision, case.decision.decided_by) == (State.APPROVED, "approved", ANNA.email)
    after = (await anna.opens(answer.headers["location"])).text
    assert "Leaves in" in after
    assert "Approved as drafted by Anna Miller" in " ".join(after.split())


async def test_an_edited_text_is_what_leaves(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()

    await anna.sends(request_id, "approve", subject="The lamp", body="Dear Ines Marlow,\r\n\r\nIt is mended.\r\n")

    decision = (await city.case(request_id)).decision
    assert decision
    assert (decision.decision, decision.subject, decision.body) == ("edited", "The lamp", "Dear Ines Marlow,\n\nIt is mended.\n")


async def test_a_recalled_text_comes_back_as_it_was_decided(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    await anna.sends(request_id, "approve", subject="The lamp", body="\r\nIt is mended.")

    await anna.sends(request_id, "recall")

    page = await page_of(anna, request_id)
    assert (await city.case(request_id)).state is State.AWAITING_APPROVAL
    assert "the text of the approval that was undone" in page
    assert written(page) == {"subject": "The lamp", "body": "\r\nIt is mended."}


async def test_saved_text_is_there_again_for_its_writer_only(anna: Browser, sign_in: SignIn, city: City) -> None:
    request_id = await city.waiting_case()

    answer = await anna.sends(request_id, "edit", subject="Half", body="Half a sent")

    assert answer.headers["location"].endswith("flash=saved")
    assert written(await page_of(anna, request_id)) == {"subject": "Half", "body": "Half a sent"}
    assert "Half a sent" not in await page_of(await sign_in(SUE), request_id)
    assert (await city.case(request_id)).state is State.AWAITING_APPROVAL


async def test_text_for_an_earlier_draft_is_not_lost(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    await anna.sends(request_id, "edit", subject="Half", body="Half a sent")
    await anna.sends(request_id, "redraft", instructions="shorter")
    await city.drafts(request_id, body="A shorter draft, dear citizen.")

    page = await page_of(anna, request_id)

    assert written(page)["body"] == "A shorter draft, dear citizen."
    assert "Your text for an earlier draft" in page
    assert "Half a sent" in page


async def test_another_draft_is_asked_for_with_instructions(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()

    await anna.sends(request_id, "redraft", instructions="Mention the map")

    case = await city.case(request_id)
    assert (case.state, case.revision, case.instructions) == (State.DRAFTING, 2, "Mention the map")
    assert "A draft is being written." in await page_of(anna, request_id)


async def test_common_wishes_are_ticked_and_go_before_what_is_written(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    page = await page_of(anna, request_id)
    assert re.search(r'<input type="checkbox" name="wish" value="Shorter">', page)
    assert re.search(
        r'<input type="checkbox" name="wish" value="Drop passage 1"> <span dir="auto">Drop passage 1: Street lamp faults', page
    )

    await anna.sends(request_id, "redraft", wish=["Shorter", "Drop passage 1"], instructions=" Mention the map ")

    assert (await city.case(request_id)).instructions == "Shorter\nDrop passage 1\nMention the map"


async def test_too_long_a_wish_comes_back_with_what_was_ticked(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()

    answer = await anna.sends(request_id, "redraft", wish=["Apologise", "<script>"], instructions="x" * 2_001)

    assert answer.status_code == 422
    assert 'value="Apologise" checked' in answer.text
    assert "<script>" not in answer.text.split('id="instructions"')[0].split('class="wishes"')[1]
    assert (await city.case(request_id)).state is State.AWAITING_APPROVAL


@pytest.mark.parametrize(("name", "state"), [("reject", State.DRAFTING), ("close", State.CLOSED)])
async def test_a_reason_is_asked_for_and_kept(anna: Browser, city: City, name: str, state: State) -> None:
    request_id = await city.waiting_case()

    without = await anna.sends(request_id, name, reason="  ")
    assert without.status_code == 422
    assert "Please correct the reason." in without.text
    assert (await city.case(request_id)).state is State.AWAITING_APPROVAL

    assert (await anna.sends(request_id, name, reason="A duplicate")).status_code == 303
    assert (await city.case(request_id)).state is state
    assert "A duplicate" in await page_of(anna, request_id)


async def test_a_message_that_could_not_be_sorted_is_sorted_by_a_person(anna: Browser, city: City) -> None:
    request_id = await city.receives(outcome="needs_triage", confidence=0.3)
    assert "Parvis is not sure enough." in await page_of(anna, request_id)

    await anna.sends(request_id, "correct", category="roads_pavements", department="", urgency="high")

    case = await city.case(request_id)
    assert (case.state, case.category, case.department, case.urgency) == (State.DRAFTING, "roads_pavements", "streets", "high")


async def test_a_case_that_moves_away_leads_its_caseworker_back_to_the_queue(sign_in: SignIn, city: City) -> None:
    request_id = await city.waiting_case()
    ben = await sign_in(BEN)

    answer = await ben.sends(request_id, "correct", category="housing")

    assert (answer.status_code, answer.headers["location"]) == (303, "/?flash=corrected")
    assert (await city.case(request_id)).department == "social"


async def test_claim_take_over_and_release(anna: Browser, sign_in: SignIn, city: City) -> None:
    request_id = await city.waiting_case()
    sue = await sign_in(SUE)

    await anna.sends(request_id, "claim")
    assert (await sue.sends(request_id, "claim")).status_code == 409
    await sue.sends(request_id, "take-over")
    assert (await city.case(request_id)).assignee == SUE.email
    assert (await anna.sends(request_id, "release")).status_code == 409
    await sue.sends(request_id, "release")
    assert (await city.case(request_id)).assignee is None


async def test_a_stale_page_changes_nothing_and_keeps_the_words(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    seen = await page_of(anna, request_id)
    await city.does(SUE, request_id, actions.Claim())

    answer = await anna.sends(request_id, "approve", seen=seen, subject="Mine", body="My long text")

    assert answer.status_code == 409
    assert "has changed since you opened it" in answer.text
    assert f"{SUE.email} works on it" in answer.text
    assert written(answer.text) == {"subject": "Mine", "body": "My long text"}
    assert (await city.case(request_id)).state is State.AWAITING_APPROVAL
    assert "What it is now" in answer.text, "both texts stand side by side"
    asked = await anna.sends(request_id, "approve", seen=answer.text, subject="Mine", body="My long text")
    assert asked.status_code == 409, "somebody works on it"
    assert f"{SUE.email} works on it: decide all the same" in asked.text
    sent = await anna.sends(request_id, "approve", seen=asked.text, subject="Mine", body="My long text", although_claimed="true")
    assert sent.status_code == 303


async def test_words_typed_on_a_draft_that_is_gone_are_still_shown(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    seen = await page_of(anna, request_id)
    await city.approves(SUE, request_id)

    answer = await anna.sends(request_id, "approve", seen=seen, subject="Mine", body="My long text")

    assert answer.status_code == 409
    assert "My long text" in answer.text
    assert "It was not sent. It is kept with the case" in answer.text
    decision = (await city.case(request_id)).decision
    assert decision
    assert decision.decided_by == SUE.email


@pytest.mark.parametrize(
    ("subject", "body", "field"),
    [
        ("", "Some text", "subject"),
        ("Subject", "  ", "text"),
        ("Subject", "Call [PHONE_7] please", "text"),
        ("s" * 301, "Some text", "subject"),
    ],
)
async def test_what_cannot_be_sent_comes_back_with_the_field_named(anna: Browser, city: City, subject: str, body: str, field: str) -> None:
    request_id = await city.waiting_case()

    answer = await anna.sends(request_id, "approve", subject=subject, body=body)

    assert answer.status_code == 422
    assert f"Please correct the {field}." in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert written(answer.text) == {"subject": subject, "body": body}
    assert (await city.case(request_id)).state is State.AWAITING_APPROVAL


async def test_a_delivery_in_doubt_is_explained_and_resolved(anna: Browser, city: City) -> None:
    confirmed, again = await city.waiting_case(), await city.waiting_case()
    for request_id in (confirmed, again):
        await city.approves(ANNA, request_id)
        await city.dispatches(request_id, "uncertain", "the connection broke")
    page = await page_of(anna, confirmed)
    assert "Find out first." in page
    assert "the connection broke" in page

    await anna.sends(confirmed, "confirm-delivery")
    await anna.sends(again, "send-again")

    assert (await city.case(confirmed)).state is State.SENT
    assert (await city.case(again)).state is State.APPROVED


async def test_a_reply_without_an_address_is_to_be_passed_on_by_hand(anna: Browser, city: City) -> None:
    by_hand, mailed = await city.waiting_case(request={"citizen": {"name": "Ines Marlow"}}), await city.waiting_case()
    for request_id, outcome in ((by_hand, "manual"), (mailed, "delivered")):
        await city.approves(ANNA, request_id)
        await city.dispatches(request_id, outcome)

    page = await page_of(anna, by_hand)

    assert (await city.case(by_hand)).state is State.BY_HAND
    assert "Nothing was mailed: pass this on by hand." in page
    assert not re.search(r"·\s*</span>", page), "the history names no channel where there was none"
    assert "Delivered" not in page
    assert "pass this on" not in await page_of(anna, mailed)


async def test_before_approval_the_page_says_that_nothing_will_be_mailed_and_what_to_do_instead(anna: Browser, city: City) -> None:
    by_phone = await city.waiting_case(request={"citizen": {"name": "Ines Marlow", "phone": "+33 1 99 00 12 34"}})

    page = await page_of(anna, by_phone)

    assert "Nothing will be mailed:" in page
    assert "Call +33 1 99 00 12 34." in page
    assert "Approve and send" not in page
    assert "Nothing will be mailed:" not in await page_of(anna, await city.waiting_case())


async def test_a_person_records_how_the_citizen_got_the_reply(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case(request={"citizen": {"name": "Ines Marlow"}})
    await city.approves(ANNA, request_id)
    await city.dispatches(request_id, "manual")

    missing = await anna.sends(request_id, "record-delivery", how="", given_at="", note="she was at the counter")
    assert missing.status_code == 422
    assert "she was at the counter" in missing.text
    assert (await city.case(request_id)).state is State.BY_HAND

    await anna.sends(request_id, "record-delivery", how="in_person", given_at="", note="she was at the counter")

    page = await page_of(anna, request_id)
    assert (await city.case(request_id)).state is State.SENT
    assert "Passed on by hand" in page
    assert "in person" in page
    assert "she was at the counter" in page


async def test_the_queue_has_a_tab_for_what_is_to_be_passed_on(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case(request={"subject": "No address here", "citizen": {"name": "Ines Marlow"}})
    await city.approves(ANNA, request_id)
    await city.dispatches(request_id, "manual")

    page = (await anna.opens("/?tab=by-hand")).text

    assert "No address here" in page
    assert re.search(r'By hand <span class="count">1</span>', page)
    assert "No address here" not in (await anna.opens("/?tab=sent")).text


async def test_the_red_box_shows_the_street_to_those_who_may_see_it(anna: Browser, city: City) -> None:
    body = "There is a fire at 12 Elm Street!"
    hidden = {
        "body": "There is a fire at [ADDRESS_1]!",
        "spans": [{"field": "body", "start": 19, "end": 32, "placeholder": "[ADDRESS_1]"}],
    }
    request_id = await city.waiting_case(
        request={"body": body, "subject": None},
        redacted=hidden,
        urgency="emergency",
        urgency_reasons=["danger to life or health: “There is a fire at [ADDRESS_1]!”"],
        signals=[{"kind": "risk_of_harm", "words": "There is a fire at [ADDRESS_1]!"}],
    )

    page = await page_of(anna, request_id)

    assert '<q dir="auto">There is a fire at 12 Elm Street!</q>' in page
    assert "[ADDRESS_1]" not in page


async def test_a_correction_of_the_urgency_moves_the_due_date_and_says_so_in_the_history(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case(hours_ago=1)
    before = (await city.case(request_id)).due_at

    await anna.sends(request_id, "correct", category="street_lighting", department="", urgency="emergency")

    case = await city.case(request_id)
    assert case.request
    assert case.due_at == case.request.received_at + timedelta(hours=2)
    assert before
    assert case.due_at < before
    assert "answer due" in await page_of(anna, request_id)


async def test_a_failed_delivery_says_why(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    await city.approves(ANNA, request_id)
    await city.dispatches(request_id, "failed", "550 no such mailbox")

    page = await page_of(anna, request_id)

    assert "550 no such mailbox" in page
    assert "What to check." in page


async def test_a_message_that_is_not_there_yet_is_waited_for(anna: Browser, city: City) -> None:
    request_id = await city.receives()

    page = await page_of(anna, request_id)

    assert "A draft is being written." in page
    assert "data-moving" in page


@pytest.mark.parametrize("word", ["", "wrong"])
async def test_a_form_without_the_sessions_word_is_refused(anna: Browser, city: City, word: str) -> None:
    request_id = await city.waiting_case()
    fields = hidden_fields(await page_of(anna, request_id)) | {"csrf": word}

    answer = await anna.client.post(f"/cases/{request_id}/claim", data=fields)

    assert answer.status_code == 403
    assert "Back to the case" in answer.text
    assert (await city.case(request_id)).assignee is None


async def test_a_form_from_another_site_is_refused(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    fields = hidden_fields(await page_of(anna, request_id))

    answer = await anna.client.post(f"/cases/{request_id}/claim", data=fields, headers={"origin": "https://evil.example"})

    assert answer.status_code == 403


async def test_there_is_no_button_for_what_is_not_there(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()

    assert (await anna.sends(request_id, "explode")).status_code == 404
