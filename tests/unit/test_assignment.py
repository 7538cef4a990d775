"""A case is passed on: to a colleague who may see it, or to another department."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.review.cases import case_state
from services.review.cases.case_state import Case, State
from services.review.cases.deciding import rules
from services.review.cases.deciding.actions import Action, Assign, Forward
from services.review.cases.deciding.applied_action import Applied
from services.review.people.rules import Person, Role
from services.runtime.errors import Conflict, InvalidInput, ParvisError
from tests.case_builders import ANNA, CITY, NOW, SAM, a_case_to_decide, a_new_case, received, triaged

BEN = Person("ben@city.example", "Ben", Role.CASEWORKER, ("streets",))
PARK = Person("pia@city.example", "Pia", Role.CASEWORKER, ("environment",))
OLE = Person("ole@city.example", "Ole", Role.OPS)


def apply(case: Case, action: Action, person: Person = ANNA, colleague: Person | None = None) -> Applied:
    return rules.apply(case, action, person, NOW, CITY, timedelta(seconds=10), colleague=colleague)


def test_a_case_is_given_to_a_colleague_and_the_log_says_from_whom_to_whom_and_why() -> None:
    case = a_case_to_decide().model_copy(update={"assignee": ANNA.email})
    applied = apply(case, Assign(BEN.email, "Ines Marlow knows you"), ANNA, BEN)
    assert applied.case.assignee == BEN.email
    assert applied.detail == {"from": ANNA.email, "to": BEN.email, "note": "[CITIZEN_NAME] knows you"}
    assert applied.events == ()


@pytest.mark.parametrize(("to", "colleague"), [("nobody@city.example", None), (OLE.email, OLE), (PARK.email, PARK)])
def test_a_case_goes_to_nobody_who_may_not_see_it(to: str, colleague: Person | None) -> None:
    with pytest.raises(InvalidInput) as refused:
        apply(a_case_to_decide(), Assign(to), ANNA, colleague)
    assert refused.value.field == "to"


def test_what_somebody_else_works_on_is_given_away_by_them_or_a_supervisor_alone() -> None:
    case = a_case_to_decide().model_copy(update={"assignee": BEN.email})
    for action in (Assign(ANNA.email), Forward("environment")):
        with pytest.raises(Conflict):
            apply(case, action, ANNA, ANNA)
    assert apply(case, Assign(ANNA.email), SAM, ANNA).case.assignee == ANNA.email


def test_a_case_that_is_forwarded_is_nobodys_in_the_other_department_and_triage_may_learn_from_it() -> None:
    case = a_case_to_decide().model_copy(update={"assignee": ANNA.email})
    applied = apply(case, Forward("environment", "It is about a tree"))
    assert (applied.case.department, applied.case.assignee, applied.case.state) == ("environment", None, State.AWAITING_APPROVAL)
    assert [type(leaving.event).__name__ for leaving in applied.events] == ["TriageCorrected"]
    assert applied.detail["note"] == "It is about a tree"


def test_an_unsorted_case_is_forwarded_unsorted() -> None:
    case = case_state.with_triage(case_state.with_request(a_new_case(), received(), NOW), triaged(outcome="needs_triage"), CITY, NOW)
    applied = apply(case, Forward("environment"))
    assert (applied.case.department, applied.case.state) == ("environment", State.NEEDS_TRIAGE)
    assert applied.events == ()


@pytest.mark.parametrize("action", [Forward("streets"), Forward("nowhere"), Assign(BEN.email, "x" * 2001)])
def test_what_makes_no_sense_is_refused(action: Action) -> None:
    with pytest.raises(ParvisError):
        apply(a_case_to_decide(), action, ANNA, BEN)


@pytest.mark.parametrize("state", [State.APPROVED, State.SENT, State.CLOSED])
def test_what_is_done_is_passed_on_no_more(state: State) -> None:
    case = a_case_to_decide().model_copy(update={"state": state})
    for action in (Assign(BEN.email), Forward("environment")):
        with pytest.raises(Conflict):
            apply(case, action, ANNA, replace(BEN))
