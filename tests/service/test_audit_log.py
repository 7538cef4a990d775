"""The database itself keeps what was done: nothing is changed, taken away or put in its place."""

import sqlite3
from pathlib import Path

import pytest

from services.migrations.upgrade import upgrade

ENTRY = "review_audit (id, at, actor, action, detail) values (1, '2026-03-02', 'eve', 'nothing', '{}')"


@pytest.mark.parametrize(
    "statement",
    [
        f"insert or replace into {ENTRY}",
        f"replace into {ENTRY}",
        f"insert into {ENTRY} on conflict (id) do update set actor = 'eve'",
        "update or replace review_audit set actor = 'eve'",
        "update review_audit set id = 9",
        "delete from review_audit",
    ],
)
def test_no_statement_changes_what_stands_in_the_log(tmp_path: Path, statement: str) -> None:
    upgrade(f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}")
    with sqlite3.connect(tmp_path / "parvis.db") as database:
        for actor in ("anna", "ben"):
            database.execute("insert into review_audit (at, actor, action, detail) values ('2026-03-02', ?, 'approve', '{}')", [actor])

        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            database.execute(statement)

        assert database.execute("select id, actor from review_audit order by id").fetchall() == [(1, "anna"), (2, "ben")]
    database.close()
