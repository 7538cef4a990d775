"""Pages that the database cuts out of its indexes are those that are cut out of all cases."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.migrations.upgrade import upgrade
from services.runtime.database import Database
from services.runtime.settings import Settings
from tests.pages_of_lists import are_those_of_all_cases


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    settings = Settings(data_dir=tmp_path)
    upgrade(settings.database)
    opened = Database(settings.database)
    yield opened
    await opened.close()


@pytest.mark.parametrize("gather", [0, 1_000], ids=["read from indexes", "few are read at once"])
async def test_pages_in_both_directions_are_those_of_all_cases(database: Database, monkeypatch: pytest.MonkeyPatch, gather: int) -> None:
    monkeypatch.setattr("services.review.cases.queue.case_walk.MOST_GATHERED", gather)
    await are_those_of_all_cases(database, random.Random(gather))
