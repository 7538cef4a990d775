"""`parvis agencies acknowledge` switches receipts on for who has seen the words, and for nobody else."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.cli.main import app
from services.local import agency_provisioning
from services.review.cases.acknowledgements import acknowledgement_store
from services.review.cases.acknowledgements.acknowledgement import Acknowledging
from services.runtime import clock
from tests.pages.city import ADA, City, without_kafka

ON = ("--on", "--by", ADA.email)


@pytest.fixture
async def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[City]:
    monkeypatch.setenv("PARVIS_DATA_DIR", str(tmp_path))
    made = City(without_kafka(tmp_path))
    await made.hires(ADA)
    async with made.app.state.database.transaction() as session:
        await agency_provisioning.add(session, "city", "Town Hall", clock.now())
    yield made
    await made.app.state.database.close()


async def acknowledge(*options: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, ["agencies", "acknowledge", "city", *options])


async def kept(city: City) -> Acknowledging | None:
    async with city.app.state.database.reading() as session:
        return await acknowledgement_store.acknowledging(session, "city")


def proof(printed: str) -> str:
    return str(re.findall(r"--seen\s+([0-9a-f]{16})", printed)[-1])


async def test_nobody_switches_on_what_they_have_not_seen(city: City, tmp_path: Path) -> None:
    preview = await acknowledge()
    assert preview.exit_code == 0, preview.output
    assert "Somebody at Town Hall" in preview.stderr
    refused = await acknowledge(*ON)
    assert (refused.exit_code != 0, await kept(city)) == (True, None)
    assert "Somebody at Town Hall" in refused.stderr
    assert proof(str(refused.exception)) == proof(preview.stderr)

    own = tmp_path / "fr.txt"
    own.write_text("Reçu\n\nVotre référence est [REFERENCE].", encoding="utf-8")
    other = await acknowledge(*ON, "--text", f"fr={own}", "--seen", proof(preview.stderr))
    assert (other.exit_code != 0, await kept(city)) == (True, None)

    done = await acknowledge(*ON, "--text", f"fr={own}", "--seen", proof(str(other.exception)))
    assert done.stdout.startswith(f"on, by {ADA.email}"), done.output
    decided = await kept(city)
    assert decided
    assert (decided.active, decided.words()["fr"]["text"]) == (True, own.read_text(encoding="utf-8"))

    assert (await acknowledge("--off")).stdout.strip() == "off"
    decided = await kept(city)
    assert decided
    assert not decided.active
