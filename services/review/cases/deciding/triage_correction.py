"""Corrects how a case was sorted: category, department, urgency, kind of letter. Pure; time is an argument."""

from datetime import datetime
from uuid import UUID, uuid5

from schemas.requests_triaged import LetterKind, RequestTriaged
from schemas.triage_corrected import Change, TriageCorrected
from schemas.values import Urgency
from services.domain.phrases import Word
from services.domain.taxonomy import Taxonomy
from services.review.cases.case_state import UNDECIDED, Case, State
from services.review.cases.deciding.actions import Correct
from services.review.cases.deciding.applied_action import Applied, Leaving, changed, must_be
from services.review.cases.deciding.draft_requests import draft_request, next_revision
from services.review.people.rules import Person
from services.runtime.errors import InvalidInput

CORRECTIONS = UUID("5e0f1a62-6a0e-5d3c-9a8f-3c1f8f2b6a02")


def corrected(case: Case, action: Correct, person: Person, now: datetime, taxonomy: Taxonomy) -> Applied:
    """Corrects the triage; asks for another draft where the reply would be another one."""
    must_be(case, UNDECIDED - {State.RECEIVED}, Word("correct the triage of"))
    category = action.category or case.category or ""
    if category not in taxonomy.categories:
        raise InvalidInput(f"category: there is no {category!r}; use one of {', '.join(taxonomy.names)}", field="category")
    moved = category != case.category
    department = action.department or (taxonomy.department_of(category) if moved else case.department or "")
    if department not in taxonomy.departments:
        raise InvalidInput(f"department: there is no {department!r}; use one of {', '.join(taxonomy.departments)}", field="department")
    urgency = action.urgency or case.urgency
    letter = case.triage.letter if case.triage else None
    sure = case.triage is not None and case.triage.letter_sure
    called_so = action.letter is not None and (action.letter != letter or not sure)
    before = letter if sure else None
    pairs = (
        ("category", case.category or "", category),
        ("department", case.department or "", department),
        ("urgency", case.urgency.value, urgency.value),
        ("letter", before or "not sure", (action.letter if called_so else before) or "not sure"),
    )
    changes = [Change(field=name, before=old, after=new) for name, old, new in pairs if old != new]
    # What was promised to the citizen is counted from their message, also where it turns out to have been more urgent than that.
    # Once somebody has looked whether there is danger, an answer is due when it would have been without that doubt.
    counted_anew = bool(changes) or case.perhaps_in_danger
    due = taxonomy.due(category, urgency, case.request.received_at) if case.request and counted_anew else case.due_at
    # A reply to an emergency is another reply: it leads with what to do now, and nothing else may stand in one.
    raised_or_lowered = (urgency is Urgency.EMERGENCY) != (case.urgency is Urgency.EMERGENCY)
    redraft = moved or called_so or raised_or_lowered or case.state is State.NEEDS_TRIAGE
    after = changed(
        case,
        now,
        category=category,
        department=department,
        urgency=urgency,
        sorted_by_person=True,
        due_at=due,
        triage=_with_letter_kind(case.triage, action.letter) if case.triage and action.letter and called_so else case.triage,
    )
    events: list[Leaving] = []
    if changes:
        event = TriageCorrected(
            request_id=case.request_id,
            correction_id=uuid5(CORRECTIONS, f"{case.request_id}/{case.version}"),
            corrected_by=person.email,
            corrected_at=now,
            changes=changes,
        )
        events.append(Leaving(event))
    if redraft:
        after = after.model_copy(update={"revision": next_revision(case), "instructions": None, "state": State.DRAFTING})
        events.append(Leaving(draft_request(after)))
    return Applied(after, tuple(events), {c.field: [c.before, c.after] for c in changes})


def _with_letter_kind(triage: RequestTriaged, letter: LetterKind) -> RequestTriaged:
    """The triage with the kind of letter that a person says it is."""
    return triage.model_copy(update={"letter": letter, "letter_confidence": 1.0, "letter_sure": True})
