"""Passes a case on: to a colleague, or to another department. Pure; time is an argument."""

from datetime import datetime

from schemas import invisible_characters
from services.domain.phrases import Word
from services.domain.taxonomy import Taxonomy
from services.review.cases.case_state import UNDECIDED, WAITS_FOR_SOMEBODY, Case, State
from services.review.cases.deciding import triage_correction
from services.review.cases.deciding.actions import Assign, Correct, Forward
from services.review.cases.deciding.applied_action import Applied, changed, hidden, must_be, reason_of
from services.review.people.powers import Power
from services.review.people.rules import Person
from services.runtime.errors import Conflict, InvalidInput


def assigned(case: Case, action: Assign, person: Person, colleague: Person | None, now: datetime, *, may_see: bool) -> Applied:
    """Gives the case to a colleague who may see it. What a third person works on only a supervisor gives away."""
    must_be(case, WAITS_FOR_SOMEBODY, Word("assign"))
    if not colleague or not colleague.may(Power.WORK_ON_CASES):
        raise InvalidInput(f"to: {action.to!r} is nobody here who answers letters: choose one of your colleagues", field="to")
    if not may_see:
        raise InvalidInput(f"to: the case is not {colleague.name}'s to see: forward it to a department of theirs first", field="to")
    _must_be_free(case, person)
    detail: dict[str, object] = {"from": case.assignee} if case.assignee else {}
    return Applied(changed(case, now, assignee=colleague.email), detail={**detail, "to": colleague.email, **_note(case, action.note)})


def forwarded(case: Case, action: Forward, person: Person, now: datetime, taxonomy: Taxonomy) -> Applied:
    """Passes the case on to another department: it is nobody's there until somebody takes it up."""
    must_be(case, WAITS_FOR_SOMEBODY - {State.RECEIVED}, Word("forward"))
    if action.department not in taxonomy.departments:
        raise InvalidInput(
            f"department: there is no {action.department!r}; use one of {', '.join(taxonomy.departments)}", field="department"
        )
    if action.department == case.department:
        raise Conflict(f"department: the case is with {action.department} already", field="department")
    _must_be_free(case, person)
    note = _note(case, action.note)
    if case.state in UNDECIDED - {State.NEEDS_TRIAGE}:
        corrected = triage_correction.corrected(case, Correct(department=action.department), person, now, taxonomy)
        after = corrected.case.model_copy(update={"assignee": None})
        return Applied(after, corrected.events, {**corrected.detail, **note})
    after = changed(case, now, department=action.department, assignee=None)
    return Applied(after, detail={"department": [case.department or "", action.department], **note})


def _must_be_free(case: Case, person: Person) -> None:
    if case.assignee not in (None, person.email) and not person.may(Power.LEAD):
        raise Conflict(f"{case.assignee} works on it: only they or a supervisor can pass it on, or you take it over first")


def _note(case: Case, note: str) -> dict[str, object]:
    """A person's words for the log, which has none of the citizen's details."""
    if invisible_characters.is_blank(note):
        return {}
    return {"note": hidden(case, reason_of(note, "note"), "note")}
