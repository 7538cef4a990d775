"""How many cases there are is never counted anew: it is kept in the transaction that changes a case, and mended where it came apart."""

import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.main import app
from services.review.cases import store
from services.review.cases.case_state import State
from services.review.cases.queue import case_lists
from services.review.cases.queue.case_lists import Count, Query
from services.runtime.database import Database
from tests.counts_examples import a_drawn_case, are_mended, hold_after_drawn_changes


async def test_counts_are_true_after_any_changes_and_however_rows_were_folded(database: Database) -> None:
    await hold_after_drawn_changes(database)


async def test_counts_that_came_apart_are_mended(database: Database) -> None:
    await are_mended(database)


async def test_what_nothing_counts_is_counted_up_to_a_bound(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_lists, "MOST_COUNTED", 4)
    chance = random.Random(3)
    async with database.transaction() as session:
        for number in range(12):
            case = a_drawn_case(chance)
            request = case.request or a_drawn_case(random.Random(1), case.request_id, case.agency).request
            state = State.SENT if number < 9 else State.CLOSED
            await store.save(session, case.model_copy(update={"assignee": "anna@city.example", "state": state, "request": request}), None)
    async with database.reading() as session:
        counted = await case_lists.counts_of(session, Query(assignee="anna@city.example"))
    assert counted[State.SENT] == Count(4, more=True)
    assert counted[State.CLOSED] == Count(3)


async def test_a_change_that_is_undone_is_not_counted(database: Database) -> None:
    case = a_drawn_case(random.Random(5))
    async with database.rehearsal() as session, session.begin():
        await store.save(session, case, None)
        await session.rollback()
    async with database.reading() as session:
        assert sum((await case_lists.counts(session)).values()) == 0


def test_a_command_mends_counts_and_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_DATA_DIR", str(tmp_path))
    done = CliRunner().invoke(app, ["db", "mend"])
    assert done.exit_code == 0, done.output
    assert "all counts are right" in done.output
