"""An answer by telephone: a person's decision that closes the case, mails nothing, counts as an answer, and can be undone."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from schemas.replies_decided import ReplyDecided
from schemas.replies_dispatched import ReplyDispatched
from services.dispatch import rules as dispatch
from services.intake import rules as intake
from services.intake.rules import Status
from services.review.cases.daily_figures.daily_store import Chosen
from services.review.cases.deciding import actions
from services.review.people.rules import EVERYTHING
from services.review.quality import store as quality_store
from services.runtime import clock
from services.runtime.outbox import OutboxRow
from tests.pages.city import ANNA, BEN, Browser, City, written
from tests.pages.conftest import SignIn

SPOKE = {"how": "phone", "note": "Told Ines Marlow that the lamp is repaired on Friday."}


async def leaving(city: City, request_id: UUID) -> tuple[list[ReplyDecided], list[ReplyDispatched]]:
    """What waits to leave of that case."""
    async with city.commands.database.reading() as session:
        rows = (await session.exec(select(OutboxRow).order_by(col(OutboxRow.id)))).all()
    theirs = [row for row in rows if str(request_id) in row.value]
    decided = [ReplyDecided.model_validate_json(row.value) for row in theirs if row.topic == ReplyDecided.topic]
    return decided, [ReplyDispatched.model_validate_json(row.value) for row in theirs if row.topic == ReplyDispatched.topic]


async def test_an_answer_by_telephone_closes_the_case_in_a_persons_name_and_nothing_is_mailed(city: City, anna: Browser) -> None:
    request_id = await city.waiting_case()
    assert (await anna.sends(request_id, "answer-by-hand", **SPOKE)).status_code == 303
    assert (await city.case(request_id)).state == "closed"
    [decision], [delivered] = await leaving(city, request_id)
    assert (decision.decision, decision.answered_by, decision.decided_by) == ("closed", "phone", ANNA.email)
    assert not dispatch.is_sent(decision)
    assert '"answered_by":"phone"' in dispatch.payload(decision)
    agency_sees = intake.dispatched(
        intake.decided(Status(request_id, "city", "awaiting_approval", clock.now()), decision), delivered, clock.now()
    )
    assert agency_sees.state == "sent"
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert "Answered by hand" in page
    assert SPOKE["note"] in page
    assert "Closed without reply" not in page
    history = (await anna.client.get(f"/api/v1/cases/{request_id}")).json()["history"]
    [entry] = [entry for entry in history if entry["action"] == "answerbyhand"]
    assert entry["detail"]["how"] == "phone"
    assert "Ines" not in entry["detail"]["note"]


async def test_it_can_be_undone_within_the_window_and_then_nothing_has_left(city: City, anna: Browser) -> None:
    request_id = await city.waiting_case()
    await anna.sends(request_id, "answer-by-hand", **SPOKE)
    assert (await anna.sends(request_id, "recall")).status_code == 303
    assert (await city.case(request_id)).state == "awaiting_approval"
    assert await leaving(city, request_id) == ([], [])


async def test_it_counts_as_an_answer_by_hand(city: City, anna: Browser) -> None:
    await anna.sends(await city.waiting_case(), "answer-by-hand", **SPOKE)
    await city.does(ANNA, await city.waiting_case(), actions.Close("Thanks only"))
    await city.adds_up()
    yesterday = clock.now().date() - timedelta(days=1)
    async with city.commands.database.reading() as session:
        decided = await quality_store.decided_on(session, Chosen(yesterday, yesterday + timedelta(days=2), EVERYTHING))
    assert sorted((each.kind, each.cases, each.seconds > 0) for each in decided) == [("by_hand", 1, True), ("closed", 1, False)]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"note": " "}, "Please correct the note."),
        ({"how": "pigeon"}, "Please correct the way."),
        ({"given_at": "2001-01-01T10:00"}, "Please correct the moment."),
        ({"given_at": "2999-01-01T10:00"}, "Please correct the moment."),
    ],
)
async def test_what_is_missing_or_cannot_be_is_named_and_the_words_come_back(
    city: City, anna: Browser, fields: dict[str, str], named: str
) -> None:
    request_id = await city.waiting_case()
    refused = await anna.sends(request_id, "answer-by-hand", **(SPOKE | fields))
    assert refused.status_code == 422
    assert named in refused.text
    assert "note" in fields or SPOKE["note"] in refused.text
    assert (await city.case(request_id)).state == "awaiting_approval"


async def test_it_is_refused_while_an_approval_is_on_its_way_and_where_a_colleague_works(
    city: City, anna: Browser, sign_in: SignIn
) -> None:
    approved, claimed = await city.waiting_case(), await city.waiting_case()
    await city.approves(ANNA, approved)
    assert (await anna.sends(approved, "answer-by-hand", **SPOKE)).status_code == 409
    assert (await city.case(approved)).state == "approved"
    await city.does(ANNA, claimed, actions.Claim())
    ben = await sign_in(BEN)
    assert (await ben.sends(claimed, "answer-by-hand", **SPOKE)).status_code == 409
    assert (await ben.sends(claimed, "answer-by-hand", although_claimed="true", **SPOKE)).status_code == 303


async def test_that_no_address_is_known_is_said_once(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case(request={"citizen": {"name": "Ines Marlow"}})

    def times(page: str) -> int:
        return len(re.findall("no (?:e-mail )?address", page.partition('class="below"')[0], re.IGNORECASE))

    assert times((await anna.opens(f"/cases/{request_id}")).text) == 1
    answer = await anna.sends(request_id, "approve", **written((await anna.opens(f"/cases/{request_id}")).text))
    assert times((await anna.opens(answer.headers["location"])).text) == 1
    await city.dispatches(request_id, "manual", dispatch.NO_ADDRESS)
    assert times((await anna.opens(f"/cases/{request_id}")).text) == 1
