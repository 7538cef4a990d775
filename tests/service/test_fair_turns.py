"""A burst of one agency keeps no other waiting: in intake, on the way to Kafka, in triage and in the queue."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr
from sqlmodel import SQLModel

from schemas.requests_received import RequestReceived
from schemas.values import Urgency
from services.domain import taxonomy
from services.intake.quota import Quotas
from services.review import handlers
from services.review.cases import store
from services.review.cases.case_state import State
from services.review.cases.commands import CaseCommands
from services.review.cases.queue import case_lists
from services.review.cases.queue.case_lists import Query
from services.runtime import clock, outbox
from services.runtime.database import Database
from services.runtime.round_robin import interleaved
from services.runtime.settings import KafkaSettings, Settings
from tests import case_builders
from tests.builders import a_request


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    yield database
    await database.close()


async def hands_over(database: Database, agency: str, count: int) -> None:
    async with database.transaction() as session:
        for _ in range(count):
            request = RequestReceived.model_validate(a_request(agency=agency))
            await outbox.add(session, "intake", request, lane=agency)


async def leaves(database: Database) -> list[str]:
    """The agencies of the events that leave next, in their order."""
    async with database.transaction() as session:
        return [json.loads(row.value)["agency"] for row in await outbox.lease(session, "intake", clock.now())]


async def test_what_one_agency_hands_over_leaves_after_one_of_another_and_not_after_all(database: Database) -> None:
    await hands_over(database, "alpha", 500)
    await hands_over(database, "beta", 3)
    first = await leaves(database)
    assert [place for place, agency in enumerate(first) if agency == "beta"] == [1, 3, 5]


async def test_who_waited_for_nothing_has_saved_up_nothing(database: Database) -> None:
    await hands_over(database, "alpha", 500)
    await leaves(database)  # two hundred are on their way
    await hands_over(database, "beta", 300)
    both = await leaves(database)
    assert both == ["alpha", "beta"] * 100


async def test_one_agency_alone_leaves_in_its_order(database: Database) -> None:
    await hands_over(database, "alpha", 20)
    async with database.transaction() as session:
        ids = [row.id for row in await outbox.lease(session, "intake", clock.now())]
    assert all(earlier < later for earlier, later in pairwise(ids) if earlier and later)


def test_lanes_take_turns_and_keep_their_order() -> None:
    assert interleaved(["a1", "a2", "a3", "b1", "c1", "c2"], lambda name: name[0]) == ["a1", "b1", "c1", "a2", "c2", "a3"]
    assert interleaved([], str) == []


class Queue:
    """Review's cases without Kafka."""

    def __init__(self, database: Database, folder: Path) -> None:
        settings = Settings(data_dir=folder, database_url=SecretStr(database.url), kafka=KafkaSettings(bootstrap="127.0.0.1:1"))
        self.commands = CaseCommands(database, taxonomy.load(), settings)

    async def fills(self, agency: str, count: int, *, urgency: Urgency = Urgency.EMERGENCY, minutes: int = 0) -> list[UUID]:
        ids = [uuid4() for _ in range(count)]
        for number, request_id in enumerate(ids):
            at = case_builders.NOW + timedelta(minutes=minutes, seconds=number)
            request = case_builders.received(request_id=str(request_id), agency=agency, received_at=at.isoformat())
            triage = case_builders.triaged(request_id=request_id, agency=agency, urgency=urgency, received_at=at)
            await self.commands.take_in(handlers.received(request))
            await self.commands.take_in(handlers.triaged(triage, self.commands.taxonomy))
        return ids

    async def pages(self, limit: int) -> list[list[case_lists.Line]]:
        pages: list[list[case_lists.Line]] = []
        cursor = None
        async with self.commands.database.reading() as session:
            while True:
                page, cursor = await case_lists.page(session, Query(cursor=cursor, limit=limit))
                pages.append(page)
                if not cursor:
                    return pages


async def test_a_burst_of_urgent_cases_of_one_agency_stands_between_those_of_others(database: Database, tmp_path: Path) -> None:
    queue = Queue(database, tmp_path)
    await queue.fills("alpha", 40)
    await queue.fills("beta", 3, minutes=90)
    await queue.fills("gamma", 2, urgency=Urgency.NORMAL)
    shown = [line.agency for page in await queue.pages(200) for line in page]
    assert shown[:6] == ["alpha", "beta"] * 3
    assert shown[-2:] == ["gamma", "gamma"], "what is less urgent waits for all that is more"


async def test_every_case_is_shown_once_over_all_pages_also_when_some_leave_meanwhile(database: Database, tmp_path: Path) -> None:
    queue = Queue(database, tmp_path)
    ids = [*await queue.fills("alpha", 15), *await queue.fills("beta", 4), *await queue.fills("gamma", 7, urgency=Urgency.LOW)]
    pages = await queue.pages(4)
    assert sorted(line.request_id for page in pages for line in page) == sorted(ids)

    async with database.reading() as session:
        first, cursor = await case_lists.page(session, Query(limit=4))
    async with database.transaction() as session:
        case = await store.case_for(session, first[0].request_id)
        await store.save(session, case.model_copy(update={"state": State.CLOSED}), None)
    rest: list[UUID] = []
    async with database.reading() as session:
        while cursor:
            page, cursor = await case_lists.page(session, Query(cursor=cursor, limit=4, states=tuple(set(State) - {State.CLOSED})))
            rest += [line.request_id for line in page]
    assert sorted([*rest, *(line.request_id for line in first)]) == sorted(ids)


async def test_one_agency_alone_is_sorted_by_what_is_due(database: Database, tmp_path: Path) -> None:
    queue = Queue(database, tmp_path)
    ids = await queue.fills("alpha", 6, urgency=Urgency.HIGH)
    assert [line.request_id for page in await queue.pages(4) for line in page] == ids


def test_a_burst_is_taken_and_a_flood_is_told_when_to_come_again() -> None:
    quotas = Quotas(per_minute=60, burst=10)
    taken = [quotas.take("alpha", 1, now=100.0) for _ in range(12)]
    assert [bool(quota and quota.granted) for quota in taken] == [True] * 10 + [False] * 2
    refused = taken[-1]
    assert refused
    assert refused.headers["Retry-After"] == "1"
    assert refused.headers["RateLimit"] == '"requests";r=0;t=1'
    other, later = quotas.take("beta", 1, now=100.0), quotas.take("alpha", 5, now=103.0)
    assert other
    assert later
    assert (other.granted, later.granted) == (1, 3)
    assert Quotas(per_minute=0, burst=1).take("alpha", 9, now=0.0) is None
