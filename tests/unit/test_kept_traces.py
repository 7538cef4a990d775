"""How long the local store keeps the steps of requests."""

import sqlite3
import time
from datetime import timedelta
from pathlib import Path

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import SpanContext

from services.runtime import clock, traces
from services.runtime.traces import LocalTraces

MONTH = timedelta(days=30)


def a_span(*, days_ago: float = 0) -> ReadableSpan:
    ids = RandomIdGenerator()
    at = int((clock.now() - timedelta(days=days_ago)).timestamp() * 1e9)
    context = SpanContext(ids.generate_trace_id(), ids.generate_span_id(), is_remote=False)
    return ReadableSpan("deliver", context=context, resource=Resource({"service.name": "dispatch"}), start_time=at, end_time=at + 1)


def kept(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("select count(*) from spans").fetchone()[0])
    finally:
        connection.close()


def test_what_is_older_than_a_month_is_forgotten_a_little_with_each_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "FORGET_AT_ONCE", 4)
    path = tmp_path / "traces.db"
    LocalTraces(path, timedelta(days=365)).export([*(a_span(days_ago=31) for _ in range(10)), *(a_span(days_ago=29) for _ in range(3))])
    store = LocalTraces(path, MONTH)

    counts = []
    for _ in range(4):
        store.export([])
        counts.append(kept(path))

    assert counts == [9, 5, 3, 3]


def test_it_looks_for_what_is_old_about_once_an_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "traces.db"
    store = LocalTraces(path, MONTH)
    store.export([a_span()])
    store.export([a_span(days_ago=31)])
    assert kept(path) == 2

    now = time.monotonic() + traces.FORGET_EVERY_SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: now)
    store.export([])
    assert kept(path) == 1


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
    assert kept(path) == 1


def test_a_store_that_cannot_forget_still_keeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "traces.db"
    store = LocalTraces(path, MONTH)

    def busy(_: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError

    monkeypatch.setattr(store, "_forget", busy)
    assert store.export([a_span()]) is SpanExportResult.SUCCESS
    assert kept(path) == 1
