"""What a request is, whether it is the same one, and what its agency may see."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from schemas.replies_decided import ReplyDecided
from schemas.replies_dispatched import ReplyDispatched
from schemas.requests_triaged import RequestTriaged
from services.domain.request_content_hash import content_of
from services.intake import rules
from services.intake.rules import Status

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ID = UUID(int=1)
NEW = Status(ID, "springfield", "received", NOON)


def triaged(**change: Any) -> RequestTriaged:
    fields = {
        "request_id": ID,
        "agency": "springfield",
        "channel": "web",
        "received_at": NOON,
        "language": {"code": "en", "confidence": 1},
        "redacted": {"body": "the lamp"},
        "category": "street_lighting",
        "confidence": 0.9,
        "department": "roads",
        "urgency": "normal",
        "outcome": "routed",
        "model_version": "1",
    }
    return RequestTriaged.model_validate({**fields, **change})


def decided(number: int = 1, **change: Any) -> ReplyDecided:
    fields = {
        "request_id": ID,
        "decision_id": UUID(int=100 + number),
        "decision": "approved",
        "decided_by": "anna",
        "decided_at": NOON + number * MINUTE,
        "subject": f"Answer {number}",
        "body": f"Text {number}",
    }
    return ReplyDecided.model_validate({**fields, **change})


def dispatched(number: int = 1, outcome: str = "delivered", **change: Any) -> ReplyDispatched:
    fields = {
        "request_id": ID,
        "decision_id": UUID(int=100 + number),
        "outcome": outcome,
        "channel": "smtp",
        "attempts": 1,
        "dispatched_at": NOON + number * MINUTE + timedelta(seconds=5),
    }
    return ReplyDispatched.model_validate({**fields, **change})


def after(*events: RequestTriaged | ReplyDecided | ReplyDispatched, status: Status = NEW) -> Status:
    for event in events:
        match event:
            case RequestTriaged():
                status = rules.triaged(status, event)
            case ReplyDecided():
                status = rules.decided(status, event)
            case ReplyDispatched():
                status = rules.dispatched(status, event, NOON)
    return status


def test_in_whatever_order_it_is_told_the_end_is_the_same() -> None:
    events: list[RequestTriaged | ReplyDecided | ReplyDispatched] = [triaged(), decided(), dispatched()]
    end, *others = [after(*order) for order in itertools.permutations(events)]
    assert all(other == end for other in others)
    assert (end.state, end.category, end.department, end.reply_body) == ("sent", "street_lighting", "roads", "Text 1")


def test_told_twice_is_told_once() -> None:
    for events in ([triaged()], [triaged(), decided()], [triaged(), decided(), dispatched()]):
        once = after(*events)
        assert after(*events, status=once) == once


def test_it_never_goes_backwards_on_the_way() -> None:
    assert after(decided(), triaged()).state == "approved"
    assert after(dispatched(), decided(), triaged(outcome="needs_triage")).state == "sent"
    assert after(triaged(), triaged(outcome="needs_triage")).state == "drafting"


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("delivered", "sent"), ("failed", "delivery_failed"), ("uncertain", "delivery_uncertain"), ("manual", "by_hand")],
)
def test_what_became_of_the_reply_is_told(outcome: str, state: str) -> None:
    assert after(triaged(), decided(), dispatched(outcome=outcome)).state == state


def test_a_clock_that_is_slow_at_dispatch_does_not_hide_a_delivery() -> None:
    assert after(decided(), dispatched(dispatched_at=NOON - MINUTE)).state == "sent"


def test_a_rejected_draft_is_drafted_again_and_shows_no_reply() -> None:
    status = after(triaged(), decided(decision="rejected"))
    assert (status.state, status.reply_body) == ("drafting", None)
    assert after(decided(2), status=status).reply_body == "Text 2"


def test_the_last_decision_counts_and_an_earlier_one_that_comes_late_does_not() -> None:
    assert after(decided(1, decision="closed"), decided(2)).state == "approved"
    assert after(decided(2), decided(1, decision="closed")).state == "approved"
    assert after(dispatched(2), decided(1, decision="closed"), decided(2)).state == "sent"
    assert after(decided(2), dispatched(1, outcome="failed")).state == "approved"


def test_a_doubt_that_is_resolved_is_told_and_a_delivery_stays_one() -> None:
    assert after(decided(), dispatched(outcome="uncertain"), dispatched()).state == "sent"
    assert after(decided(), dispatched(), dispatched(outcome="uncertain")).state == "sent"


def test_a_mail_that_came_back_is_a_failed_delivery_in_whatever_order_it_is_told() -> None:
    bounce = dispatched(outcome="failed", returned=True, dispatched_at=NOON + 10 * MINUTE)
    events: list[ReplyDecided | ReplyDispatched] = [decided(), dispatched(), bounce]
    for order in itertools.permutations(events):
        assert after(*order).state == "delivery_failed"
    assert after(decided(), dispatched(), bounce, dispatched()).state == "delivery_failed"  # the delivery told once more
    assert after(decided(), dispatched(), dispatched(outcome="failed")).state == "sent"


def test_a_person_who_finds_that_it_arrived_after_all_is_believed() -> None:
    arrived = dispatched(channel="none", dispatched_at=NOON + 20 * MINUTE)
    assert after(decided(), dispatched(), dispatched(outcome="failed", returned=True), arrived).state == "sent"


def test_a_mail_that_came_back_says_nothing_of_the_reply_that_was_sent_after_it() -> None:
    bounce = dispatched(outcome="failed", returned=True, dispatched_at=NOON + 10 * MINUTE)
    again: list[ReplyDecided | ReplyDispatched] = [dispatched(2), decided(2)]
    assert after(decided(), dispatched(), *again, bounce).state == "sent"
    assert after(decided(), dispatched(), bounce, *again).state == "sent"


def test_a_reply_that_nobody_mailed_is_sent_once_a_person_has_given_it() -> None:
    assert after(decided(), dispatched(outcome="manual"), dispatched()).state == "sent"
    assert after(decided(), dispatched(outcome="manual"), dispatched(), dispatched(outcome="manual")).state == "sent"


def test_what_is_said_under_another_agencys_name_changes_nothing() -> None:
    assert after(triaged(agency="shelbyville")) == NEW


def test_pauses_grow_up_to_an_hour() -> None:
    pauses = [rules.pause_after(n, timedelta(minutes=2)) for n in (1, 2, 3, 5, 6, 1000)]
    assert [p / MINUTE for p in pauses] == [2, 4, 8, 32, 60, 60]


def test_the_order_of_fields_and_the_time_make_no_other_request() -> None:
    first = rules.accept({"channel": "web", "body": "Hi", "metadata": {"a": "1", "b": "2"}}, "springfield", NOON, ID)
    same = rules.accept({"metadata": {"b": "2", "a": "1"}, "body": "Hi", "channel": "web"}, "springfield", NOON + MINUTE, UUID(int=2))
    other = rules.accept({"channel": "email", "body": "Hi"}, "springfield", NOON, ID)
    assert content_of(first) == content_of(same) != content_of(other)


def test_where_a_file_is_kept_makes_no_other_request() -> None:
    """A request with files that was journaled before there was a store of files is the same after it."""
    file = {"name": "lamp.jpg", "size": 4, "sha256": "0" * 64}
    requests = [
        rules.accept({"channel": "web", "body": "Hi", "files": [file | kept]}, "springfield", NOON, ID) for kept in ({}, {"stored": True})
    ]
    assert content_of(requests[0]) == content_of(requests[1])


def test_another_agencys_name_is_refused_without_saying_whose_key_it_is() -> None:
    with pytest.raises(ValidationError) as refused:
        rules.accept({"channel": "web", "body": "Hi", "agency": "shelbyville"}, "springfield", NOON, ID)
    [error] = refused.value.errors()
    assert error["loc"] == ("agency",)
    assert "springfield" not in error["msg"]


@pytest.mark.parametrize("outcome", ["routed", "needs_triage"])
def test_of_a_machine_s_mail_an_agency_sees_that_it_is_closed_unless_somebody_should_look(outcome: str) -> None:
    assert rules.triaged(NEW, triaged(automatic="reply", urgency="low", outcome=outcome)).state == "closed"
    assert rules.triaged(NEW, triaged(automatic="reply", urgency="high", outcome=outcome)).state == "needs_triage"
    assert rules.decided(rules.triaged(NEW, triaged(automatic="list", urgency="low")), decided()).state == "approved"
