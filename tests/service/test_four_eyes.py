"""Four eyes: an approval that a rule asks a second person for waits, and whoever gave the first is never the second."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from schemas.replies_decided import ReplyDecided
from services.review.cases.case_state import State
from services.review.cases.deciding import actions
from services.review.people.rules import Person, Role
from services.review.safeguards import rules
from services.review.safeguards import store as safeguards
from services.review.safeguards.rules import Change
from services.runtime import clock, telemetry
from services.runtime.errors import Conflict, InvalidInput, NotFound
from tests.pages.city import ANNA, BEN, OLE, SUE, City, without_kafka
from tests.service.test_review_api import Program, leaving, program_of

EVE = Person("eve@city.example", "Eve Castellan", Role.CASEWORKER)


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[City]:
    app = without_kafka(tmp_path)
    yield City(app)
    await app.state.database.close()


async def rule(city: City, **change: Any) -> None:
    async with city.commands.database.transaction() as session:
        wanted = Change(why="two people look at these", **change)
        await safeguards.change(session, wanted, "ada@city.example", clock.now(), city.commands.taxonomy.names)


async def decided(city: City) -> list[ReplyDecided]:
    return [ReplyDecided.model_validate_json(row.value) for row in await leaving(city, ReplyDecided.topic)]


async def pending(city: City, **place: str) -> UUID:
    """A case whose draft Anna has approved first."""
    await rule(city, **(place or {"category": "street_lighting"}))
    request_id = await city.waiting_case()
    await city.approves(ANNA, request_id)
    return request_id


async def test_a_first_approval_waits_and_a_second_person_sends_exactly_that_text_in_both_names(city: City) -> None:
    await rule(city, category="street_lighting")
    request_id = await city.waiting_case()
    anna, sue = await program_of(city, ANNA), await program_of(city, SUE)

    first = (await anna.approves(request_id, subject="About your lamp", body="We will come on Monday.")).json()
    assert (first["state"], first["decision_id"], first["assignee"]) == ("awaiting_approval", None, None)
    assert await decided(city) == []
    waiting = (await sue.looks_at(request_id))["first_approval"]
    assert (waiting["by"], waiting["body"]) == (ANNA.email, "We will come on Monday.")

    second = (await sue.approves(request_id)).json()
    assert second["state"] == "approved"
    (reply,) = await decided(city)
    assert (reply.decided_by, reply.seconded_by, reply.body) == (ANNA.email, SUE.email, "We will come on Monday.")
    log = [
        (line["actor"], line["detail"].get("approval"))
        for line in (await sue.looks_at(request_id))["history"]
        if line["action"] == "approve"
    ]
    assert log == [(ANNA.email, "first"), (SUE.email, "second")]


@pytest.mark.parametrize("place", [{"category": "roads_pavements"}, {"urgency": "high"}, {"check": "grounded"}, {"agency": "belrive"}])
async def test_where_no_rule_fits_one_person_decides_as_before(city: City, place: dict[str, str]) -> None:
    await rule(city, **place)
    request_id = await city.waiting_case()
    assert (await city.approves(ANNA, request_id)).state is State.APPROVED
    assert [reply.seconded_by for reply in await decided(city)] == [None]


@pytest.mark.parametrize(
    "place",
    [
        {},
        {"agency": "city"},
        {"urgency": "normal"},
        {"check": "no_unsupported_numbers"},
        {"check": "any"},
        {"agency": "city", "check": "any"},
    ],
)
async def test_a_rule_may_name_agency_urgency_or_a_failed_check(city: City, place: dict[str, str]) -> None:
    await rule(city, **place)
    request_id = await city.waiting_case()
    assert (await city.approves(ANNA, request_id)).first_approval is not None


async def approves_again(_: City, anna: Program, request_id: UUID) -> None:
    assert (await anna.approves(request_id)).status_code == 409


async def names_the_same_text(_: City, anna: Program, request_id: UUID) -> None:
    waiting = (await anna.looks_at(request_id))["first_approval"]
    assert (await anna.approves(request_id, subject=waiting["subject"], body=waiting["body"])).status_code == 409


async def takes_over(_: City, anna: Program, request_id: UUID) -> None:
    await anna.does(request_id, "claim")
    await anna.does(request_id, "take-over")
    assert (await anna.approves(request_id)).status_code == 409


async def is_given_the_case(city: City, anna: Program, request_id: UUID) -> None:
    await city.does(SUE, request_id, actions.Assign(ANNA.email))
    assert (await anna.approves(request_id)).status_code == 409


async def recalls_and_approves(_: City, anna: Program, request_id: UUID) -> None:
    assert (await anna.does(request_id, "recall")).status_code == 200
    assert (await anna.approves(request_id)).json()["state"] == "awaiting_approval"
    assert (await anna.approves(request_id)).status_code == 409


async def edits_her_own(_: City, anna: Program, request_id: UUID) -> None:
    assert (await anna.approves(request_id, body="Another text.")).json()["state"] == "awaiting_approval"
    assert (await anna.approves(request_id)).status_code == 409


async def approves_what_a_colleague_edited(city: City, anna: Program, request_id: UUID) -> None:
    draft = (await city.case(request_id)).draft
    assert draft
    await city.does(SUE, request_id, actions.Approve(draft.draft_id, body="Sue has written this anew."))
    assert (await anna.approves(request_id)).status_code == 409


async def edits_what_a_colleague_edited(city: City, anna: Program, request_id: UUID) -> None:
    await approves_what_a_colleague_edited(city, anna, request_id)
    assert (await anna.approves(request_id, body="Anna's turn.")).json()["state"] == "awaiting_approval"
    draft = (await city.case(request_id)).draft
    assert draft
    with pytest.raises(Conflict):
        await city.approves(SUE, request_id)


async def sorts_it_otherwise(city: City, anna: Program, request_id: UUID) -> None:
    await anna.does(request_id, "correct", category="roads_pavements")
    await city.drafts(request_id)
    assert (await anna.approves(request_id)).json()["state"] == "awaiting_approval"
    assert (await anna.approves(request_id)).status_code == 409


async def asks_for_another_draft(city: City, anna: Program, request_id: UUID) -> None:
    await anna.does(request_id, "redraft")
    await city.drafts(request_id)
    assert (await city.case(request_id)).first_approval is None
    assert (await anna.approves(request_id)).json()["state"] == "awaiting_approval"


async def lowers_the_urgency(_: City, anna: Program, request_id: UUID) -> None:
    await anna.does(request_id, "correct", urgency="low")
    assert (await anna.approves(request_id)).status_code == 409


async def corrects_the_recipient(_: City, anna: Program, request_id: UUID) -> None:
    await anna.does(request_id, "correct-recipient", email="else@example.org")
    assert (await anna.approves(request_id)).json()["state"] == "awaiting_approval"
    assert (await anna.approves(request_id)).status_code == 409


Way = Callable[[City, Program, UUID], Awaitable[None]]
WAYS: tuple[Way, ...] = (
    approves_again,
    names_the_same_text,
    takes_over,
    is_given_the_case,
    recalls_and_approves,
    edits_her_own,
    approves_what_a_colleague_edited,
    edits_what_a_colleague_edited,
    sorts_it_otherwise,
    asks_for_another_draft,
    lowers_the_urgency,
    corrects_the_recipient,
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_the_first_person_is_never_the_second_whatever_they_do(city: City, way: Way) -> None:
    await rule(city, **({"urgency": "normal"} if way is lowers_the_urgency else {"category": "street_lighting"}))
    request_id = await city.waiting_case()
    anna = await program_of(city, ANNA)
    await city.hires(SUE)
    await anna.approves(request_id)
    await way(city, anna, request_id)
    assert await decided(city) == []


async def test_two_presses_of_the_first_person_and_one_of_a_second_at_once_send_one_reply_in_two_names(city: City) -> None:
    request_id = await pending(city)
    case = await city.case(request_id)
    assert case.draft
    approve = actions.Approve(case.draft.draft_id)
    await asyncio.gather(
        *(city.commands.act(request_id, case.version, approve, person) for person in (ANNA, SUE, ANNA, EVE)), return_exceptions=True
    )
    (reply,) = await decided(city)
    assert reply.decided_by == ANNA.email
    assert reply.seconded_by in (SUE.email, EVE.email)


async def test_two_people_who_approve_at_the_same_moment_are_first_and_stale(city: City) -> None:
    await rule(city)
    request_id = await city.waiting_case()
    case = await city.case(request_id)
    assert case.draft
    approve = actions.Approve(case.draft.draft_id)
    outcomes = await asyncio.gather(
        *(city.commands.act(request_id, case.version, approve, person) for person in (ANNA, SUE)), return_exceptions=True
    )
    assert [isinstance(outcome, Conflict) for outcome in outcomes].count(True) == 1
    assert await decided(city) == []
    assert (await city.case(request_id)).first_approval is not None


async def test_an_edit_by_the_second_person_needs_another_second_person(city: City) -> None:
    request_id = await pending(city)
    draft = (await city.case(request_id)).draft
    assert draft
    edited = await city.does(SUE, request_id, actions.Approve(draft.draft_id, body="Sue has written this anew."))
    assert (edited.state, edited.first_approval and edited.first_approval.by) == (State.AWAITING_APPROVAL, SUE.email)
    for person in (SUE, ANNA):
        with pytest.raises(Conflict):
            await city.approves(person, request_id)
    await city.approves(EVE, request_id)
    (reply,) = await decided(city)
    assert (reply.decided_by, reply.seconded_by, reply.body) == (SUE.email, EVE.email, "Sue has written this anew.")


async def test_what_is_sent_back_goes_to_its_author_with_the_reason_and_is_approved_by_two_again(city: City) -> None:
    request_id = await pending(city)
    with pytest.raises(InvalidInput, match="reason"):
        await city.does(SUE, request_id, actions.SendBack(" "))
    with pytest.raises(Conflict, match="yourself"):
        await city.does(ANNA, request_id, actions.SendBack("on second thoughts"))
    back = await city.does(SUE, request_id, actions.SendBack("It is fifteen days, Ines Marlow says"))
    assert (back.first_approval, back.assignee, back.state) == (None, ANNA.email, State.AWAITING_APPROVAL)
    assert back.four_eyes
    assert back.four_eyes.sent_back
    assert back.four_eyes.sent_back.by == SUE.email
    with pytest.raises(Conflict):
        await city.does(SUE, request_id, actions.SendBack("again"))
    await city.approves(ANNA, request_id)
    await city.approves(SUE, request_id)
    assert [(reply.decided_by, reply.seconded_by) for reply in await decided(city)] == [(ANNA.email, SUE.email)]


async def test_the_final_approval_is_recalled_and_the_first_stands_again_unless_the_first_person_recalls(city: City) -> None:
    request_id = await pending(city)
    await city.approves(SUE, request_id)
    recalled = await city.does(SUE, request_id, actions.Recall())
    assert recalled.first_approval
    assert recalled.first_approval.by == ANNA.email
    assert await decided(city) == []
    with pytest.raises(Conflict):
        await city.approves(ANNA, request_id)
    await city.approves(SUE, request_id)
    assert (await city.does(ANNA, request_id, actions.Recall())).first_approval is None
    assert await decided(city) == []


async def test_the_trace_has_both_names(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "tracer", provider.get_tracer("parvis"))
    request_id = await pending(city)
    await city.approves(SUE, request_id)
    names = [
        ((span.attributes or {}).get("parvis.decided_by"), (span.attributes or {}).get("parvis.seconded_by"))
        for span in exporter.get_finished_spans()
        if span.name == "decide approve"
    ]
    assert names == [(ANNA.email, None), (ANNA.email, SUE.email)]


async def test_nobody_takes_back_the_first_approval_of_another(city: City) -> None:
    request_id = await pending(city)
    with pytest.raises(Conflict, match="send it back"):
        await city.does(SUE, request_id, actions.Recall())


async def test_a_reply_that_is_sent_again_keeps_two_names(city: City) -> None:
    request_id = await pending(city)
    await city.approves(SUE, request_id)
    await city.dispatches(request_id, "failed", "mailbox full")
    again = await city.does(SUE, request_id, actions.SendAgain())
    assert again.decision
    assert (again.decision.decided_by, again.decision.seconded_by) == (SUE.email, ANNA.email)


async def test_an_emergency_that_nobody_has_sorted_waits_for_a_second_person_too(city: City) -> None:
    await rule(city, urgency="emergency")
    request_id = await city.receives(outcome="needs_triage", urgency="emergency", signals=[{"kind": "risk_of_harm", "words": "fire"}])
    await city.drafts(request_id)
    assert (await city.approves(ANNA, request_id)).state is State.NEEDS_TRIAGE
    assert (await city.approves(SUE, request_id)).state is State.APPROVED


async def test_rules_are_changed_by_supervisors_and_admins_alone_and_each_change_is_in_the_log(city: City) -> None:
    sue, anna, ben, ole = [await program_of(city, person) for person in (SUE, ANNA, BEN, OLE)]
    body = {"category": "street_lighting", "why": "a wrong date was promised"}
    for program in (anna, ben, ole):
        assert (await program.client.put("/safeguards", json=body)).status_code == 403
    answer = await sue.client.put("/safeguards", json=body)
    assert answer.status_code == 200, answer.text
    assert [(line["category"], line["changed_by"]) for line in answer.json()["rules"]] == [("street_lighting", SUE.email)]
    assert (await anna.client.get("/safeguards")).json()["rules"][0]["why"] == "a wrong date was promised"
    log = (await sue.client.get("/audit")).json()["items"]
    assert ("change approval rules", SUE.email) in [(line["action"], line["actor"]) for line in log]
    assert (await sue.client.put("/safeguards", json=body | {"take_away": True})).json()["rules"] == []
    assert (await sue.client.put("/safeguards", json=body | {"take_away": True})).status_code == 404
    wrong: dict[str, Any]
    for wrong in ({"urgency": "hot"}, {"category": "x"}, {"agency": "No Slug"}, {"check": "<b>"}, {"why": ""}, {"kind": "x"}):
        refused = await sue.client.put("/safeguards", json=body | wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"] if "errors" in refused.json() else refused.json()["field"]) == (
            422,
            next(iter(wrong)),
        )


async def test_taking_a_rule_away_frees_what_comes_after_it(city: City) -> None:
    request_id = await pending(city)
    await rule(city, category="street_lighting", take_away=True)
    with pytest.raises(Conflict):
        await city.approves(ANNA, request_id)
    await city.does(ANNA, request_id, actions.Recall())
    assert (await city.approves(ANNA, request_id)).state is State.APPROVED


def test_a_rule_that_is_not_there_cannot_be_taken_away() -> None:
    with pytest.raises(NotFound):
        rules.changed([], Change(why="x", take_away=True), "a", clock.now(), ["a"])
