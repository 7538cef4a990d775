"""What several tests of single services stand on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.migrations.upgrade import upgrade
from services.runtime.database import Database
from services.runtime.settings import Settings


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database of this test, in a file, with the tables of this version."""
    settings = Settings(data_dir=tmp_path)
    upgrade(settings.database)
    opened = Database(settings.database)
    yield opened
    await opened.close()
