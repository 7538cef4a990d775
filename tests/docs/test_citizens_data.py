"""Every column that can hold text says in docs/citizens-data.md whether a citizen's data is in it: what an erasure must reach."""

import importlib
import re
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import SQLModel

from services.review.erasure.citizens_tables import HOLDINGS, STAYS
from services.runtime.database import Moment

PAGE = Path(__file__).parents[2] / "docs" / "citizens-data.md"
ALL_TABLES = Path(__file__).parents[2] / "services" / "migrations" / "env.py"
KINDS = ("identity", "words", "redacted", "none")
HOLDS_NO_TEXT = (sa.Integer, sa.Boolean, sa.Numeric, sa.Float, sa.Date, sa.DateTime, sa.Uuid, Moment)


def columns_with_text() -> set[str]:
    """Each `table.column` of every service whose type could hold a sentence."""
    for name in re.findall(r"^import (services\.[\w.]+)", ALL_TABLES.read_text("utf-8"), re.MULTILINE):
        importlib.import_module(name)
    tables = SQLModel.metadata.sorted_tables
    return {f"{table.name}.{column.name}" for table in tables for column in table.columns if not isinstance(column.type, HOLDS_NO_TEXT)}


def listed() -> list[tuple[str, str]]:
    """Each column of the page's table, with its kind."""
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return [
        (f"{table}.{column}", kind)
        for table, cells in rows
        for kind, cell in zip(KINDS, cells.split("|"), strict=True)
        for column in re.findall(r"`(\w+)`", cell)
    ]


def test_every_column_that_can_hold_text_is_on_the_page_once() -> None:
    columns = [column for column, _ in listed()]

    lacking = sorted(columns_with_text() - set(columns))
    assert not lacking, "give each of these its kind in docs/citizens-data.md (identity, words, redacted or none)"
    assert sorted(set(columns) - columns_with_text()) == [], "these are on the page and in no table"
    assert len(columns) == len(set(columns))


def test_what_surely_holds_a_citizen_is_not_called_none() -> None:
    kind_of = dict(listed())

    for column in (
        "review_cases.request",
        "review_decisions.event",
        "intake_journal.event",
        "review_search.words",
        "dispatch_deliveries.event",
    ):
        assert kind_of[column] == "identity"
    for column in ("review_notes.text", "review_written_texts.text", "review_cases.four_eyes", "review_edits.body"):
        assert kind_of[column] == "words"


def test_every_column_with_a_citizens_data_is_erased_or_says_why_it_stays() -> None:
    gone = {holding.table for holding in HOLDINGS if holding.row_goes and not holding.where}
    changed = {f"{holding.table}.{name}" for holding in HOLDINGS for name in holding.columns}

    theirs = {column for column, kind in listed() if kind != "none"}
    reached = {column for column in theirs if column.partition(".")[0] in gone or column in changed or column in STAYS}

    assert sorted(theirs - reached) == [], "add these to services/review/erasure/citizens_tables.py"
    assert sorted(set(STAYS) - theirs) == []
    assert not set(STAYS) & changed


def test_every_table_with_the_id_of_a_request_is_on_the_list_or_holds_nothing_of_its_citizen() -> None:
    columns_with_text()
    reached = {holding.table for holding in HOLDINGS} | {column.partition(".")[0] for column in STAYS}
    by_request = {table.name for table in SQLModel.metadata.sorted_tables if "request_id" in table.columns}

    assert sorted(by_request - reached) == ["review_draft_edits", "review_figure_changes", "review_gap_verdicts"]


def test_the_list_names_tables_and_columns_that_there_are() -> None:
    columns_with_text()
    tables = SQLModel.metadata.tables

    for holding in HOLDINGS:
        assert {holding.key, *holding.columns} <= set(tables[holding.table].columns.keys()), holding
        assert not holding.marked or "erased_at" in tables[holding.table].columns
