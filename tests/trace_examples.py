"""A trace of three days as the services tell it: drafted after a repair, three days with a person, mailed at the second try."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import SpanContext, Status, StatusCode

from services.runtime import telemetry

DAY = 86_400.0
DECIDED = 3 * DAY + 4.1
LETTER = "5b1c7f04-1f54-5f5c-9c6f-0f1d5c5b6a11"


class Store(Protocol):
    """What takes spans."""

    def export(self, spans: Sequence[ReadableSpan]) -> object:
        """Takes them."""


def three_days(store: Store, request_id: UUID, began: datetime) -> str:
    """Keeps it; returns the trace id."""
    trace = telemetry.trace_id_of(request_id)
    spans: dict[str, SpanContext] = {}

    def step(
        key: str, name: str, service: str, start: float, seconds: float, under: str = "", failed: str = "", **attributes: object
    ) -> ReadableSpan:
        at = int((began + timedelta(seconds=start)).timestamp() * 1e9)
        spans[key] = SpanContext(trace, RandomIdGenerator().generate_span_id(), is_remote=False)
        facts = {f"parvis.{name}": value for name, value in attributes.items()}
        return ReadableSpan(
            name,
            context=spans[key],
            parent=spans.get(under),
            resource=Resource({"service.name": f"parvis.{service}"}),
            attributes={"parvis.request_id": str(request_id), **facts, **({"error.type": failed} if failed else {})},  # type: ignore[dict-item]  # as the SDK takes them
            status=Status(StatusCode.ERROR, failed) if failed else Status(),
            events=[Event("exception", {"exception.type": failed}, at)] if failed else (),
            start_time=at,
            end_time=at + round(seconds * 1e9),
        )

    store.export(
        [
            step("accept", "accept request", "intake", 0.0, 0.006, agency="belrive"),
            step("sent", "send parvis.requests.received.v1", "intake", 0.09, 0.004, "accept"),
            step("triage", "process parvis.requests.received.v1", "triage", 0.12, 0.021, "accept"),
            step("case", "process parvis.requests.received.v1", "review", 0.13, 0.018, "accept"),
            step("draft", "process parvis.requests.triaged.v1", "drafting", 0.15, 3.6, "triage"),
            step("look", "drafting.retrieve", "drafting", 0.152, 0.012, "draft", passages=4),
            step("write", "drafting.write", "drafting", 0.17, 3.5, "draft", drafted_by="model"),
            step("ask", "chat small", "drafting", 0.18, 1.9, "write", attempt=1),
            step("mend", "drafting.repair", "drafting", 2.1, 0.001, "write", reason="checks_failed"),
            step("again", "chat small", "drafting", 2.11, 1.4, "write", attempt=2),
            step("sorted", "process parvis.requests.triaged.v1", "review", 0.16, 0.02, "triage", category="street_lighting"),
            step("proposed", "process parvis.drafts.proposed.v1", "review", 3.9, 0.015, "draft"),
            step("wait", "awaiting approval", "review", 3.91, DECIDED - 3.91, "case", wait=True),
            step("decide", "decide approve", "review", DECIDED, 0.012, "case", decision="approve", decided_by="anna@belrive.example"),
            step("undo", "undo window", "review", DECIDED, 5.0, "decide", wait=True),
            step("out", "send parvis.replies.decided.v1", "review", DECIDED + 5.1, 0.005, "decide"),
            step("taken", "process parvis.replies.decided.v1", "dispatch", DECIDED + 5.12, 0.01, "decide"),
            step("first", "deliver", "dispatch", DECIDED + 5.2, 0.4, "taken", "busy", attempt=1, delivery="pending"),
            step("told", "tell the agency", "dispatch", DECIDED + 5.21, 10.1, "taken", "no_answer", attempt=1, delivery="pending"),
            step("letter", "send parvis.dead-letters.v1", "intake", DECIDED + 5.4, 0.01, "out", "ValidationError", dead_letter=LETTER),
            step("second", "deliver", "dispatch", DECIDED + 17.5, 0.3, "taken", attempt=2, delivery="delivered"),
            step("end", "process parvis.replies.dispatched.v1", "review", DECIDED + 17.9, 0.01, "second", settled=True),
        ]
    )
    return f"{trace:032x}"
