"""Lists and counts on PostgreSQL: the same as on SQLite, and several at once."""

import asyncio
import random
from datetime import timedelta

import pytest

from services.review.cases import store
from services.review.cases.queue import counts_store
from services.review.cases.second_look import look_store
from services.review.safeguards import store as safeguards
from services.review.safeguards.rules import Change
from services.runtime import clock
from services.runtime.database import Database
from tests import daily_examples
from tests.counts_examples import a_drawn_case, are_mended, equal_a_true_count, hold_after_drawn_changes
from tests.harness.postgres import Postgres
from tests.pages.city import ADA, ANNA, SUE, City
from tests.pages_of_lists import are_those_of_all_cases


@pytest.mark.parametrize("gather", [0, 1_000], ids=["read from indexes", "few are read at once"])
async def test_pages_in_both_directions_are_those_of_all_cases(
    postgres: Postgres,  # noqa: ARG001 - marks it
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    gather: int,
) -> None:
    monkeypatch.setattr("services.review.cases.queue.case_walk.MOST_GATHERED", gather)
    await are_those_of_all_cases(database, random.Random(gather))


async def test_counts_are_true_after_any_changes_and_mended_where_they_are_not(
    postgres: Postgres,  # noqa: ARG001 - marks it
    database: Database,
) -> None:
    await hold_after_drawn_changes(database)


async def test_days_are_true_after_any_changes(database: Database) -> None:
    await daily_examples.hold_after_drawn_changes(database)
    await are_mended(database)


async def test_transactions_at_once_count_without_waiting_for_each_other_while_rows_are_folded(
    postgres: Postgres,  # noqa: ARG001 - marks it
    database: Database,
) -> None:
    chance = random.Random(4)
    cases = [a_drawn_case(chance) for _ in range(120)]

    async def saves(some: list[int]) -> None:
        async with database.transaction() as session:
            for number in some:
                await store.save(session, cases[number], None)

    async def folds() -> None:
        for _ in range(10):
            await counts_store.fold_all(database)

    async def mends() -> None:
        for _ in range(5):
            async with database.transaction() as session:
                assert await counts_store.mend(session) == 0

    await asyncio.gather(*(saves(list(range(first, first + 20))) for first in range(0, 120, 20)), folds(), folds(), mends())
    await equal_a_true_count(database, 4)


async def test_supervisors_hear_of_a_first_approval_that_waits_for_too_long(city: City) -> None:
    async with city.commands.database.transaction() as session:
        await safeguards.change(session, Change(why="two people"), ADA.email, clock.now(), city.commands.taxonomy.names)
    await city.approves(ANNA, await city.waiting_case())
    await city.waiting_case()

    async def waiting(after: timedelta) -> int:
        async with city.commands.database.reading() as session:
            return await look_store.waiting_long(session, SUE.scope, clock.now() + after)

    assert await waiting(look_store.TOLD_AFTER / 2) == 0
    assert await waiting(2 * look_store.TOLD_AFTER) == 1
