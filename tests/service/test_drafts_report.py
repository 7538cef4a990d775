"""What people changed of drafts is kept without their words, and shown by category, passage, prompt, model and kind of letter."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from services.cli import context, drafts
from services.review.app import keep_moving
from services.review.cases.deciding.actions import Approve, Recall, Reject
from services.review.people.rules import Scope
from services.review.quality import store
from services.review.quality.edit_report import Report
from services.review.quality.tables import DraftEditRow
from services.runtime import clock
from services.runtime.errors import InvalidInput
from tests.harness.tasks import running_beside
from tests.harness.waiting import until_async
from tests.pages.city import ANNA, QUOTE, REPLY, SUE, City, without_kafka

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[City]:
    app = without_kafka(tmp_path)
    city = City(app)
    await city.hires(ANNA, SUE)
    yield city
    await app.state.database.close()


async def decides(city: City, body: str | None = None, *, draft: dict[str, Any] | None = None, **triage: Any) -> None:
    """A message comes, is drafted for, and Anna sends the draft, or this text instead of it."""
    request_id = await city.receives(**triage)
    draft_id = await city.drafts(request_id, **(draft or {}))
    subject = "Your street lamp on Heron Street" if body else None
    await city.does(ANNA, request_id, Approve(draft_id, subject, body))


async def report(city: City, scope: Scope = Scope(), agency: str | None = None) -> Report:  # noqa: B008 - immutable
    while await store.note_edits(city.commands.database):
        continue
    async with city.commands.database.reading() as session:
        return await store.tally_since(session, LONG_AGO, scope, agency)


async def test_drafts_are_counted_by_what_became_of_them_and_by_what_they_came_from(city: City) -> None:
    await decides(city, letter="question", letter_sure=True, draft={"prompt_version": "v7"})
    await decides(city, REPLY.replace("within five working days", "within nine working days"), letter="report", letter_sure=True)
    await decides(city, category="fines", draft={"drafted_by": "template", "model": None, "citations": []})
    request_id = await city.waiting_case()
    await city.does(SUE, request_id, Reject(reason="The lamp is the canton's"))

    counted = await report(city)

    kinds = {kind: count for kind, count in counted.all.by_kind.items() if count}
    assert (counted.all.drafts, kinds, counted.all.facts) == (4, {"unchanged": 2, "figures": 1, "rejected": 1}, 1)
    by = {dimension: {group.name: group.drafts for group in groups} for dimension, groups in counted.by.items()}
    assert by["category"] == {"street_lighting": 3, "fines": 1}
    assert by["passage"] == {"p1": 3, "": 1}
    assert by["prompt"] == {"": 3, "v7": 1}
    assert by["model"] == {"a-model": 3, "template": 1}
    assert by["letter"] == {"question": 1, "report": 1, "": 2}


async def test_decisions_are_noted_beside_the_work_without_anybody_asking(city: City) -> None:
    await decides(city)
    async with running_beside(city.commands.database, keep_moving(city.commands)):
        await until_async(noted(city), "the decision is noted")


def noted(city: City) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        async with city.commands.database.reading() as session:
            return bool((await session.exec(select(DraftEditRow))).all())

    return look


async def test_the_citizens_name_is_no_edit_though_the_draft_has_a_placeholder_for_it(city: City) -> None:
    await decides(city)
    assert (await report(city)).all.by_kind["unchanged"] == 1


async def test_a_recalled_approval_does_not_count_and_the_next_one_does(city: City) -> None:
    request_id = await city.waiting_case()
    await city.approves(ANNA, request_id)
    await report(city)
    await city.does(ANNA, request_id, Recall())
    assert (await report(city)).all.drafts == 0
    await city.approves(ANNA, request_id)
    assert (await report(city)).all.drafts == 1


async def test_a_category_that_was_corrected_later_counts_as_it_is_now_and_only_what_somebody_may_see(city: City) -> None:
    await decides(city)
    await decides(city, category="fines", department="finance")
    assert (await report(city, Scope(departments=("streets",)))).all.drafts == 1
    assert (await report(city, agency="another")).all.drafts == 0
    assert (await report(city, agency="city")).all.drafts == 2


async def test_more_decisions_than_are_compared_in_one_go_are_all_counted(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "AT_ONCE", 2)
    for _ in range(5):
        await decides(city)
    assert (await report(city)).all.drafts == 5


async def test_what_is_kept_of_an_edit_holds_no_word_of_the_reply(city: City) -> None:
    await decides(city, REPLY.replace(QUOTE[:20], "Zanzibar Zanzibar"))
    await report(city)
    async with city.commands.database.reading() as session:
        [row] = (await session.exec(select(DraftEditRow))).all()
    assert "Zanzibar" not in repr(row)
    assert "Marlow" not in repr(row)


async def test_the_command_notes_what_was_decided_before_it_ran_and_prints_it_as_json(
    city: City, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await decides(city, REPLY.replace("five working days", "nine working days"))
    monkeypatch.setenv("PARVIS_DATA_DIR", str(tmp_path))

    printed = await run(["report", "--json"])
    table = await run(["report", "--since", (clock.now() - timedelta(days=1)).date().isoformat()])
    none = await run(["report", "--agency", "another"])

    figures = json.loads(printed)
    assert (figures["all"]["drafts"], figures["all"]["facts"], figures["by"]["passage"][0]["name"]) == (1, 1, "p1")
    assert "by passage" in table
    assert "street_lighting" in table
    assert "no draft was decided on" in none


async def run(arguments: list[str]) -> str:
    done = await asyncio.to_thread(CliRunner().invoke, drafts.drafts, arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize("text", ["soon", "30", "d", "2026-13-01", "-3d", "99999999999d"])
def test_a_period_that_is_none_is_told_with_the_option(text: str) -> None:
    with pytest.raises(InvalidInput, match="--since"):
        context.day_of(text, clock.now())
