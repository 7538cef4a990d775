"""Walks through every migration with a row in each table, and notes what a process of the release before would stumble over."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from services.migrations.upgrade import config

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ROWS = UUID("33333333-3333-4333-8333-333333333333")
OURS = ("alembic_version",)


@dataclass
class Walk:
    """`contracted`: what a migration took away or asks for, by its revision; `rows`: how many each table has at the end."""

    contracted: dict[str, list[str]] = field(default_factory=dict)
    filled: set[str] = field(default_factory=set)
    rows: dict[str, int] = field(default_factory=dict)


Columns = dict[str, dict[str, Any]]
"""What is known of each column of a table, by its name."""


def walk(url: str) -> Walk:
    """From an empty database to this version, a step at a time."""
    alembic, walked = config(url), Walk()
    revisions = [script.revision for script in ScriptDirectory.from_config(alembic).walk_revisions()][::-1]
    engine = sa.create_engine(url.replace("+aiosqlite", ""))
    before: dict[str, Columns] = {}
    for revision in revisions:
        command.upgrade(alembic, revision)
        after = _tables(engine)
        if changes := sorted(contracted(before, after)):
            walked.contracted[revision] = changes
        _fill(engine, after, walked)
        before = after
    with engine.connect() as connection:
        walked.rows = {name: _count(connection, name) for name in before}
    engine.dispose()
    return walked


def _tables(engine: sa.Engine) -> dict[str, Columns]:
    tables = sa.inspect(engine).get_multi_columns()
    return {
        name: {column["name"]: dict(column) for column in columns}
        for (_, name), columns in sorted(tables.items())
        if name not in OURS and not name.startswith("review_search_words")
    }


def _count(connection: sa.Connection, name: str) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(sa.table(name))).scalar_one())


def contracted(before: dict[str, Columns], after: dict[str, Columns]) -> set[str]:
    """What a process that knows the tables as they were would miss, or not know that it must write."""
    faults = {f"{name} is gone" for name in before.keys() - after.keys()}
    for name in before.keys() & after.keys():
        faults |= {f"{name}.{column} is gone" for column in before[name].keys() - after[name].keys()}
        asked = {column for column, about in after[name].items() if _must_be_written(about)}
        known_to_it = {column for column, about in before[name].items() if _must_be_written(about)}
        faults |= {f"{name}.{column} must be written" for column in asked - known_to_it}
    return faults


def _must_be_written(column: dict[str, Any]) -> bool:
    counts_by_itself = bool(column.get("primary_key")) and isinstance(column["type"], sa.Integer)
    return not column["nullable"] and column["default"] is None and not column.get("identity") and not counts_by_itself


def _fill(engine: sa.Engine, tables: dict[str, Columns], walked: Walk) -> None:
    """A row in each table that has none yet."""
    for name in sorted(tables.keys() - walked.filled):
        walked.filled.add(name)
        wanted = {column: about["type"] for column, about in tables[name].items() if not about["nullable"]}
        table = sa.table(name, *(sa.column(column, kind) for column, kind in wanted.items()))
        with engine.begin() as connection:
            if not _count(connection, name):
                connection.execute(sa.insert(table).values({column: _value(name, kind) for column, kind in wanted.items()}))


def _value(table: str, kind: Any) -> object:  # noqa: PLR0911 - whatever type a database has; one line a type
    if isinstance(kind, sa.JSON):
        return {}
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.DateTime):
        return AT
    if isinstance(kind, sa.Date):
        return date(2026, 3, 2)
    if isinstance(kind, sa.LargeBinary):
        return b"x"
    if isinstance(kind, sa.Numeric | sa.Integer | sa.Float):
        return 1
    if isinstance(kind, sa.Uuid):
        return uuid5(ROWS, table)
    return uuid5(ROWS, table).hex if str(kind) == "CHAR(32)" else "x"  # SQLite's ids
