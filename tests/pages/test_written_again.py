"""The citizen writes again: the message joins its thread, an old draft is not sent unread, and what was closed is open again."""

import html
import re
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.domain import reply_tokens
from services.review import handlers
from services.review.audit import store as audit
from services.review.cases.case_state import State
from services.review.cases.deciding import actions
from services.runtime.errors import Conflict
from tests.pages.city import ANNA, BEN, REPLY, Browser, City
from tests.pages.conftest import SignIn
from tests.pages.test_linked_cases import SOMEBODY, answered, follow_up_card, linked_card
from tests.pages.test_machine_mail import mail
from tests.service.test_review_api import program_of

FIRST, SECOND, THIRD = "<first@mail.example>", "<second@mail.example>", "<third@mail.example>"
STALE = "The citizen has written again since this draft was made."
AGAIN = "It is two lamps by now, and the second one sparks in the rain."


async def writes(city: City, message_id: str, *references: str, **request: Any) -> UUID:
    """A message by e-mail that waits to be decided."""
    changes = {"message_id": message_id, "references": list(references)} | request
    return await city.waiting_case(request=changes)


async def page_of(browser: Browser, request_id: UUID) -> str:
    return html.unescape((await browser.opens(f"/cases/{request_id}")).text)


async def actions_in(city: City, request_id: UUID) -> list[tuple[str, str]]:
    async with city.commands.database.reading() as session:
        return [(entry.actor, entry.action) for entry in await audit.of_request(session, request_id)]


async def test_a_citizen_who_answers_their_own_mail_follows_it_and_both_cases_show_it(city: City, anna: Browser) -> None:
    lamp = await writes(city, FIRST)
    again = await writes(city, SECOND, "<unknown@mail.example>", FIRST, body=AGAIN)

    card = follow_up_card(await page_of(anna, again))
    assert f'href="/cases/{lamp}"' in card
    assert "Could you tell me when somebody will come?" in card
    assert f'Followed by: <a href="/cases/{again}"' in linked_card(await page_of(anna, lamp))
    assert (audit.PARVIS, "written again") in await actions_in(city, lamp)


@pytest.mark.parametrize("as_it_is_written", ["<first@mail.example>", " first@mail.example "])
async def test_a_mail_may_come_before_the_one_that_it_answers(city: City, anna: Browser, as_it_is_written: str) -> None:
    again = await writes(city, SECOND, FIRST)
    lamp = await writes(city, as_it_is_written)
    assert f'href="/cases/{lamp}"' in follow_up_card(await page_of(anna, again))


async def test_of_two_taken_in_at_once_the_later_one_finds_the_other(city: City, anna: Browser) -> None:
    """Neither saw the other when it came: once they are sorted, one does."""
    first, second = mail("The lamp is out.", None, message_id=FIRST), mail("Still out.", None, message_id=SECOND, references=[FIRST])
    for message in (first, second):
        await city.commands.take_in(handlers.received(message))
    async with city.commands.database.transaction() as session:
        await session.connection()
        await (await session.connection()).exec_driver_sql("delete from review_case_links")
    await city.receives(request=second.model_dump(mode="json"), request_id=str(second.request_id))
    assert f'href="/cases/{first.request_id}"' in follow_up_card(await page_of(anna, second.request_id))


async def test_in_a_long_thread_each_message_follows_the_one_before(city: City, anna: Browser) -> None:
    lamp, again = await writes(city, FIRST), await writes(city, SECOND, FIRST)
    third = await writes(city, THIRD, FIRST, SECOND)
    card = follow_up_card(await page_of(anna, third))
    assert f'href="/cases/{again}"' in card
    assert f'href="/cases/{lamp}"' not in card


async def test_a_token_in_the_subject_names_the_case_whatever_a_mail_client_dropped(city: City, anna: Browser) -> None:
    lamp = await answered(city)
    again = await city.waiting_case(request={"subject": f"AW: Your lamp [{reply_tokens.token_of(lamp).upper()}]"})
    card = follow_up_card(await page_of(anna, again))
    assert f'href="/cases/{lamp}"' in card
    assert REPLY.split("\n\n")[1] in card


async def test_a_thread_never_leads_into_another_agency(city: City, anna: Browser) -> None:
    harbour = await city.waiting_case(agency="harbour", request={"agency": "harbour", "message_id": FIRST})
    again = await writes(city, SECOND, FIRST)
    assert str(harbour) not in await page_of(anna, again)
    assert (audit.PARVIS, "written again") not in await actions_in(city, harbour)


async def test_a_waiting_draft_is_not_approved_before_the_new_message_is_read(city: City, anna: Browser) -> None:
    lamp = await writes(city, FIRST)
    before = await page_of(anna, lamp)
    assert STALE not in before
    again = await writes(city, SECOND, FIRST, body=AGAIN)

    draft = (await city.case(lamp)).draft
    assert draft
    words = {"draft_id": str(draft.draft_id), "subject": "Your lamp", "body": "We come on Monday."}
    refused = await anna.sends(lamp, "approve", seen=before, **words)
    assert refused.status_code == 409
    page = html.unescape(refused.text)
    assert STALE in page
    assert AGAIN in page
    assert f'href="/cases/{again}"' in page
    assert "We come on Monday." in page
    assert 'name="confirm_follow_up"' in page

    assert (await anna.sends(lamp, "approve", confirm_follow_up="true", **words)).status_code == 303
    assert (await city.case(lamp)).state is State.APPROVED


async def test_programs_are_told_what_to_confirm(city: City) -> None:
    anna = await program_of(city, ANNA)
    lamp = await writes(city, FIRST)
    await writes(city, SECOND, FIRST)
    refused = await anna.approves(lamp)
    assert refused.status_code == 409
    assert "confirm_follow_up" in refused.text
    assert (await anna.approves(lamp, confirm_follow_up=True)).json()["state"] == "approved"


async def test_both_are_answered_in_one_reply_by_closing_the_first_as_a_duplicate(city: City, anna: Browser) -> None:
    lamp = await writes(city, FIRST)
    again = await writes(city, SECOND, FIRST)
    assert "Answer both there" in await page_of(anna, lamp)
    await anna.sends(lamp, "join", into=str(again))
    assert (await city.case(lamp)).joined_into == again
    third = await writes(city, THIRD, FIRST)
    assert f'href="/cases/{again}"' in follow_up_card(await page_of(anna, third)), (
        "what answers the first is said to follow what answers it"
    )
    assert (await city.case(lamp)).state is State.CLOSED


async def test_once_the_new_message_is_closed_nothing_is_asked_any_more(city: City, anna: Browser) -> None:
    lamp = await writes(city, FIRST)
    again = await writes(city, SECOND, FIRST)
    await city.does(ANNA, again, actions.Close("thanks only"))
    assert STALE not in await page_of(anna, lamp)
    await city.approves(ANNA, lamp)


async def test_a_new_message_that_is_not_theirs_to_see_is_spoken_of_and_not_shown(city: City, sign_in: SignIn) -> None:
    ben = await sign_in(BEN)
    lamp = await writes(city, FIRST)
    housing = await city.waiting_case(
        category="housing", department="social", request={"message_id": SECOND, "references": [FIRST], "body": AGAIN}
    )
    page = await page_of(ben, lamp)
    assert STALE in page
    assert "not yours to see" in page
    assert AGAIN not in page
    assert str(housing) not in page


async def test_a_closed_case_is_open_again_and_says_why(city: City, anna: Browser) -> None:
    lamp = await writes(city, FIRST)
    await city.does(ANNA, lamp, actions.Close("Repaired meanwhile"))
    again = await writes(city, SECOND, FIRST, body=AGAIN)

    assert (await city.case(lamp)).state is State.AWAITING_APPROVAL
    assert (audit.PARVIS, "reopen") in await actions_in(city, lamp)
    page = await page_of(anna, lamp)
    assert "Open again, as the citizen has written" in page
    assert STALE in page
    assert f'href="/cases/{lamp}"' in follow_up_card(await page_of(anna, again))


async def test_what_was_answered_stays_answered_and_the_new_message_is_the_open_case(city: City) -> None:
    sent = await answered(city, request={"message_id": FIRST})
    called = await writes(city, SECOND)
    await city.does(ANNA, called, actions.AnswerByHand("phone", "It is repaired on Monday."))
    joined = await writes(city, THIRD)
    await city.does(ANNA, joined, actions.Join(await city.waiting_case()))
    for mail_id in (FIRST, SECOND, THIRD):
        await writes(city, f"<{uuid4()}@mail.example>", mail_id)
    assert [(await city.case(number)).state for number in (sent, called, joined)] == [State.SENT, State.CLOSED, State.CLOSED]


async def test_thanks_re_open_nothing(city: City) -> None:
    lamp = await writes(city, FIRST)
    await city.does(ANNA, lamp, actions.Close("Repaired meanwhile"))
    thanks = {"message_id": SECOND, "references": [FIRST], "body": "Thank you!"}
    await city.receives(request=thanks, letter="no_answer", letter_sure=True)
    assert (await city.case(lamp)).state is State.CLOSED


async def test_a_machine_s_mail_neither_re_opens_nor_makes_a_draft_stale_and_is_shown(city: City, anna: Browser) -> None:
    closed, waiting = await writes(city, FIRST), await writes(city, SECOND)
    await city.does(ANNA, closed, actions.Close("Repaired meanwhile"))
    by_machine = {"automatic": "reply", "body": "I am out of the office."}
    replies = [
        await city.receives(
            request={"message_id": f"<{uuid4()}@m.example>", "references": [mail_id]} | by_machine, automatic="reply", urgency="low"
        )
        for mail_id in (FIRST, SECOND)
    ]
    assert (await city.case(closed)).state is State.CLOSED
    page = await page_of(anna, waiting)
    assert STALE not in page
    assert re.search(rf'A machine answered:\s*<a href="/cases/{replies[1]}"', page)
    assert re.search(rf'Answers, as a machine does:\s*<a href="/cases/{waiting}"', await page_of(anna, replies[1]))
    await city.approves(ANNA, waiting)

    await anna.sends(replies[0], "written-by-person")
    assert (await city.case(closed)).state is State.AWAITING_APPROVAL
    assert f'href="/cases/{closed}"' in follow_up_card(await page_of(anna, replies[0]))


async def test_a_stranger_who_has_the_number_is_linked_and_marked_and_moves_nothing(city: City, anna: Browser) -> None:
    closed, waiting = await writes(city, FIRST), await writes(city, SECOND)
    await city.does(ANNA, closed, actions.Close("Repaired meanwhile"))
    strange = [
        await city.waiting_case(request={"subject": f"About {number}", "in_reply_to": str(number), "citizen": SOMEBODY})
        for number in (closed, waiting)
    ]
    assert (await city.case(closed)).state is State.CLOSED
    page = await page_of(anna, waiting)
    assert STALE not in page
    assert "from another address" in linked_card(page)
    assert "came from another address" in follow_up_card(await page_of(anna, strange[1]))
    await city.approves(ANNA, waiting)


async def test_the_closing_that_had_not_left_yet_does_not_leave_any_more(city: City) -> None:
    lamp = await writes(city, FIRST)
    await city.does(ANNA, lamp, actions.Close("Repaired meanwhile"))
    await writes(city, SECOND, FIRST)
    full = await (await program_of(city, ANNA)).looks_at(lamp)
    assert [bool(decision["recalled_at"]) for decision in full["decisions"]] == [True]


async def test_a_follow_up_told_twice_re_opens_once(city: City) -> None:
    lamp = await writes(city, FIRST)
    await city.does(ANNA, lamp, actions.Close("Repaired meanwhile"))
    again = await writes(city, SECOND, FIRST)
    await city.does(ANNA, lamp, actions.Close("Looked at both"))
    request = (await city.case(again)).request
    assert request
    await city.commands.take_in(handlers.received(request))
    assert (await city.case(lamp)).state is State.CLOSED
    with pytest.raises(Conflict):
        await city.approves(ANNA, lamp)


async def test_a_mail_that_names_no_sender_opens_nothing_by_a_number_in_its_subject(city: City) -> None:
    """What an agency says of a call is believed; a mail says of itself what it likes."""
    by_mail, by_phone = await writes(city, FIRST), await writes(city, SECOND)
    for number, channel in ((by_mail, "email"), (by_phone, "phone")):
        await city.does(ANNA, number, actions.Close("Repaired meanwhile"))
        await city.waiting_case(request={"channel": channel, "subject": "Still", "in_reply_to": str(number), "citizen": None})
    assert (await city.case(by_mail)).state is State.CLOSED
    assert (await city.case(by_phone)).state is not State.CLOSED
