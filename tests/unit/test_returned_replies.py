"""A reply that comes back brings its case back, in whatever order its deliveries are told."""

from datetime import timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from schemas.replies_dispatched import ReplyDispatched
from services.review.cases import case_state
from services.review.cases.case_state import Case, State
from services.review.cases.deciding import actions, rules
from tests.case_builders import ANNA, CITY, NOW, a_case_to_decide, dispatched


def approved() -> Case:
    case = a_case_to_decide()
    assert case.draft
    return rules.apply(case, actions.Approve(case.draft.draft_id), ANNA, NOW, CITY, timedelta(0)).case


def returned(case: Case) -> ReplyDispatched:
    return dispatched(case, "failed").model_copy(update={"returned": True, "detail": "550 no such user"})


def told(case: Case, *events: ReplyDispatched) -> Case:
    for event in events:
        case = case_state.with_dispatch(case, event, NOW)
    return case


def test_a_sent_reply_that_comes_back_is_not_delivered_any_more() -> None:
    sent = told(approved(), dispatched(approved()))
    assert sent.state is State.SENT
    assert told(sent, returned(sent)).state is State.DELIVERY_FAILED


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_what_is_told_in_any_order_and_twice_ends_the_same(order: tuple[int, ...]) -> None:
    case = approved()
    events = [dispatched(case), returned(case), returned(case), dispatched(case, "uncertain")]
    assert told(case, *(events[place] for place in order)).state is State.DELIVERY_FAILED


def test_what_comes_back_of_an_earlier_decision_changes_nothing() -> None:
    case = approved()
    bounced = told(case, dispatched(case), returned(case))
    corrected = rules.apply(bounced, actions.CorrectRecipient("ines@new.example"), ANNA, NOW, CITY, timedelta(0)).case
    again = rules.apply(corrected, actions.SendAgain(), ANNA, NOW, CITY, timedelta(0)).case
    assert told(again, returned(case)) == again
    delivered = told(again, dispatched(again))
    assert delivered.state is State.SENT
    assert told(delivered, returned(case)) == delivered
    assert told(delivered, returned(delivered)).state is State.DELIVERY_FAILED


def test_a_person_who_found_out_that_it_arrived_all_the_same_has_the_last_word() -> None:
    case = approved()
    bounced = told(case, returned(case))
    confirmed = rules.apply(bounced, actions.ConfirmDelivery(), ANNA, NOW, CITY, timedelta(0)).case
    assert told(confirmed, returned(case)).state is State.SENT


def test_a_failure_before_anything_was_taken_is_as_before() -> None:
    case = approved()
    failed = told(case, dispatched(case, "failed"))
    assert (failed.state, failed.returned_decision) == (State.DELIVERY_FAILED, None)
    assert told(failed, dispatched(case)).state is State.SENT
    other = returned(case).model_copy(update={"decision_id": uuid4()})
    assert told(failed, other) == failed
