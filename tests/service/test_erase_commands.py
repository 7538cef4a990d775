"""`parvis erase` takes a citizen's identity and words out of everything, and says so; `parvis export` hands them out."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from services.cli.main import app
from services.review.cases.case_state import State
from tests.pages.city import ANNA, OLE, City, without_kafka

ADDRESS = "ines.marlow@example.org"


async def run(*arguments: str, code: int = 0) -> str:
    done = await asyncio.to_thread(CliRunner().invoke, app, [*arguments])
    assert done.exit_code == code, f"{done.output} {done.exception!r}"
    return done.stdout if code == 0 else f"{done.stdout}{done.exception}"


@pytest.fixture
async def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[City]:
    monkeypatch.setenv("PARVIS_DATA_DIR", str(tmp_path))
    made = City(without_kafka(tmp_path))
    await made.hires(ANNA, OLE)
    yield made
    await made.app.state.database.close()


def files_with(word: str, folder: Path) -> list[str]:
    """Files in whose bytes it stands, in whichever case."""
    return [path.name for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes().lower()]


async def answered(city: City) -> UUID:
    request_id = await city.waiting_case()
    await city.approves(ANNA, request_id)
    await leaves(city, request_id)
    await city.dispatches(request_id)
    return request_id


async def leaves(city: City, request_id: UUID) -> None:
    """Kafka has taken what waited."""
    async with city.commands.database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("delete from outbox where key = ?", (str(request_id),))


async def test_what_is_erased_is_gone_from_every_file_and_the_decision_stays(city: City, tmp_path: Path) -> None:
    request_id = await answered(city)

    report = json.loads(await run("erase", "--request", str(request_id), "--json", "--by", OLE.email))

    assert report["complete"]
    assert report["rows"]["review_cases"]
    await city.commands.database.close()
    for word in ("ines marlow", ADDRESS, "walks home from training"):
        assert not files_with(word, tmp_path)
    case = await city.case(request_id)
    assert case.state is State.SENT
    assert case.decision
    assert case.decision.decided_by == ANNA.email
    assert case.erased_at
    assert "nothing was changed" in await run("audit", "verify")
