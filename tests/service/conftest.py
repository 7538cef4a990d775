"""What several tests of single services stand on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import rich

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


@pytest.fixture(autouse=True)
def console_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first console that rich makes stays its own, with the width of the terminal of whichever test printed first."""
    monkeypatch.setattr(rich, "_console", None)
