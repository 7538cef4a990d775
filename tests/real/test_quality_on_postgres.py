"""What people change of drafts, gaps and cited articles on PostgreSQL: the same figures as on SQLite."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.migrations.upgrade import upgrade
from services.review.app import create
from services.review.cases.deciding.actions import Approve, Reject
from services.review.cases.queue import case_lists
from services.review.quality import gap_commands, store
from services.review.quality.gaps import grouped
from services.runtime.settings import KafkaSettings, Settings
from tests.pages.city import ANNA, REPLY, SUE, City

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
async def city(database_url: str, tmp_path: Path) -> AsyncIterator[City]:
    settings = Settings(database_url=database_url, data_dir=tmp_path, kafka=KafkaSettings(bootstrap="127.0.0.1:9"))
    upgrade(settings.database)
    app = create(settings)
    city = City(app)
    await city.hires(ANNA, SUE)
    yield city
    await app.state.database.close()


async def test_edits_gaps_and_citations_are_counted_as_on_sqlite(city: City) -> None:
    edited = await city.waiting_case(letter="question")
    draft = (await city.case(edited)).draft
    assert draft
    await city.does(ANNA, edited, Approve(draft.draft_id, draft.subject, REPLY.replace("five working days", "nine working days")))
    rejected = await city.waiting_case(letter="question")
    await city.does(ANNA, rejected, Reject(reason="not ours"))
    await city.drafts(rejected)
    unanswered = [await city.receives(letter="question", category="other") for _ in range(2)]
    for request_id in unanswered:
        await city.drafts(request_id, citations=[])

    while await store.note_edits(city.commands.database):
        continue

    async with city.commands.database.reading() as session:
        report = await store.tally_since(session, LONG_AGO, SUE.scope)
        gaps = await store.gaps_since(session, LONG_AGO, SUE.scope)
        assert await store.cited_now(session) == {"p1"}
        assert {len(cited) for cited in (await case_lists.citations_of(session, [rejected, *unanswered])).values()} == {0, 1}
        groups = grouped(gaps, await store.some_mail(session))
    assert (report.all.drafts, report.all.facts, report.all.by_kind["rejected"]) == (2, 1, 1)
    assert {gap.request_id: gap.why for gap in gaps} == {rejected: "rejected"} | dict.fromkeys(unanswered, "nothing_quoted")
    assert sum(len(group.gaps) for group in groups) == 3

    assert await gap_commands.decide(city.commands, unanswered, "article_written", SUE) == 2
    async with city.commands.database.reading() as session:
        assert [gap.request_id for gap in await store.gaps_since(session, LONG_AGO)] == [rejected]
