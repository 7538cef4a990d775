"""One request, one trace, whoever works on it and whenever."""

from collections import Counter
from typing import Any

import pytest

from tests.builders import a_request
from tests.harness.running_stack import Agency, Caseworker, Installation
from tests.harness.waiting import until

pytestmark = pytest.mark.journey

STEPS = {"parvis.intake", "parvis.triage", "parvis.drafting", "parvis.review", "parvis.dispatch"}


def spans_once(anna: Caseworker, trace_id: str, service: str, name: str) -> list[dict[str, Any]]:
    """The trace as it stands when that step is in it, and each step's parent: spans are written down a little after they end."""

    def there() -> list[dict[str, Any]] | None:
        spans: list[dict[str, Any]] = anna.gets(f"traces/{trace_id}")["spans"]
        reached = any(span["service"] == service and name in span["name"] for span in spans)
        span_ids = {span["span_id"] for span in spans}
        return spans if reached and all(span["parent_id"] in span_ids for span in spans if span["parent_id"]) else None

    return until(there, f"{service}'s {name!r} is in the trace, and every span's parent")


def test_one_trace_leads_from_the_202_to_the_delivery_through_a_restart(parvis: Installation, city: Agency, anna: Caseworker) -> None:
    request = a_request()
    receipt = city.sends(request).json()
    anna.brings_to_approval(request["request_id"])

    parvis.restart()

    assert anna.approves(anna.brings_to_approval(request["request_id"])).status_code == 200
    case = anna.sees(request["request_id"], "sent")
    assert case["trace_id"] == receipt["trace_id"] == city.asks(request["request_id"])["trace_id"]
    spans = spans_once(anna, receipt["trace_id"], "parvis.review", "replies.dispatched")
    assert {span["service"] for span in spans} >= STEPS
    assert len(spans) >= 6
    [decision] = [span for span in spans if span["name"] == "decide approve"]
    assert decision["attributes"]["parvis.decided_by"] == "anna@belrive.example"
    [delivery] = [span for span in spans if span["name"] == "deliver"]
    assert delivery["attributes"]["parvis.delivery"] == "delivered"
    assert decision["end"] <= delivery["start"]


def test_a_trace_has_one_beginning_and_no_step_twice(city: Agency, anna: Caseworker) -> None:
    request = a_request()
    trace_id = city.sends(request).json()["trace_id"]
    anna.approves(anna.brings_to_approval(request["request_id"]))
    anna.sees(request["request_id"], "sent")

    spans = spans_once(anna, trace_id, "parvis.review", "replies.dispatched")

    roots = [span for span in spans if span["parent_id"] is None]
    assert [span["service"] for span in roots] == ["parvis.intake"]
    # Nothing was done twice, so nothing is told twice; but its status is published whenever it changes.
    counts = Counter((span["service"], span["name"]) for span in spans if span["name"] != "send parvis.requests.status.v1")
    assert {key: n for key, n in counts.items() if n > 1} == {}
    assert {
        ("parvis.intake", "accept request"),
        ("parvis.intake", "send parvis.requests.received.v1"),
        ("parvis.triage", "process parvis.requests.received.v1"),
        ("parvis.drafting", "drafting.retrieve"),
        ("parvis.drafting", "drafting.write"),
        ("parvis.review", "awaiting approval"),
        ("parvis.review", "decide approve"),
        ("parvis.review", "send parvis.replies.decided.v1"),
        ("parvis.dispatch", "deliver"),
        ("parvis.dispatch", "send parvis.replies.dispatched.v1"),
    } <= set(counts)
    assert not [span["name"] for span in spans if span["status"] == "error"]


def test_what_was_decided_in_a_batch_links_to_the_batch(city: Agency, anna: Caseworker) -> None:
    request = a_request()
    trace_id = city.sends(request).json()["trace_id"]
    anna.brings_to_approval(request["request_id"])

    [triaged] = [s for s in spans_once(anna, trace_id, "parvis.triage", "requests.received") if s["service"] == "parvis.triage"][:1]

    [link] = triaged["links"]
    assert link["trace_id"] != trace_id
    [batch] = [s for s in spans_once(anna, link["trace_id"], "parvis.triage", "process") if s["span_id"] == link["span_id"]]
    assert batch["attributes"]["messaging.batch.message_count"] >= 1


def test_a_publisher_who_has_a_trace_keeps_it(city: Agency, anna: Caseworker) -> None:
    theirs = "4bf92f3577b34da6a3ce929d0e0e4736"
    request = a_request()

    city.sends(request, traceparent=f"00-{theirs}-00f067aa0ba902b7-01")
    case = anna.brings_to_approval(request["request_id"])

    spans = spans_once(anna, case["trace_id"], "parvis.intake", "")
    assert theirs in {case["trace_id"]} | {link["trace_id"] for span in spans for link in span["links"]}
