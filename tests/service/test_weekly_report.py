"""`parvis report --week` tells a week in words, without personal details, as Markdown and HTML."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.main import app
from services.runtime import clock
from tests.pages.city import City, without_kafka


async def run(*arguments: str) -> str:
    done = await asyncio.to_thread(CliRunner().invoke, app, ["report", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


async def test_a_week_with_a_rising_category_has_examples_and_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_DATA_DIR", str(tmp_path))
    city = City(without_kafka(tmp_path))
    body = "<b>Dark</b> street, [x](http://evil.example) says Ines Marlow"
    start = body.index("Ines")
    spans = [{"field": "body", "start": start, "end": start + 11, "placeholder": "[NAME_1]"}]
    hidden: dict[str, object] = {"subject": None, "body": body.replace("Ines Marlow", "[NAME_1]"), "spans": spans}
    await city.receives(hours_ago=24 * 14, category="waste_collection", department="environment")
    for _ in range(12):
        await city.receives(request={"subject": None, "body": body}, redacted=hidden, hours_ago=0)
    year, number, _ = city.commands.taxonomy.day(clock.now()).isocalendar()

    markdown = await run("--week", f"{year}-W{number:02}")
    html = await run("--week", f"{year}-W{number:02}", "--format", "html")
    await city.app.state.database.close()

    for text in (markdown, html):
        assert "12 messages" in text
        assert "NAME" in text
        assert "Marlow" not in text
        assert "<b>Dark" not in text
    assert "12 instead of 0.0" in markdown
    assert "](http" not in markdown
