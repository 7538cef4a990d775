"""Where the bars of a trace are drawn."""

from datetime import UTC, datetime, timedelta

from services.review.ops.trace import SpanOut
from services.review.ops.waterfall import BREAK, WIDTH, waterfall

BEGAN = datetime(2026, 3, 2, 8, tzinfo=UTC)


def a_span(name: str, start: float, end: float, parent: str | None = None) -> SpanOut:
    return SpanOut(
        span_id=name,
        parent_id=parent,
        name=name,
        service="triage",
        start=BEGAN + timedelta(seconds=start),
        end=BEGAN + timedelta(seconds=end),
        status="unset",
        attributes={},
        links=[],
    )


def test_no_steps_are_no_bars() -> None:
    assert waterfall([]) == ([], [])


def test_bars_stay_inside_and_can_be_seen() -> None:
    bars, breaks = waterfall([a_span("a", 0, 0), a_span("b", 0.001, 1.5), a_span("c", 1.5, 1.5)])

    assert breaks == []
    assert all(bar.left >= 0 and bar.width > 0 and bar.left + bar.width <= WIDTH for bar in bars)


def test_days_of_waiting_take_a_sliver() -> None:
    bars, breaks = waterfall([a_span("intake", 0, 1), a_span("decide", 86_400, 86_401)])

    assert [bar.waited for bar in bars] == [0.0, 86_399.0]
    assert len(breaks) == 1
    assert bars[1].left - (bars[0].left + bars[0].width) == BREAK


def test_a_thousand_waits_still_leave_room() -> None:
    bars, _ = waterfall([a_span(str(n), n * 100, n * 100 + 1) for n in range(1000)])

    assert len(bars) == 1000


def test_steps_are_indented_under_what_called_them() -> None:
    bars, _ = waterfall(
        [a_span("a", 0, 3), a_span("b", 1, 2, parent="a"), a_span("c", 1.5, 2, parent="b"), a_span("d", 2, 3, parent="gone")]
    )

    assert [bar.depth for bar in bars] == [0, 1, 2, 0]
