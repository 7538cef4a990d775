"""Cases over the JSON API, on a real database."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from services.review.cases import pages
from services.review.cases import store as cases
from services.review.cases.deciding import actions
from services.review.people import store as people
from services.review.people.rules import Person
from services.runtime import clock, outbox
from services.runtime.outbox import OutboxRow
from tests.pages.city import ADA, ANNA, BEN, OLE, SUE, City, without_kafka


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[City]:
    app = without_kafka(tmp_path)
    yield City(app)
    await app.state.database.close()


class Program:
    """A program that acts as its person."""

    def __init__(self, city: City, token: str) -> None:
        transport = httpx.ASGITransport(city.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(
            transport=transport, base_url="http://city.test/api/v1", headers={"authorization": f"Bearer {token}"}
        )

    async def looks_at(self, request_id: UUID) -> dict[str, Any]:
        answer = await self.client.get(f"/cases/{request_id}")
        assert answer.status_code == 200, answer.text
        case: dict[str, Any] = answer.json()
        return case

    async def does(self, request_id: UUID, name: str, **body: Any) -> httpx.Response:
        version = body.pop("version", None) or (await self.looks_at(request_id))["version"]
        return await self.client.post(f"/cases/{request_id}/{name}", json={"version": version, **body})

    async def approves(self, request_id: UUID, **body: Any) -> httpx.Response:
        draft_id = (await self.looks_at(request_id))["drafts"][-1]["draft_id"]
        return await self.does(request_id, "approve", draft_id=draft_id, **body)


async def program_of(city: City, person: Person) -> Program:
    await city.hires(person)
    async with city.commands.database.transaction() as session:
        return Program(city, await people.issue_token(session, person.email, clock.now()))


async def leaving(city: City, topic: str) -> list[OutboxRow]:
    async with city.commands.database.reading() as session:
        return list((await session.exec(select(OutboxRow).where(OutboxRow.topic == topic))).all())


async def test_an_approval_is_one_transaction_with_its_event_and_its_log_entry(city: City) -> None:
    anna = await program_of(city, ANNA)
    request_id = await city.waiting_case()
    answer = await anna.approves(request_id)
    assert answer.json()["state"] == "approved"
    (row,) = await leaving(city, "parvis.replies.decided.v1")
    assert row.key == str(request_id)
    assert row.available_at > clock.now()
    full = await anna.looks_at(request_id)
    assert [d["decided_by"] for d in full["decisions"]] == [ANNA.email]
    assert [(h["actor"], h["action"]) for h in full["history"]][-1] == (ANNA.email, "approve")


async def test_a_stale_version_gets_409_and_changes_nothing(city: City) -> None:
    anna = await program_of(city, ANNA)
    request_id = await city.waiting_case()
    before = await anna.looks_at(request_id)
    answer = await anna.approves(request_id, version=before["version"] - 1)
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["field"] == "version"
    assert await anna.looks_at(request_id) == before
    assert await leaving(city, "parvis.replies.decided.v1") == []


async def test_of_two_people_who_decide_at_once_one_wins(city: City) -> None:
    anna, sue = await program_of(city, ANNA), await program_of(city, SUE)
    request_id = await city.waiting_case()
    case = await anna.looks_at(request_id)
    decision = {"version": case["version"], "draft_id": case["drafts"][-1]["draft_id"]}
    answers = await asyncio.gather(*(p.client.post(f"/cases/{request_id}/approve", json=decision) for p in (anna, sue) for _ in range(3)))
    assert sorted(a.status_code for a in answers) == [200, 409, 409, 409, 409, 409]
    assert len(await leaving(city, "parvis.replies.decided.v1")) == 1


async def test_a_recall_takes_the_reply_back_until_it_has_left(city: City) -> None:
    anna = await program_of(city, ANNA)
    request_id = await city.waiting_case()
    await anna.approves(request_id, body="My own words.")
    recalled = await anna.does(request_id, "recall")
    assert recalled.json()["state"] == "awaiting_approval"
    assert await leaving(city, "parvis.replies.decided.v1") == []
    assert (await anna.looks_at(request_id))["decisions"][-1]["recalled_at"] is not None
    await anna.approves(request_id)
    async with city.commands.database.transaction() as session:
        assert await outbox.lease(session, "review", clock.now() + timedelta(hours=1))
    late = await anna.does(request_id, "recall")
    assert late.status_code == 409
    assert "too late" in late.json()["detail"]


async def test_a_case_that_stands_still_is_published_again_and_never_twice_at_once(city: City) -> None:
    request_id = await city.receives()
    async with city.commands.database.transaction() as session:
        await cases.nudge_all(session, clock.now())
    assert await city.commands.nudge() == 1
    (row,) = await leaving(city, "parvis.drafts.requested.v1")
    assert row.key == str(request_id)
    assert await city.commands.nudge() == 0


async def test_an_approval_in_its_undo_window_is_not_published_a_second_time(city: City) -> None:
    request_id = await city.waiting_case()
    await city.approves(SUE, request_id)
    async with city.commands.database.transaction() as session:
        await cases.nudge_all(session, clock.now())
    await city.commands.nudge()
    assert len(await leaving(city, "parvis.replies.decided.v1")) == 1


async def test_the_queue_goes_page_by_page_and_misses_nothing(city: City) -> None:
    anna = await program_of(city, ANNA)
    ids = {str(await city.waiting_case(hours_ago=hours, urgency="emergency" if hours % 3 == 0 else "normal")) for hours in range(1, 12)}
    for sort in ("urgency", "due", "received", "-received"):
        items: list[dict[str, Any]] = []
        cursor = None
        while True:
            query = {"limit": 4, "sort": sort} | ({"cursor": cursor} if cursor else {})
            page = (await anna.client.get("/cases", params=query)).json()
            items += page["items"]
            cursor = page["next_cursor"]
            if not cursor:
                break
        assert len(items) == len(ids)
        assert {item["request_id"] for item in items} == ids
        if sort == "urgency":
            assert [item["urgency"] for item in items] == ["emergency"] * 3 + ["normal"] * 8


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "W10"}, "cursor"),
        ({"limit": 0}, "limit"),
        ({"state": "sleeping"}, "state.0"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_listing_that_makes_no_sense_names_the_field(city: City, query: dict[str, Any], field: str) -> None:
    anna = await program_of(city, ANNA)
    answer = await anna.client.get("/cases", params=query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_words_and_filters_find_a_case(city: City) -> None:
    anna = await program_of(city, ANNA)
    wanted = str(await city.waiting_case(request={"subject": "Éclairage 100 % éteint", "body": "Rue de l'Église"}, category="fines"))
    await city.waiting_case()
    for query in ({"q": "église"}, {"q": "100 %"}, {"category": "fines"}, {"q": "éteint rue", "state": "awaiting_approval"}):
        items = (await anna.client.get("/cases", params=query)).json()["items"]
        assert [item["request_id"] for item in items] == [wanted], query
    assert (await anna.client.get("/cases", params={"q": "' or 1=1 --"})).json()["items"] == []


async def test_letters_are_for_caseworkers_and_supervisors_alone(city: City) -> None:
    request_id = await city.waiting_case()
    for person in (OLE, ADA):
        program = await program_of(city, person)
        assert (await program.client.get("/cases")).status_code == 403
        assert (await program.client.get(f"/cases/{request_id}")).status_code == 403
    stranger = Program(city, "pt_nobody")
    answer = await stranger.client.get("/cases")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_department_sees_its_own_and_what_nobody_has_sorted(city: City) -> None:
    ben = await program_of(city, BEN)
    mine = await city.waiting_case()
    theirs = await city.waiting_case(category="taxes", department="finance")
    unsorted = await city.receives(outcome="needs_triage", department="finance", category="taxes")
    items = (await ben.client.get("/cases")).json()["items"]
    assert {item["request_id"] for item in items} == {str(mine), str(unsorted)}
    assert (await ben.client.get(f"/cases/{theirs}")).status_code == 403
    assert (await ben.client.post(f"/cases/{theirs}/claim", json={"version": 1})).status_code in (403, 409)


async def test_what_is_not_there_is_404_and_a_bad_id_422(city: City) -> None:
    anna = await program_of(city, ANNA)
    assert (await anna.client.get(f"/cases/{uuid4()}")).status_code == 404
    assert (await anna.client.get("/cases/lamp")).status_code == 422
    assert (await anna.client.get("/traces/" + "0" * 31)).status_code == 422


async def test_the_log_can_be_read_and_not_changed(city: City) -> None:
    sue = await program_of(city, SUE)
    request_id = await city.waiting_case()
    await sue.does(request_id, "close", reason="Answered by phone.")
    items = (await sue.client.get("/audit", params={"actor": SUE.email})).json()["items"]
    done = [item for item in items if item["action"] != "read"]
    assert [(item["action"], item["detail"]["reason"]) for item in done] == [("close", "Answered by phone.")]
    for statement in ("update review_audit set actor = 'x'", "delete from review_audit"):
        with pytest.raises(IntegrityError, match="append-only"):
            async with city.commands.database.transaction() as session:
                await session.exec(sa.text(statement))  # type: ignore[call-overload]  # sqlmodel types only its own selects


async def test_what_is_being_written_is_kept_for_the_one_who_writes(city: City) -> None:
    anna, sue = await program_of(city, ANNA), await program_of(city, SUE)
    request_id = await city.waiting_case()
    case = await anna.looks_at(request_id)
    sent = {"version": case["version"], "draft_id": case["drafts"][-1]["draft_id"], "subject": "Re", "body": "Half a sen"}
    assert (await anna.client.put(f"/cases/{request_id}/edit", json=sent)).status_code == 204
    assert (await anna.looks_at(request_id))["edit"]["body"] == "Half a sen"
    assert (await sue.looks_at(request_id))["edit"] is None
    assert (await anna.looks_at(request_id))["version"] == case["version"]


async def test_every_action_is_offered(city: City) -> None:
    offered = {path.rpartition("/")[2] for path, methods in city.app.openapi()["paths"].items() if "post" in methods}
    assert set(actions.ACTIONS) <= offered
    assert set(pages.DONE) == set(actions.ACTIONS), "the page says something after each"


async def test_who_runs_the_machines_reads_in_the_log_who_did_what_and_not_what_was_written(city: City) -> None:
    sue, ole = await program_of(city, SUE), await program_of(city, OLE)
    request_id = await city.waiting_case()
    await sue.does(request_id, "close", reason="Ines Marlow called on 0171 555 98 34.")
    entry, _read = (await sue.client.get("/audit", params={"actor": SUE.email})).json()["items"]
    assert "Marlow" not in entry["detail"]["reason"]
    assert "0171" not in entry["detail"]["reason"]
    hidden, _read = (await ole.client.get("/audit", params={"actor": SUE.email})).json()["items"]
    assert hidden["action"] == "close"
    assert "reason" not in hidden["detail"]


@pytest.mark.parametrize("query", [{"q": "a\x00b"}, {"language": "\x00"}, {"cursor": "WzFlMzAsICIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsICJ4Il0"}])
async def test_no_query_breaks_a_listing(city: City, query: dict[str, str]) -> None:
    anna = await program_of(city, ANNA)
    assert (await anna.client.get("/cases", params=query)).status_code in (200, 422)


@pytest.mark.parametrize("gap", ["\x00", "\ud83d"])
async def test_half_an_emoji_or_a_nul_that_a_person_sends_is_taken_as_a_replacement(city: City, gap: str) -> None:
    anna = await program_of(city, ANNA)
    request_id = await city.waiting_case()
    case = await anna.looks_at(request_id)
    body = {"version": case["version"], "reason": f"not ours {gap} at all"}
    answer = await anna.client.post(f"/cases/{request_id}/reject", content=json.dumps(body), headers={"content-type": "application/json"})
    assert answer.status_code == 200, answer.text
    [row] = await leaving(city, "parvis.replies.decided.v1")
    assert json.loads(row.value)["reason"] == "not ours \ufffd at all"


async def test_a_program_confirms_a_recipient_that_is_in_doubt_and_is_told_how(city: City) -> None:
    anna = await program_of(city, ANNA)
    request_id = await city.waiting_case(request={"citizen": {"email": "no-reply@shop.example"}})
    case = await anna.looks_at(request_id)
    assert (case["confirm_recipient"], len(case["recipient_doubts"])) == (True, 1)

    refused = await anna.approves(request_id)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "confirm_recipient"
    assert "confirm it" in refused.json()["detail"]
    assert (await anna.approves(request_id, confirm_recipient=False)).status_code == 422

    assert (await anna.approves(request_id, confirm_recipient=True)).status_code == 200
    ordinary = await city.waiting_case()
    assert (await anna.looks_at(ordinary))["confirm_recipient"] is False
    assert (await anna.approves(ordinary)).status_code == 200
