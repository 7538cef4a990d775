"""Whose work a case is: it is claimed, released and taken over. Pure; time is an argument."""

from datetime import datetime

from services.review.cases.case_state import Case
from services.review.cases.deciding.applied_action import Applied, changed
from services.review.people.powers import Power
from services.review.people.rules import Person
from services.runtime.errors import Conflict


def claimed(case: Case, person: Person, now: datetime, *, take_over: bool) -> Applied:
    """Assigns the case to the person. Raises Conflict where somebody else has it and this is no take-over."""
    if case.assignee and case.assignee != person.email and not take_over:
        raise Conflict(f"{case.assignee} works on it: take it over if that is agreed")
    return Applied(changed(case, now, assignee=person.email), detail={"from": case.assignee} if case.assignee else {})


def must_be_agreed(case: Case, person: Person, *, although_claimed: bool) -> None:
    """Raises Conflict where a colleague works on the case and the person has not said that they decide all the same."""
    if case.assignee and case.assignee != person.email and not although_claimed:
        raise Conflict(
            f"although_claimed: {case.assignee} works on it; decide all the same with `although_claimed`, or take it over",
            field="although_claimed",
        )


def released(case: Case, person: Person, now: datetime) -> Applied:
    """Assigns the case to nobody."""
    if case.assignee not in (None, person.email) and not person.may(Power.LEAD):
        raise Conflict(f"{case.assignee} works on it: only they or a supervisor can release it")
    return Applied(changed(case, now, assignee=None))
