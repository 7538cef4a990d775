"""Pages that the database cuts out of its indexes are those that are cut out of all cases."""

import random
from typing import Any

import pytest
import sqlalchemy as sa

from services.review.cases import store
from services.review.cases.case_state import State
from services.review.cases.queue import case_lists
from services.review.cases.queue.case_lists import Query
from services.runtime.database import Database
from tests.counts_examples import a_drawn_case
from tests.pages_of_lists import are_those_of_all_cases


@pytest.mark.parametrize("gather", [0, 1_000], ids=["read from indexes", "few are read at once"])
async def test_pages_in_both_directions_are_those_of_all_cases(database: Database, monkeypatch: pytest.MonkeyPatch, gather: int) -> None:
    monkeypatch.setattr("services.review.cases.queue.case_walk.MOST_GATHERED", gather)
    await are_those_of_all_cases(database, random.Random(gather))


BEGINS_WITH: list[tuple[dict[str, Any], str]] = [
    ({}, "ix_review_list_by_"),
    ({"category": "noise_nuisance"}, "ix_review_list_in_category_by_"),
    ({"language": "fi"}, "ix_review_list_in_language_by_"),
    ({"assignee": "anna@city.example"}, "ix_review_list_of_person_by_"),
]


@pytest.mark.parametrize(("filters", "index"), BEGINS_WITH)
@pytest.mark.parametrize(("sort", "order"), [("urgency", "urgency"), ("due", "urgency"), ("-received", "arrival")])
async def test_a_list_is_read_from_the_index_that_begins_with_its_filter_and_is_in_its_order(
    database: Database, filters: dict[str, Any], index: str, sort: Any, order: str
) -> None:
    statements: list[tuple[str, Any]] = []
    sa.event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *event: statements.append((event[2], event[3])))
    async with database.transaction() as session:
        await store.save(session, a_drawn_case(random.Random(3)), None)
    async with database.reading() as session:
        await case_lists.page_of(session, Query(states=(State.SENT, State.CLOSED), sort=sort, **filters))
    [walk] = [(text, values) for text, values in statements if "json_group_array" in text]

    async with database.reading() as session:
        plan = (await (await session.connection()).exec_driver_sql(f"explain query plan {walk[0]}", walk[1])).all()

    read = [row[-1] for row in plan if "review_cases" in row[-1]]
    assert any(f"{index}{order}" in line for line in read)
    assert all(f"USING COVERING INDEX {index}" in line or "USING COVERING INDEX ix_review_list_in_danger" in line for line in read)
