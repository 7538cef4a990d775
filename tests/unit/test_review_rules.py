"""What may happen to a case."""

from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest

from schemas.drafts_requested import DraftRequested, FormerDraft
from schemas.replies_decided import ReplyAttachment, ReplyDecided
from schemas.replies_dispatched import ReplyDispatched
from schemas.triage_corrected import TriageCorrected
from services.review.cases import case_state, reconciler
from services.review.cases.case_state import Case, State
from services.review.cases.deciding import actions, rules
from services.review.cases.deciding.actions import Action
from services.review.cases.deciding.applied_action import Applied
from services.review.people.rules import Person, Role
from services.runtime.errors import Conflict, InvalidInput, NotAllowed
from tests.case_builders import ANNA, CITY, NOW, SAM, a_case_to_decide, a_new_case, dispatched, drafted, received, triaged

UNDO = timedelta(seconds=5)


def act(case: Case, action: Action, person: Person = ANNA) -> Applied:
    return rules.apply(case, action, person, NOW, CITY, UNDO)


def approve(case: Case, **text: Any) -> Applied:
    assert case.draft
    return act(case, actions.Approve(case.draft.draft_id, **text))


def test_a_case_is_the_same_in_whatever_order_its_events_come() -> None:
    steps = {
        "request": lambda case: case_state.with_request(case, received(), NOW),
        "triage": lambda case: case_state.with_triage(case, triaged(), CITY, NOW),
        "draft": lambda case: case_state.with_draft(case, drafted(), NOW),
    }
    ends = set()
    for order in permutations(steps):
        case = a_new_case()
        for name in order:
            case = steps[name](case)
        ends.add(case.model_dump_json())
    assert len(ends) == 1
    assert State.AWAITING_APPROVAL in ends.pop()


def test_every_event_that_comes_twice_changes_nothing() -> None:
    case = a_case_to_decide()
    again = case_state.with_draft(
        case_state.with_triage(case_state.with_request(case, received(), NOW), triaged(), CITY, NOW), drafted(), NOW
    )
    assert again == case


def test_what_the_classifier_is_unsure_of_waits_for_a_person_and_then_is_drafted() -> None:
    case = case_state.with_triage(case_state.with_request(a_new_case(), received(), NOW), triaged(outcome="needs_triage"), CITY, NOW)
    assert case.state is State.NEEDS_TRIAGE
    done = act(case, actions.Correct(category="waste_collection"))
    assert (done.case.state, done.case.department) == (State.DRAFTING, "environment")
    corrected, requested = (leaving.event for leaving in done.events)
    assert isinstance(corrected, TriageCorrected)
    assert {c.field: (c.before, c.after) for c in corrected.changes}["category"] == ("street_lighting", "waste_collection")
    assert isinstance(requested, DraftRequested)
    assert (requested.triaged.category, requested.triaged.outcome) == ("waste_collection", "routed")
    assert case_state.with_draft(done.case, drafted(done.case.revision), NOW).state is State.AWAITING_APPROVAL


def test_an_approval_names_the_person_and_puts_the_citizens_details_back() -> None:
    done = approve(a_case_to_decide())
    (leaving,) = done.events
    decided = leaving.event
    assert isinstance(decided, ReplyDecided)
    assert (decided.decision, decided.decided_by) == ("approved", "anna@city.example")
    assert decided.body == "Hello Ines Marlow,\n\nthe lamp will be repaired within 10 days."
    assert decided.recipient is not None
    assert decided.recipient.email == "ines.marlow@example.org"
    assert leaving.send_after == NOW + UNDO


def test_a_changed_text_is_an_edit_and_says_how_much_was_changed() -> None:
    done = approve(a_case_to_decide(), body="Hello [CITIZEN_NAME],\n\nthe lamp will be repaired within 12 days.")
    decided = done.events[0].event
    assert isinstance(decided, ReplyDecided)
    assert (decided.decision, decided.edit_kinds, decided.edit_distance) == ("edited", ["body"], 1)
    assert "Ines Marlow" in (decided.body or "")


@pytest.mark.parametrize(
    ("text", "field", "says"),
    [
        ({"body": "   "}, "body", "empty"),
        ({"subject": "  "}, "subject", "write one"),
        ({"body": "Dear [NAME_7]"}, "body", "NAME_7"),
        ({"body": "x" * 20_001}, "body", "20000"),
        ({"subject": "x" * 301}, "subject", "300"),
    ],
)
def test_a_text_that_must_not_be_sent_is_refused_with_its_field(text: dict[str, str], field: str, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        approve(a_case_to_decide(), **text)
    assert refused.value.field == field
    assert says in refused.value.detail


def test_a_subject_can_not_smuggle_a_second_header_line() -> None:
    decided = approve(a_case_to_decide(), subject="Re: lamp\r\nBcc: everyone@example.org").events[0].event
    assert isinstance(decided, ReplyDecided)
    assert decided.subject == "Re: lamp Bcc: everyone@example.org"


def test_an_older_draft_can_not_be_approved() -> None:
    with pytest.raises(Conflict, match="newer draft"):
        act(a_case_to_decide(), actions.Approve(uuid4()))


def test_a_rejection_says_why_and_asks_for_another_draft() -> None:
    done = act(a_case_to_decide(), actions.Reject("It does not answer when."))
    decided, requested = (leaving.event for leaving in done.events)
    assert isinstance(decided, ReplyDecided)
    assert (decided.decision, decided.reason, decided.body) == ("rejected", "It does not answer when.", None)
    assert isinstance(requested, DraftRequested)
    assert (requested.revision, requested.instructions) == (2, "It does not answer when.")
    assert requested.former == FormerDraft(language="en", passages=[])
    assert done.case.state is State.DRAFTING
    late = case_state.with_draft(done.case, drafted(1), NOW)
    assert late == done.case


def test_what_a_person_tells_the_model_names_no_citizen() -> None:
    for action in (actions.Reject("Tell Ines Marlow, and INES at ines.marlow@example.org, when."), actions.Redraft("Ask Marlow's street.")):
        requested = act(a_case_to_decide(), action).events[-1].event
        assert isinstance(requested, DraftRequested)
        assert requested.instructions is not None
        assert "ines" not in requested.instructions.lower()
        assert "marlow" not in requested.instructions.lower()


def test_a_case_is_there_for_people_once_it_holds_the_message() -> None:
    case = case_state.with_draft(case_state.with_triage(a_new_case(), triaged(), CITY, NOW), drafted(), NOW)
    assert case.state is State.RECEIVED
    assert case_state.with_request(case, received(), NOW).state is State.AWAITING_APPROVAL


def test_a_reason_is_never_empty() -> None:
    for action in (actions.Reject(" "), actions.Close("")):
        with pytest.raises(InvalidInput) as refused:
            act(a_case_to_decide(), action)
        assert refused.value.field == "reason"


def test_a_delivered_reply_is_sent_and_a_failed_one_can_be_sent_again_under_a_new_decision() -> None:
    case = approve(a_case_to_decide()).case
    assert case_state.with_dispatch(case, dispatched(case), NOW).state is State.SENT
    failed = case_state.with_dispatch(case, dispatched(case, "failed"), NOW)
    assert failed.state is State.DELIVERY_FAILED
    again = act(failed, actions.SendAgain(), SAM)
    decided = again.events[0].event
    assert isinstance(decided, ReplyDecided)
    assert decided.decided_by == SAM.email
    assert case.decision is not None
    assert decided.decision_id != case.decision.decision_id
    assert decided.body == case.decision.body
    assert case_state.with_dispatch(again.case, dispatched(case), NOW) == again.case


def test_to_a_corrected_address_the_whole_reply_goes_with_its_files() -> None:
    case = approve(a_case_to_decide()).case
    assert case.decision is not None
    file = ReplyAttachment(name="form.pdf", media_type="application/pdf", sha256="0" * 64, size=3)
    decision = case.decision.model_copy(update={"attachments": [file]})
    failed = case_state.with_dispatch(case.model_copy(update={"decision": decision}), dispatched(case, "failed"), NOW)
    corrected = act(failed, actions.CorrectRecipient("ines@new.example")).case
    decided = act(corrected, actions.SendAgain(), SAM).events[0].event
    assert isinstance(decided, ReplyDecided)
    assert decided.recipient is not None
    assert (decided.attachments, decided.body, decided.recipient.email) == ([file], decision.body, "ines@new.example")


def test_a_delivery_in_doubt_waits_for_a_person_whose_answer_is_told() -> None:
    case = approve(a_case_to_decide()).case
    doubt = case_state.with_dispatch(case, dispatched(case, "uncertain"), NOW)
    assert doubt.state is State.DELIVERY_UNCERTAIN
    confirmed = act(doubt, actions.ConfirmDelivery())
    assert confirmed.case.state is State.SENT
    event = confirmed.events[0].event
    assert isinstance(event, ReplyDispatched)
    assert event.outcome == "delivered"
    assert case_state.with_dispatch(confirmed.case, event, NOW) == confirmed.case


def test_a_delivery_told_twice_or_a_doubt_told_late_changes_nothing() -> None:
    case = approve(a_case_to_decide()).case
    failed = case_state.with_dispatch(case, dispatched(case, "failed"), NOW)
    assert case_state.with_dispatch(failed, dispatched(case, "failed"), NOW) == failed
    assert case_state.with_dispatch(failed, dispatched(case, "uncertain"), NOW) == failed
    assert case_state.with_dispatch(failed, dispatched(case, "delivered"), NOW).state is State.SENT


def test_a_reason_that_grows_too_long_once_details_are_replaced_names_its_field() -> None:
    with pytest.raises(InvalidInput) as refused:
        act(a_case_to_decide(), actions.Reject("Ines " * 400))
    assert refused.value.field == "reason"


def test_what_a_person_tells_the_model_holds_nothing_shaped_like_an_address_or_a_number() -> None:
    done = act(a_case_to_decide(), actions.Redraft("Ring 0470 12 34 56 or other@mail.example within 10 days, IBAN BE68 5390 0754 7034."))
    event = done.events[-1].event
    assert isinstance(event, DraftRequested)
    assert event.instructions == "Ring […] or […] within 10 days, IBAN […]."


def test_nothing_can_be_decided_twice() -> None:
    case = approve(a_case_to_decide()).case
    for action in (actions.Close("done"), actions.Reject("no"), actions.Redraft(), actions.Approve(drafted().draft_id)):
        with pytest.raises(Conflict):
            act(case, action)


def test_a_recalled_approval_waits_for_a_decision_with_its_text() -> None:
    case = act(approve(a_case_to_decide(), body="My own words.").case, actions.Recall()).case
    assert case.state is State.AWAITING_APPROVAL
    assert case.decision is not None
    assert case.decision.body == "My own words."


def test_a_closed_case_whose_draft_was_rejected_before_goes_on_waiting_for_the_new_one() -> None:
    drafting = act(a_case_to_decide(), actions.Reject("Shorter")).case
    reopened = act(act(drafting, actions.Close("Spam")).case, actions.Recall()).case
    assert (reopened.state, reopened.revision, reopened.instructions) == (State.DRAFTING, drafting.revision, "Shorter")


def test_a_case_belongs_to_its_department() -> None:
    stranger = Person("wes@city.example", "Wes", Role.CASEWORKER, ("water",))
    with pytest.raises(NotAllowed, match="streets"):
        act(a_case_to_decide(), actions.Claim(), stranger)


def test_what_somebody_works_on_is_taken_over_only_on_purpose() -> None:
    case = act(a_case_to_decide(), actions.Claim()).case
    with pytest.raises(Conflict, match=r"anna@city\.example"):
        act(case, actions.Claim(), SAM)
    assert act(case, actions.TakeOver(), SAM).case.assignee == SAM.email


def test_what_stands_still_is_published_again_as_the_step_it_waits_for() -> None:
    waiting = case_state.with_request(a_new_case(), received(), NOW)
    assert reconciler.nudge(waiting) == received()
    rejected = act(a_case_to_decide(), actions.Reject("Say when.")).case
    requested = reconciler.nudge(rejected)
    assert isinstance(requested, DraftRequested)
    assert (requested.revision, requested.instructions) == (2, "Say when.")
    approved = approve(a_case_to_decide()).case
    assert reconciler.nudge(approved) == approved.decision
    assert reconciler.nudge(a_case_to_decide()) is None


def test_a_colleague_says_what_kind_of_letter_it_is_and_another_draft_follows_it() -> None:
    case = case_state.with_draft(
        case_state.with_triage(
            case_state.with_request(a_new_case(), received(), NOW), triaged(letter="question", letter_sure=False), CITY, NOW
        ),
        drafted(),
        NOW,
    )

    done = act(case, actions.Correct(letter="praise"))

    assert done.detail == {"letter": ["not sure", "praise"]}
    assert (done.case.state, done.case.revision) == (State.DRAFTING, case.revision + 1)
    corrected, requested = (leaving.event for leaving in done.events)
    assert isinstance(corrected, TriageCorrected)
    assert [(c.field, c.before, c.after) for c in corrected.changes] == [("letter", "not sure", "praise")]
    assert isinstance(requested, DraftRequested)
    assert (requested.triaged.letter, requested.triaged.letter_sure) == ("praise", True)


def test_a_kind_of_letter_that_is_said_again_changes_nothing() -> None:
    case = case_state.with_triage(
        case_state.with_request(a_new_case(), received(), NOW), triaged(letter="praise", letter_sure=True), CITY, NOW
    )

    done = act(case, actions.Correct(letter="praise"))

    assert done.detail == {}
    assert done.events == ()
