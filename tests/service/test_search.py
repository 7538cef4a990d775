"""Searching cases on SQLite: what is found, by whom, how much of it, and what was there before the index."""

from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from services.review.cases import store
from services.review.cases.case_state import Case, State
from services.review.cases.queue import case_lists
from services.review.cases.queue.case_lists import Query
from services.review.cases.search import search_document, search_store, search_upkeep
from services.review.people.rules import Scope
from services.runtime.database import Database
from tests.case_builders import NOW, received, triaged
from tests.search_examples import add, finds_every_part_of_a_case, finds_the_newest_of_all_volumes, finds_what_the_examples_say, hits_of


def a_case(
    body: str = "The lamp is out", *, agency: str = "belrive", department: str | None = "streets", state: State = State.SENT
) -> Case:
    request_id = uuid4()
    return Case(
        request_id=request_id,
        state=state,
        created_at=NOW,
        updated_at=NOW,
        request=received(request_id=str(request_id), agency=agency, body=body),
        triage=triaged(request_id=request_id, agency=agency),
        department=department,
        category="street_lighting",
    )


async def listed(database: Database, **query: object) -> set[UUID]:
    async with database.reading() as session:
        lines, _ = await case_lists.page(session, Query(**query))  # type: ignore[arg-type]
    return {line.request_id for line in lines}


async def test_whole_words_and_beginnings_are_found_however_they_are_written(database: Database) -> None:
    await finds_what_the_examples_say(database)


async def test_every_part_of_a_case_is_searched_to_its_end(database: Database) -> None:
    await finds_every_part_of_a_case(database)


async def test_nobody_finds_a_case_outside_of_their_scope_by_its_words(database: Database) -> None:
    ours, theirs = a_case("zugzwang"), a_case("zugzwang", agency="harbour", department="social")
    for case in (ours, theirs):
        await add(database, case)
    assert await listed(database, text="zugzwang") == {ours.request_id, theirs.request_id}
    assert await listed(database, text="zugzwang", scope=Scope(agencies=("belrive",))) == {ours.request_id}
    assert await listed(database, text="zugzwang", scope=Scope(departments=("social",))) == {theirs.request_id}
    assert await listed(database, text="zugzwang", scope=Scope(departments=("parks",), agencies=("harbour",))) == set()


async def test_a_case_is_found_by_the_reference_that_its_citizen_reads_out(database: Database) -> None:
    case, other = a_case(), a_case()
    sent = case.request.model_copy(update={"metadata": {"form_reference": "3CDFG-4HJKM-6NPQR"}}) if case.request else None
    for each in (case.model_copy(update={"request": sent}), other):
        await add(database, each)

    for typed in ("3CDFG-4HJKM-6NPQR", "3cdfg 4hjkm 6npqr", "3cdfg4hjkm6npqr"):
        assert await listed(database, text=typed) == {case.request_id}


async def test_a_search_keeps_to_the_filters_and_follows_a_case_that_changes(database: Database) -> None:
    case = a_case("zugzwang", state=State.AWAITING_APPROVAL)
    await add(database, case)
    assert await listed(database, text="zugzwang", states=(State.AWAITING_APPROVAL,)) == {case.request_id}
    await add(database, case.model_copy(update={"state": State.SENT, "category": "noise", "assignee": "anna@city.example"}))
    assert await listed(database, text="zugzwang", states=(State.AWAITING_APPROVAL,)) == set()
    assert await listed(database, text="zugzwang", states=(State.SENT,), category="noise", assignee="anna@city.example") == {
        case.request_id
    }
    assert await listed(database, text="zugzwang", category="street_lighting") == set()


async def test_beyond_a_bound_the_newest_are_listed_and_it_is_said_that_there_are_more(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_document, "VOLUME", 4)
    cases = [a_case("zugzwang") for _ in range(23)]
    for case in cases:
        await add(database, case)
    async with database.reading() as session:
        few = await search_store.hits(session, "zugzwang", (), most=10)
        exactly = await search_store.hits(session, "zugzwang", (), most=23)
    assert set(few.request_ids) == {case.request_id for case in cases[-10:]}
    assert few.more
    assert len(exactly.request_ids) == 23
    assert not exactly.more


async def test_what_was_there_before_the_index_is_found_once_the_service_has_run(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_upkeep, "AT_ONCE", 3)
    cases = [a_case(f"zugzwang {number}") for number in range(8)]
    for case in cases:
        await add(database, case)
    async with database.transaction() as session:
        await (await session.connection()).execute(sa.text("delete from review_search"))
        await search_upkeep.begin_again(session)
    newest = a_case("zugzwang at last")
    await add(database, newest)
    assert await hits_of(database, "zugzwang") == {newest.request_id}

    await search_upkeep.index_all(database)

    assert await hits_of(database, "zugzwang") == {case.request_id for case in (*cases, newest)}
    async with database.transaction() as session:
        assert not await search_upkeep.index_some(session), "it is done once"
        await store.save(session, newest, None)


async def test_a_case_that_did_not_change_is_not_written_to_the_index_again(database: Database) -> None:
    case = a_case()
    await add(database, case)
    async with database.transaction() as session:
        connection = await session.connection()
        before = (await connection.execute(sa.text("select total_changes()"))).scalar_one()
        await search_store.index(session, case)
        assert (await connection.execute(sa.text("select total_changes()"))).scalar_one() == before


async def test_one_statement_looks_through_all_volumes_and_takes_the_newest(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_document, "VOLUME", 4)
    await finds_the_newest_of_all_volumes(database)
