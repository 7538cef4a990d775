"""A step that nothing is told of is drawn where it was: it may be going on, or is lost. Of a publisher's own nothing is missing."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from schemas import requests_received
from services.runtime import clock, telemetry
from services.runtime.broker import consumer
from services.runtime.span_store import StoredSpan
from services.runtime.trace_gaps import LONGEST_STEP, LOST, UNTOLD, filled

REQUEST = uuid4()
OURS = f"{telemetry.trace_id_of(REQUEST):032x}"
THEIRS = "4bf92f3577b34da6a3ce929d0e0e4736"
READING = f"process {requests_received.TOPIC}"


def a_span(span_id: str, parent_id: str | None, name: str = "deliver", started: int = 5, trace_id: str = OURS) -> StoredSpan:
    return StoredSpan(
        trace_id, span_id, parent_id, name, "dispatch", started, started + 1, "unset", {"parvis.request_id": str(REQUEST)}, []
    )


def test_a_whole_trace_stays_as_it_is() -> None:
    spans = [a_span("a", None, started=1), a_span("b", "a", started=2)]
    assert filled(spans) == spans
    assert filled([]) == []


def test_what_is_missing_stands_under_the_beginning_just_before_what_followed() -> None:
    spans = filled([a_span("a", None, started=1), a_span("c", "b", started=4), a_span("d", "b", "tell", started=3)])

    [lost] = [span for span in spans if span.status == LOST]
    assert (lost.span_id, lost.parent_id, lost.started, lost.name) == ("b", "a", 3, "lost step before tell")
    assert lost.attributes == {"parvis.request_id": str(REQUEST)}
    assert [span.span_id for span in spans] == ["a", "b", "d", "c"]


def test_where_the_beginning_is_missing_it_is_marked_and_is_the_only_one() -> None:
    spans = filled([a_span("b", "a", READING, started=2), a_span("d", "c", started=3)])

    assert [(span.span_id, span.parent_id, span.status) for span in spans] == [
        ("a", None, LOST),
        ("b", "a", "unset"),
        ("c", "a", LOST),
        ("d", "c", "unset"),
    ]


def test_a_publishers_own_span_is_not_missing_and_what_is_continues_it() -> None:
    spans = filled([a_span("b", "theirs", READING, 2, THEIRS), a_span("d", "c", started=3, trace_id=THEIRS)])

    assert [(span.span_id, span.parent_id, span.status) for span in spans] == [
        ("b", "theirs", "unset"),
        ("c", "theirs", LOST),
        ("d", "c", "unset"),
    ]


def test_a_number_that_is_none_is_nobodys_and_breaks_nothing() -> None:
    spans = [StoredSpan(OURS, "b", "a", "deliver", "dispatch", 1, 2, "unset", {"parvis.request_id": "no number"}, [])]
    assert sorted(span.status for span in filled(spans)) == [LOST, "unset"]


@pytest.mark.parametrize(
    ("ended_ago", "status"),
    [(timedelta(seconds=1), UNTOLD), (LONGEST_STEP - timedelta(seconds=30), UNTOLD), (LONGEST_STEP + timedelta(seconds=1), LOST)],
)
def test_a_step_may_be_going_on_as_long_as_one_may_last_after_the_newest_of_what_it_did(ended_ago: timedelta, status: str) -> None:
    ended = int((clock.now() - ended_ago).timestamp() * 1e9)
    newest = replace(a_span("d", "b", "chat", started=ended - 1), ended=ended)

    spans = filled([a_span("a", None, started=1), a_span("c", "b", "drafting.retrieve", started=3), newest])

    [mark] = [span for span in spans if span.span_id == "b"]
    assert (mark.status, mark.name) == (status, f"{status} step before drafting.retrieve")


def test_no_consumer_may_work_longer_on_what_it_fetched() -> None:
    assert timedelta(milliseconds=consumer("drafting")["max_poll_interval_ms"]) <= LONGEST_STEP
