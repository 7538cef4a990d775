"""What the local store keeps: late, whole, and whatever matters."""

import sqlite3
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Link, SpanContext, Status, StatusCode, format_trace_id

from services.runtime import clock, trace_retention, trace_summaries
from services.runtime.span_store import LocalTraces
from services.runtime.trace_retention import Retention, decision, is_in_ratio
from services.runtime.trace_summaries import TraceQuery

DROPPED, KEPT = f"{1:032x}", f"{(1 << 56) - 1:032x}"  # by any ratio but 1; by any but 0
NONE_OF_IT = Retention(timedelta(days=30), 1000.0, ratio=0.0, decide_after=timedelta(hours=24))


def a_span(
    trace: int, *, hours_ago: float, seconds: float = 1, failed: bool = False, links: tuple[SpanContext, ...] = (), **attributes: object
) -> ReadableSpan:
    start = int((clock.now() - timedelta(hours=hours_ago)).timestamp() * 1e9)
    return ReadableSpan(
        "process",
        context=SpanContext(trace, RandomIdGenerator().generate_span_id(), is_remote=False),
        resource=Resource({"service.name": "parvis.review"}),
        attributes={f"parvis.{name}": value for name, value in attributes.items()},  # type: ignore[misc]  # as the SDK takes them
        links=[Link(context) for context in links],
        status=Status(StatusCode.ERROR, "timeout") if failed else Status(),
        start_time=start,
        end_time=start + round(seconds * 1e9),
    )


def of_request(trace: int, **attributes: object) -> ReadableSpan:
    return a_span(trace, hours_ago=25, request_id=str(UUID(int=trace)), **attributes)  # type: ignore[arg-type]  # any attribute


@pytest.mark.parametrize(("failed", "worth"), [(True, False), (False, True)])
def test_what_matters_is_kept_whatever_the_ratio(*, failed: bool, worth: bool) -> None:
    assert decision(trace_id=DROPPED, failed=failed, worth=worth, settled=True, ratio=0.0) == "keep"


def test_what_went_well_is_kept_by_its_id_alone_and_dropped_only_at_its_end() -> None:
    assert decision(trace_id=KEPT, failed=False, worth=False, settled=True, ratio=0.01) == "keep"
    assert decision(trace_id=DROPPED, failed=False, worth=False, settled=True, ratio=0.99) == "drop"
    assert decision(trace_id=DROPPED, failed=False, worth=False, settled=False, ratio=0.0) == "later"


def test_the_ratio_is_the_share_that_is_kept() -> None:
    ids = [f"{RandomIdGenerator().generate_trace_id():032x}" for _ in range(4000)]

    assert all(is_in_ratio(trace_id, 1.0) for trace_id in ids)
    assert not any(is_in_ratio(trace_id, 0.0) for trace_id in ids)
    assert 800 < sum(is_in_ratio(trace_id, 0.25) for trace_id in ids) < 1200


@pytest.mark.parametrize(
    "last", [{"failed": True}, {"keep": "rejected"}, {"keep": "abstained"}, {"keep": "slow"}, {"keep": "recalled"}, {"keep": "fallback"}]
)
def test_a_late_reason_keeps_the_whole_trace(tmp_path: Path, last: dict[str, object]) -> None:
    store = LocalTraces(tmp_path / "traces.db", NONE_OF_IT)
    store.export([of_request(1), of_request(1)])
    store.export([of_request(1, settled=True, **last)])

    store.export([])

    assert len(store.spans_of(f"{1:032x}")) == 3


def test_a_trace_that_went_well_goes_whole_and_one_that_waits_for_a_person_stays(tmp_path: Path) -> None:
    store = LocalTraces(tmp_path / "traces.db", NONE_OF_IT)
    store.export([of_request(1), of_request(1, settled=True), of_request(2), a_span(3, hours_ago=1, request_id="x", settled=True)])

    store.export([])

    assert [len(store.spans_of(f"{trace:032x}")) for trace in (1, 2, 3)] == [0, 1, 1]
    assert {trace.trace_id for trace in store.search(TraceQuery())} == {f"{trace:032x}" for trace in (2, 3)}


def test_a_batch_is_kept_as_long_as_a_request_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.runtime.span_store.LOOK_EVERY_SECONDS", 0.0)
    store = LocalTraces(tmp_path / "traces.db", NONE_OF_IT)
    well, badly = of_request(1, settled=True), of_request(2, settled=True, failed=True)
    store.export([well, badly])
    store.export([a_span(10, hours_ago=25, links=(well.context,)), a_span(11, hours_ago=25, links=(well.context, badly.context))])

    for _ in range(3):
        store.export([])

    assert [len(store.spans_of(f"{trace:032x}")) for trace in (1, 2, 10, 11)] == [0, 1, 0, 1]


def test_a_store_that_is_too_large_drops_what_went_well_first_and_then_the_oldest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.runtime.span_store.LOOK_EVERY_SECONDS", 0.0)
    path = tmp_path / "traces.db"
    filled = LocalTraces(path, Retention(timedelta(days=30), 1000.0))
    filled.export([a_span(n, hours_ago=n, request_id="x", language="e" * 2000) for n in range(1, 401)])
    filled.export([a_span(1000, hours_ago=600, failed=True, request_id="x")])

    small = LocalTraces(path, Retention(timedelta(days=30), 0.4))
    for _ in range(20):
        small.export([])

    kept = [int(trace.trace_id, 16) for trace in small.search(TraceQuery(limit=1000))]
    assert 1000 in kept
    assert kept[:-1] == list(range(1, len(kept)))
    assert 20 < len(kept) < 300
    connection = sqlite3.connect(path)
    [pages], [free] = (connection.execute(f"pragma {name}").fetchone() for name in ("page_count", "freelist_count"))
    connection.close()
    assert (pages - free) * 4096 <= 0.4e6


def test_traces_are_searched_by_request_agency_category_time_and_failure(tmp_path: Path) -> None:
    store = LocalTraces(tmp_path / "traces.db", NONE_OF_IT)
    lamp, bin_ = str(uuid4()), str(uuid4())
    store.export(
        [
            a_span(1, hours_ago=80, request_id=lamp, agency="belrive", category="lighting"),
            a_span(1, hours_ago=79, seconds=3 * 86400, request_id=lamp, wait=True),
            a_span(2, hours_ago=2, seconds=12, request_id=bin_, agency="springfield", category="waste", failed=True),
            a_span(9, hours_ago=1),
        ]
    )

    def ids(**query: object) -> list[int]:
        return [int(trace.trace_id, 16) for trace in store.search(TraceQuery(**query))]  # type: ignore[arg-type]  # any of its fields

    assert ids() == [2, 1]
    assert ids(request_id=lamp) == ids(agency="belrive") == ids(category="lighting") == ids(trace_id=f"{1:032x}") == [1]
    assert ids(failed=True) == ids(slower_than=10) == ids(since=clock.now() - timedelta(hours=3)) == [2]
    assert ids(agency="belrive", failed=True) == []


def test_what_is_erased_is_found_no_more(tmp_path: Path) -> None:
    store = LocalTraces(tmp_path / "traces.db", NONE_OF_IT)
    store.export([of_request(5), of_request(5)])

    assert store.erase(format_trace_id(5)) == 2
    assert store.search(TraceQuery(request_id=str(UUID(int=5)))) == []


def of_the_former_release(path: Path) -> None:
    """A store with one trace."""
    with sqlite3.connect(path) as connection:
        connection.execute(
            "create table spans (span_id text primary key, trace_id text not null, parent_id text, name text not null,"
            " service text not null, started integer not null, ended integer not null, status text not null,"
            " attributes text not null, links text not null) without rowid"
        )
        now = int(clock.now().timestamp() * 1e9)
        connection.execute(
            "insert into spans values ('a', ?, null, 'deliver', 'parvis.dispatch', ?, ?, 'error', '{\"parvis.request_id\": \"r\"}', '[]')",
            (DROPPED, now, now + 5),
        )
    connection.close()


def test_a_store_of_the_former_release_is_searched_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "traces.db"
    of_the_former_release(path)

    store = LocalTraces(path, NONE_OF_IT)
    store.export([of_request(7)])

    [trace] = store.search(TraceQuery(request_id="r"))
    assert (trace.trace_id, trace.failed) == (DROPPED, True)
    assert [span.reason for span in store.spans_of(DROPPED)] == [""]
    assert trace_retention.AT_ONCE > 1


def test_an_upgrade_that_was_cut_off_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "traces.db"
    of_the_former_release(path)
    with monkeypatch.context() as cut_off:
        cut_off.setattr(trace_summaries, "FROM_SPANS", "select nothing of that name;")
        with pytest.raises(sqlite3.OperationalError):
            LocalTraces(path, NONE_OF_IT)

    assert [trace.trace_id for trace in LocalTraces(path, NONE_OF_IT).search(TraceQuery(request_id="r"))] == [DROPPED]
