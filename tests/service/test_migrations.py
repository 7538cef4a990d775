"""The tables of the code and of the migrations are the same."""

from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import command

from services.migrations.upgrade import config, upgrade
from tests.schema_walk import contracted, walk

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _insert(connection: sa.Connection, table: str, **values: object) -> None:
    """A row of an older version, its table as it was then."""
    reflected = sa.Table(table, sa.MetaData(), autoload_with=connection)
    moments = {name: AT for name in ("created_at", "updated_at", "received_at", "decided_at", "told_at") if name in reflected.c}
    connection.execute(reflected.insert().values(**moments, **values))


def test_the_migrations_make_the_tables_that_the_code_has(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    upgrade(url)
    upgrade(url)
    command.check(config(url))


def test_what_was_called_sent_and_never_left_is_to_be_passed_on_and_open_emergencies_come_first(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    command.upgrade(config(url), "0005")
    engine = sa.create_engine(url)
    cases = ((1, "sent", "normal", "manual"), (2, "sent", "normal", "delivered"), (3, "drafting", "emergency", None))
    with engine.begin() as connection:
        for number, state, urgency, outcome in cases:
            case, decision = f"{number:032x}", f"{number + 100:032x}"
            rest = {"agency": "city", "title": "", "whole": True, "search": "", "urgency_rank": 0, "sorted_by_person": False}
            rest |= {"version": 1, "revision": 1, "trace": "{}", "nudges": 0}
            _insert(connection, "review_cases", request_id=case, state=state, urgency=urgency, **rest)
            _insert(connection, "intake_status", request_id=case, agency="city", state=state, decision_id=decision)
            if outcome:
                _insert(connection, "review_decisions", decision_id=decision, request_id=case, event="{}")
                _insert(connection, "review_deliveries", decision_id=decision, request_id=case, outcome=outcome, event="{}")

    command.upgrade(config(url), "0009")

    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT state, pressing FROM review_cases ORDER BY request_id")).all()
        states = connection.execute(sa.text("SELECT state FROM intake_status ORDER BY request_id")).scalars().all()
    engine.dispose()
    assert [tuple(row) for row in rows] == [("by_hand", 0), ("sent", 0), ("drafting", 501)]
    assert states == ["by_hand", "sent", "drafting"]


def test_every_migration_can_be_taken_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    upgrade(url)
    command.downgrade(config(url), "base")
    engine = sa.create_engine(url)
    assert sa.inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()


CONTRACTED: dict[str, list[str]] = {}
"""What migrations took away from under the release before, each one on purpose. A new one expands: see docs/operations.md."""


def test_every_row_of_every_version_survives_and_no_migration_takes_anything_from_the_release_before(tmp_path: Path) -> None:
    walked = walk(f"sqlite:///{tmp_path / 'years.db'}")
    assert walked.contracted == CONTRACTED
    assert [table for table in sorted(walked.filled) if not walked.rows.get(table)] == []


def test_what_the_release_before_would_miss_is_seen() -> None:
    number, text = {"type": sa.Integer(), "nullable": False, "default": None}, {"type": sa.String(), "nullable": True, "default": None}
    before = {"cases": {"request_id": number, "title": text, "note": text}, "old": {"name": text}}
    after = {"cases": {"request_id": number, "title": text | {"nullable": False}, "state": text | {"nullable": False}}}

    assert contracted(before, after) == {
        "old is gone",
        "cases.note is gone",
        "cases.title must be written",
        "cases.state must be written",
    }
    assert not contracted(before, before | {"cases": before["cases"] | {"more": text}, "new": {"name": number}})
