"""Test drafts: invented letters with a known mistake, like any case until they are decided on, and sent by no way at all."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from schemas.replies_decided import ReplyDecided
from services.dispatch import handlers as dispatch
from services.domain import known_bad_drafts
from services.review.audit import store as audit
from services.review.cases import statistics_store, store
from services.review.cases.attention_checks import check_store, placing
from services.review.cases.case_state import Case
from services.review.cases.daily_figures.daily_store import Chosen
from services.review.cases.deciding.actions import ACTIONS, Recall, Reject
from services.review.people.rules import EVERYTHING, Person
from services.review.quality import store as quality_store
from services.review.safeguards import store as safeguards
from services.review.safeguards.rules import Change
from services.runtime import clock
from services.runtime.errors import Conflict, InvalidRecord, Refused
from services.runtime.outbox import OutboxRow
from tests.pages.city import ADA, ANNA, BEN, SUE, Browser, City, hidden_fields, written
from tests.pages.conftest import SignIn
from tests.service.test_review_api import program_of

KNOWN = known_bad_drafts.by_id()


async def rule(city: City, share: str, agency: str = "") -> None:
    async with city.commands.database.transaction() as session:
        change = Change("test_drafts", share=share, why="drafts that are mostly right are read over", agency=agency)
        await safeguards.change(session, change, ADA.email, clock.now(), city.commands.taxonomy.names)


async def waiting_of(city: City, person: Person) -> list[Case]:
    async with city.commands.database.reading() as session:
        return await check_store.waiting(session, person.email)


async def place(city: City, person: Person = ANNA, name: str = "en-sum-1") -> Case:
    """A check in the person's queue, as a decision on a case like any would have put it there."""
    like = await city.case(await city.waiting_case())
    check, now = KNOWN[name], clock.now()
    case = placing.placed(check, person, like, city.commands.taxonomy, now, uuid4(), 100)
    async with city.commands.database.transaction() as session:
        await check_store.add(session, case, check, now)
    return case


async def events_about(city: City, request_id: UUID) -> list[str]:
    async with city.commands.database.reading() as session:
        return [row.topic for row in (await session.exec(select(OutboxRow).where(OutboxRow.key == str(request_id)))).all()]


async def test_now_and_then_a_decision_puts_a_check_into_the_queue_of_whoever_made_it_and_of_nobody_else(city: City) -> None:
    await rule(city, "50")
    for _ in range(60):
        await city.approves(ANNA, await city.waiting_case())
        if await waiting_of(city, ANNA):
            break
    (check,) = await waiting_of(city, ANNA)
    assert check.agency == "city"
    assert check.address is None
    for _ in range(4):
        await city.approves(ANNA, await city.waiting_case())
    assert await waiting_of(city, ANNA) == [check], "one at a time"
    assert await waiting_of(city, BEN) == []


async def test_an_agency_with_a_share_of_nothing_has_none_whatever_holds_for_all(city: City) -> None:
    await rule(city, "50")
    await rule(city, "0", agency="city")
    for _ in range(12):
        await city.approves(ANNA, await city.waiting_case())
    assert await waiting_of(city, ANNA) == []


async def test_until_it_is_decided_on_nothing_in_the_queue_or_on_the_page_tells_it_from_a_case(city: City) -> None:
    check = await place(city)
    real = await city.receives(
        request={"channel": "web", "citizen": {"name": "Ines Marlow"}, "subject": "Lamp"}, category="waste_collection"
    )
    await city.drafts(real, checks=[])
    program = await program_of(city, ANNA)
    listed = (await program.client.get("/cases", params={"state": "awaiting_approval"})).json()
    lines = {line["request_id"]: line for line in listed["items"]}
    assert listed["count"] == len(lines) == 3
    assert lines[str(check.request_id)].keys() == lines[str(real)].keys()
    same = ("agency", "state", "urgency", "language", "assignee", "version", "danger", "second_approval", "source_change")
    assert {name: lines[str(check.request_id)][name] for name in same} == {name: lines[str(real)][name] for name in same}

    whole, other = await program.looks_at(check.request_id), await program.looks_at(real)
    assert whole.keys() == other.keys()
    assert whole["attention_check"] is other["attention_check"] is None
    assert [step["action"] for step in whole["history"]] == [step["action"] for step in other["history"]]


@pytest.fixture
async def pages_of(sign_in: SignIn) -> tuple[Browser, Browser]:
    return await sign_in(ANNA), await sign_in(SUE)


def skeleton(page: str) -> list[str]:
    """The headings, forms and buttons of a page."""
    return re.findall(r"<h[123][^>]*>(?!<)[^<]*|<form[^>]* action=\"/cases/[^/]*/([\w-]*)\"|<button[^>]*>[^<]*", page)


async def test_the_page_and_the_queue_of_its_person_have_it_as_any_case_and_colleagues_have_none(
    pages_of: tuple[Browser, Browser], city: City
) -> None:
    anna, sue = pages_of
    check = await place(city)
    real = await city.receives(request={"channel": "web", "citizen": {"name": "Ines Marlow"}, "subject": check.title})
    await city.drafts(real, checks=[])
    assert (await anna.opens("/")).text.count('id="case-') == 1 + (await sue.opens("/")).text.count('id="case-')
    assert f"case-{check.request_id}" in (await anna.opens("/?tab=open&sort=due")).text
    assert f"case-{check.request_id}" not in (await anna.opens("/?tab=decide&urgent=true")).text
    assert (await sue.opens(f"/cases/{check.request_id}")).status_code == 404
    assert (await sue.client.post(f"/cases/{check.request_id}/claim", data={"version": "3"})).status_code in (403, 404)
    shown, ordinary = (await anna.opens(f"/cases/{check.request_id}")).text, (await anna.opens(f"/cases/{real}")).text
    assert skeleton(shown) == skeleton(ordinary)
    assert "test draft" not in shown.lower()
    assert "invented" not in shown.lower()
    assert "€12 in all" in shown


async def test_whoever_approves_it_is_told_at_once_and_kindly_and_whoever_mends_it_is_told_that(
    pages_of: tuple[Browser, Browser], city: City
) -> None:
    anna, sue = pages_of
    for edited, heading, outcome in ((False, "its mistake got by", "missed"), (True, "Well seen", "caught")):
        check = await place(city, name="en-sum-1" if not edited else "en-deadline-1")
        seen = (await anna.opens(f"/cases/{check.request_id}")).text
        fields = written(seen)
        if edited:
            fields["body"] = fields["body"].replace("six months", "two months")
        answer = await anna.sends(check.request_id, "approve", seen=seen, **fields)
        assert answer.status_code == 303
        page = (await anna.opens(answer.headers["location"])).text
        assert heading in page
        assert "nothing was sent" in page
        assert (await anna.client.post(f"/cases/{check.request_id}/approve", data=hidden_fields(seen) | fields)).status_code == 409
        assert f"case-{check.request_id}" not in (await anna.opens("/?tab=all")).text
        assert await events_about(city, check.request_id) == []
        async with city.commands.database.reading() as session:
            answered = await check_store.answered(session, check.request_id)
            log = await audit.of_request(session, check.request_id)
        assert answered
        assert answered.outcome == outcome
        assert [(entry.action, entry.detail) for entry in log] == [("decide test draft", {})], "the log does not say how they fared"
    own = (await anna.opens("/my-figures")).text
    assert "1 of 2" in own
    assert "It got by" in own
    assert "of 2" not in (await sue.opens("/my-figures")).text


async def test_what_was_decided_on_a_check_stands_once_its_mistake_was_shown(city: City) -> None:
    check = await place(city)
    await city.does(ANNA, check.request_id, Reject("Wrong sum"))

    with pytest.raises(Conflict, match="nothing left to undo"):
        await city.does(ANNA, check.request_id, Recall())


async def test_no_way_of_sending_sends_it(city: City) -> None:
    """Every action of the API, then the ways that no action has: the store, the tables, and dispatch's own front door."""
    program = await program_of(city, ANNA)
    await city.hires(SUE)
    words: dict[str, Any] = {
        "approve": {"draft_id": ""},
        "assign": {"to": SUE.email},
        "forward": {"department": "water"},
        "correct": {"category": "street_lighting"},
        "reject": {"reason": "wrong"},
        "answer-by-hand": {"how": "phone", "note": "told"},
        "join": {"into": str(uuid4())},
        "send-back": {"reason": "wrong"},
        "close": {"reason": "wrong"},
        "record-delivery": {"how": "phone"},
        "correct-recipient": {"email": "somebody@example.org"},
    }
    ended = set()
    for kind in ACTIONS:
        check = await place(city)
        body = dict(words.get(kind, {}))
        if "draft_id" in body:
            body["draft_id"] = str(check.draft and check.draft.draft_id)
        if kind == "approve":  # also with an address that somebody has typed
            assert (await program.does(check.request_id, "correct-recipient", email="somebody@example.org")).status_code == 200
        answer = await program.does(check.request_id, kind, **body)
        assert answer.status_code in (200, 404, 409), (kind, answer.text)
        if answer.json().get("state") == "closed":
            ended.add(kind)
        assert await events_about(city, check.request_id) == [], kind
        assert await city.commands.nudge() == 0
    assert ended == {"answer-by-hand", "approve", "assign", "forward", "correct", "reject", "redraft", "close"}

    check = await place(city)
    assert check.draft
    assert check.request
    matter = {"category": "street_lighting", "part": check.request.body}
    assert (await program.client.post(f"/cases/{check.request_id}/split", json=matter)).status_code == 409
    decision = ReplyDecided(
        request_id=check.request_id,
        decision_id=uuid4(),
        draft_id=check.draft.draft_id,
        decision="approved",
        decided_by=ANNA.email,
        decided_at=clock.now(),
        subject="s",
        body="b",
        recipient={"email": "somebody@example.org"},
    )
    with pytest.raises(Refused):
        async with city.commands.database.transaction() as session:
            await store.add_decision(session, decision)
    with pytest.raises(Refused):
        async with city.commands.database.transaction() as session:
            await store.save(session, check, None)
    with pytest.raises(IntegrityError, match="never sent"):
        async with city.commands.database.transaction() as session:
            await store.add_decision(session, decision.model_copy(update={"draft_id": None}))
    with pytest.raises(IntegrityError, match="never sent"):
        async with city.commands.database.transaction() as session:
            session.add(store.row_of(check))
    with pytest.raises(IntegrityError, match="never sent"):
        async with city.commands.database.transaction() as session:
            await session.exec(
                sa.insert(OutboxRow).values(
                    service="review", topic=ReplyDecided.topic, key=str(check.request_id), value="{}", headers={}, available_at=clock.now()
                )
            )
    with pytest.raises(InvalidRecord, match="test of attention"):
        await dispatch.on_reply_decided(decision, city.commands.database, lambda: None)


async def test_it_counts_in_no_figure_report_or_lesson_and_is_found_by_no_search(city: City) -> None:
    program = await program_of(city, SUE)

    async def figures() -> str:
        since, until = clock.now() - timedelta(days=30), clock.now() + timedelta(days=30)
        await city.adds_up()
        async with city.commands.database.reading() as session:
            return repr(
                [
                    sorted((await statistics_store.open_by_category(session)).items()),
                    await quality_store.decided_on(session, Chosen(since.date(), until.date(), EVERYTHING)),
                    sorted(await statistics_store.received_between(session, since, until, EVERYTHING)),
                    sorted((await statistics_store.late_by_category(session, until, EVERYTHING)).items()),
                    sorted(await statistics_store.cited_by_waiting(session, EVERYTHING)),
                    await statistics_store.spending_since(session, since),
                    (await program.client.get("/stats")).json(),
                    (await program.client.get("/learning")).json(),
                ]
            )

    await city.waiting_case()
    await city.waiting_case()
    before = await figures()
    checks = [await place_beside(city, name) for name in ("en-sum-1", "en-body-1", "en-refund-1")]
    program_of_anna = await program_of(city, ANNA)
    await program_of_anna.does(checks[0].request_id, "approve", draft_id=str(checks[0].draft and checks[0].draft.draft_id))
    await program_of_anna.does(checks[1].request_id, "correct", category="street_lighting")
    assert await figures() == before
    assert (await program_of_anna.client.get("/cases", params={"q": "parking machine"})).json()["items"] == []


async def place_beside(city: City, name: str) -> Case:
    """A check without another case."""
    async with city.commands.database.reading() as session:
        row = (await session.exec(sa.text("select request_id from review_cases limit 1"))).one()  # type: ignore[call-overload]
    like = await city.case(UUID(str(row[0])))
    check, now = KNOWN[name], clock.now()
    case = placing.placed(check, ANNA, like, city.commands.taxonomy, now, uuid4(), 100)
    async with city.commands.database.transaction() as session:
        await check_store.add(session, case, check, now)
    return case
