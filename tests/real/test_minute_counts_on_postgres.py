"""What came in each minute, as PostgreSQL counts it; SQLite does in tests/pages/test_operations_overview.py."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.review.cases import minute_counts_store
from services.review.cases.tables import CaseRow, DraftRow
from services.review.people.rules import EVERYTHING, Scope
from services.runtime.database import Database

pytestmark = pytest.mark.postgres

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIRST = int(NOON.timestamp() // 60)


def received(seconds: int, **changes: Any) -> CaseRow:
    at = NOON + timedelta(seconds=seconds)
    return CaseRow(request_id=uuid4(), state="received", version=1, created_at=at, updated_at=at, received_at=at, **changes)


async def test_requests_and_drafts_are_counted_by_the_minute_and_in_the_scope(database: Database) -> None:
    of_city, of_lake = received(59, agency="city"), received(60, agency="lake")
    drafts = [
        DraftRow(draft_id=uuid4(), request_id=case.request_id, revision=1, proposed_at=case.received_at, event={"drafted_by": writer})
        for case, writer in ((of_city, "model"), (of_lake, "template"), (of_lake, "template"))
    ]
    async with database.transaction() as session:
        session.add_all([received(-1), received(0), received(119), received(120), of_city, of_lake, *drafts])

    until, limited = NOON + timedelta(minutes=2), Scope(agencies=("city",))
    async with database.reading() as session:
        assert await minute_counts_store.received(session, NOON, until, EVERYTHING) == {FIRST: 2, FIRST + 1: 2}
        assert await minute_counts_store.received(session, NOON, until, limited) == {FIRST: 1}
        assert await minute_counts_store.drafted(session, NOON, until, EVERYTHING) == {"model": {FIRST: 1}, "template": {FIRST + 1: 2}}
        assert await minute_counts_store.drafted(session, NOON, until, limited) == {"model": {FIRST: 1}}
