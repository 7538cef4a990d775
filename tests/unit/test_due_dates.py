"""By when an answer is promised: the category says it, urgency shortens it, an emergency waits for no office."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.values import Urgency
from services.domain import taxonomy
from services.review.cases import case_state
from services.review.cases.case_state import Case, State
from services.review.cases.deciding import actions, rules
from services.review.cases.deciding.draft_requests import draft_request
from services.review.people.rules import Person, Role
from services.runtime.errors import Conflict
from tests.case_builders import ANNA, CITY, NOW, a_case_to_decide, a_new_case, drafted, received, triaged

FRIDAY_NIGHT = datetime(2026, 3, 6, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize("category", ["water_drains", "housing", "street_cleanliness", "street_lighting"])
def test_an_emergency_is_due_within_hours_whatever_it_is_about_and_whenever_it_comes(category: str) -> None:
    assert CITY.due(category, Urgency.EMERGENCY, FRIDAY_NIGHT) == FRIDAY_NIGHT + timedelta(hours=2)


@pytest.mark.parametrize("category", ["water_drains", "housing", "building_permits"])
def test_the_more_urgent_the_sooner(category: str) -> None:
    emergency, high, normal, low = (CITY.due(category, urgency, FRIDAY_NIGHT) for urgency in Urgency)
    assert emergency < high < normal <= low


def test_what_the_category_promises_is_counted_in_working_time() -> None:
    waste = CITY.due("waste_collection", Urgency.NORMAL, FRIDAY_NIGHT)
    assert waste == datetime(2026, 3, 16, 7, 30, tzinfo=UTC)  # five working days after Monday, 8.30 in Paris


def test_a_category_that_promises_less_than_the_urgency_keeps_its_word() -> None:
    quick = CITY.categories["housing"].model_copy(update={"reply_within": timedelta(hours=1)})
    city = CITY.model_copy(update={"categories": {**CITY.categories, "housing": quick}})
    assert city.promise("housing", Urgency.HIGH) == timedelta(hours=1)


def test_a_file_without_a_calendar_counts_in_calendar_time() -> None:
    text = taxonomy.read_text(taxonomy.DEFAULT)
    without = taxonomy.parse(text[: text.index("calendar:")] + text[text.index("# Whom to call at once") :])
    assert without.due("waste_collection", Urgency.NORMAL, FRIDAY_NIGHT) == FRIDAY_NIGHT + timedelta(days=5)


@pytest.mark.parametrize(("place", "fault"), [("country: XX", "XX not available"), ('country: FR\n  region: "ZZ"', "subdivision ZZ")])
def test_a_country_whose_holidays_nobody_knows_is_said_when_the_file_is_read(place: str, fault: str) -> None:
    text = taxonomy.read_text(taxonomy.DEFAULT)
    with pytest.raises(taxonomy.InvalidTaxonomy, match=f"Belrive: calendar: country, region:.*{fault}"):
        taxonomy.parse(text.replace("country: FR", place, 1), "Belrive")


def test_the_sample_citys_holidays_are_known() -> None:
    """It is read without asking for them."""
    assert taxonomy.parse(taxonomy.read_text(taxonomy.DEFAULT)) == CITY


def sorted_as(urgency: Urgency) -> Case:
    case = case_state.with_request(a_new_case(), received(received_at=NOW.isoformat()), NOW)
    return case_state.with_triage(case, triaged(urgency=urgency), CITY, NOW)


def corrected(case: Case, action: actions.Correct) -> Case:
    return rules.apply(case, action, ANNA, NOW + timedelta(hours=1), CITY, timedelta(seconds=5)).case


def test_raising_a_lamp_to_an_emergency_brings_its_date_forward_and_lowering_it_puts_it_back() -> None:
    case = sorted_as(Urgency.NORMAL)
    raised = corrected(case, actions.Correct(urgency=Urgency.EMERGENCY))
    assert raised.due_at == NOW + timedelta(hours=2)
    assert corrected(raised, actions.Correct(urgency=Urgency.NORMAL)).due_at == case.due_at


def test_another_category_has_another_promise() -> None:
    case = sorted_as(Urgency.NORMAL)
    moved = corrected(case, actions.Correct(category="building_permits"))
    assert case.due_at
    assert moved.due_at
    assert moved.due_at > case.due_at


def test_what_turns_out_to_be_an_emergency_gets_another_draft_and_so_does_what_turns_out_to_be_none() -> None:
    case = a_case_to_decide()
    raised = corrected(case, actions.Correct(urgency=Urgency.EMERGENCY))
    assert (raised.state, raised.revision) == (State.DRAFTING, case.revision + 1)
    assert draft_request(raised).triaged.urgency is Urgency.EMERGENCY
    assert corrected(raised, actions.Correct(urgency=Urgency.HIGH)).revision == case.revision + 2


def test_an_emergency_that_nobody_has_sorted_can_be_answered_at_once_and_stays_everybodys() -> None:
    case = case_state.with_request(a_new_case(), received(), NOW)
    case = case_state.with_triage(case, triaged(urgency=Urgency.EMERGENCY, outcome="needs_triage"), CITY, NOW)
    case = case_state.with_draft(case, drafted(), NOW)
    elsewhere = Person("ben@city.example", "Ben", Role.CASEWORKER, ("water",))
    assert case.state is State.NEEDS_TRIAGE

    approved = rules.apply(case, actions.Approve(drafted().draft_id), elsewhere, NOW, CITY, timedelta(seconds=5)).case
    assert approved.state is State.APPROVED

    recalled = rules.apply(approved, actions.Recall(), elsewhere, NOW, CITY, timedelta(seconds=5)).case
    assert recalled.state is State.NEEDS_TRIAGE


def test_what_nobody_has_sorted_and_is_no_emergency_waits_to_be_sorted() -> None:
    case = case_state.with_request(a_new_case(), received(), NOW)
    case = case_state.with_triage(case, triaged(outcome="needs_triage"), CITY, NOW)
    case = case_state.with_draft(case, drafted(), NOW)
    with pytest.raises(Conflict, match="needs_triage"):
        rules.apply(case, actions.Approve(drafted().draft_id), ANNA, NOW, CITY, timedelta(seconds=5))


def test_a_finer_shade_of_urgency_leaves_the_draft_alone() -> None:
    case = corrected(a_case_to_decide(), actions.Correct(urgency=Urgency.HIGH))
    assert case.state is State.AWAITING_APPROVAL
