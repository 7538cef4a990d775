"""Searching on PostgreSQL finds exactly what it finds on SQLite, by the index."""

import pytest

from services.review.cases.search import search_document
from services.runtime.database import Database
from tests.harness.postgres import Postgres
from tests.search_examples import finds_every_part_of_a_case, finds_the_newest_of_all_volumes, finds_what_the_examples_say


async def test_whole_words_and_beginnings_are_found_however_they_are_written(
    postgres: Postgres,  # noqa: ARG001 - marks it
    database: Database,
) -> None:
    await finds_what_the_examples_say(database)


async def test_every_part_of_a_case_is_searched_to_its_end(
    postgres: Postgres,  # noqa: ARG001 - marks it
    database: Database,
) -> None:
    await finds_every_part_of_a_case(database)


async def test_one_statement_looks_through_all_volumes_and_takes_the_newest(
    postgres: Postgres,  # noqa: ARG001 - marks it
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search_document, "VOLUME", 4)
    await finds_the_newest_of_all_volumes(database)
