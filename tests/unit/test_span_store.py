"""How long the local store keeps the steps of requests."""

import sqlite3
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import SpanContext

from services.runtime import clock, span_store
from services.runtime.span_store import LocalTraces

MONTH = timedelta(days=30)


def a_span(*, days_ago: float = 0) -> ReadableSpan:
    ids = RandomIdGenerator()
    at = int((clock.now() - timedelta(days=days_ago)).timestamp() * 1e9)
    context = SpanContext(ids.generate_trace_id(), ids.generate_span_id(), is_remote=False)
    return ReadableSpan("deliver", context=context, resource=Resource({"service.name": "dispatch"}), start_time=at, end_time=at + 1)


def spans_in(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("select count(*) from spans").fetchone()[0])
    finally:
        connection.close()


def test_what_is_older_than_a_month_is_forgotten_a_little_with_each_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(span_store, "FORGET_AT_ONCE", 4)
    path = tmp_path / "traces.db"
    LocalTraces(path, timedelta(days=365)).export([*(a_span(days_ago=31) for _ in range(10)), *(a_span(days_ago=29) for _ in range(3))])
    store = LocalTraces(path, MONTH)

    counts = []
    for _ in range(4):
        store.export([])
        counts.append(spans_in(path))

    assert counts == [9, 5, 3, 3]


def test_it_looks_for_what_is_old_about_once_an_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "traces.db"
    store = LocalTraces(path, MONTH)
    store.export([a_span()])
    store.export([a_span(days_ago=31)])
    assert spans_in(path) == 2

    now = time.monotonic() + span_store.FORGET_EVERY_SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: now)
    store.export([])
    assert spans_in(path) == 1


def test_a_store_that_forgot_gives_its_room_back(tmp_path: Path) -> None:
    path = tmp_path / "traces.db"
    LocalTraces(path, timedelta(days=365)).export([a_span(days_ago=31) for _ in range(500)])
    connection = sqlite3.connect(path)
    before = connection.execute("pragma page_count").fetchone()[0]

    LocalTraces(path, MONTH).export([])

    assert connection.execute("pragma page_count").fetchone()[0] < before / 2
    connection.close()


def test_the_setting_says_how_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_TRACE_DAYS", "2")
    path = tmp_path / "traces.db"
    LocalTraces(path).export([a_span(days_ago=3), a_span(days_ago=1)])
    assert spans_in(path) == 1


def test_a_store_that_cannot_forget_still_keeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "traces.db"
    store = LocalTraces(path, MONTH)

    def busy(_: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError

    monkeypatch.setattr(store, "_forget", busy)
    assert store.export([a_span()]) is SpanExportResult.SUCCESS
    assert spans_in(path) == 1


def aside(path: Path) -> list[Path]:
    return sorted(path.parent.glob("traces.db.broken-*"))


def test_a_file_that_is_no_store_is_moved_aside_and_a_new_one_begun(tmp_path: Path) -> None:
    path = tmp_path / "traces.db"
    path.write_bytes(b"not a database at all" * 500)

    store = LocalTraces(path, MONTH)

    assert store.export([a_span()]) is SpanExportResult.SUCCESS
    assert spans_in(path) == 1
    assert [broken.read_bytes()[:5] for broken in aside(path)] == [b"not a"]


def overwritten(path: Path) -> None:
    """All but the first page, so that it still opens."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))


def test_a_store_that_breaks_while_it_is_used_keeps_what_comes_next(tmp_path: Path) -> None:
    path = tmp_path / "traces.db"
    store = LocalTraces(path, MONTH)
    store.export([a_span() for _ in range(200)])
    overwritten(path)

    span = a_span()
    assert store.export([span]) is SpanExportResult.SUCCESS
    assert spans_in(path) == 1
    assert len(aside(path)) == 1


def test_a_store_that_is_broken_when_it_is_read_has_no_spans_of_it(tmp_path: Path) -> None:
    path = tmp_path / "traces.db"
    store = LocalTraces(path, MONTH)
    store.export([a_span() for _ in range(200)])
    overwritten(path)

    assert store.spans_of("0" * 32) == []
    assert len(aside(path)) == 1


def test_a_new_store_that_another_process_began_is_not_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "traces.db"
    store = LocalTraces(path, MONTH)
    store.export([a_span() for _ in range(200)])
    overwritten(path)
    keep_spans = LocalTraces._keep_spans

    def overtaken(store: LocalTraces, spans: Sequence[ReadableSpan]) -> None:
        try:
            keep_spans(store, spans)
        except sqlite3.DatabaseError:
            monkeypatch.setattr(LocalTraces, "_keep_spans", keep_spans)
            LocalTraces(path, MONTH).export([a_span()])
            raise

    monkeypatch.setattr(LocalTraces, "_keep_spans", overtaken)
    assert store.export([a_span()]) is SpanExportResult.SUCCESS

    assert spans_in(path) == 2
    assert len(aside(path)) == 1


def test_services_that_start_at_once_wait_for_one_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "traces.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin exclusive")
    monkeypatch.setattr(span_store, "BUSY_SECONDS", 0.0)
    monkeypatch.setattr(time, "sleep", lambda _: other.close())

    LocalTraces(path, MONTH).export([a_span()])

    assert spans_in(path) == 1


def test_a_store_that_is_wal_already_needs_nobody_to_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "traces.db"
    LocalTraces(path, MONTH)
    monkeypatch.setattr(span_store, "BUSY_SECONDS", 0.0)
    monkeypatch.setattr(span_store, "PREPARE_SECONDS", 0.0)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    LocalTraces(path, MONTH)
    other.close()
