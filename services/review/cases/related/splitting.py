"""Splits a letter with two matters: a second case for the second matter, with the same message. Pure; time is an argument."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from schemas.requests_triaged import RequestTriaged
from schemas.values import RedactedSpan, Urgency
from services.domain import placeholders
from services.domain.taxonomy import Taxonomy
from services.review.cases.case_state import Case, State
from services.runtime.errors import Conflict, InvalidInput

SECOND_MATTERS = UUID("0c3b5d2e-5a1f-5c77-9c8f-2f0f6f0a7d11")
LONGEST_PART = 20_000


@dataclass(frozen=True)
class SecondMatter:
    """What somebody says of the second matter of a letter; its draft answers the `part` alone."""

    category: str
    part: str
    department: str = ""
    urgency: Urgency | None = None


def second_case_id(request_id: UUID, category: str) -> UUID:
    """The number of the case for that matter: the same each time, so that a click that is repeated makes one case."""
    return uuid5(SECOND_MATTERS, f"{request_id}/{category}")


def second_case(case: Case, matter: SecondMatter, now: datetime, taxonomy: Taxonomy) -> Case:
    """The case of the second matter: the same letter and the same trace, sorted by a person, with a draft of its own to come.

    Raises Conflict where the letter is not here and sorted yet, InvalidInput where the matter can't be used.
    """
    if not case.request or not case.triage:
        raise Conflict("the message has not been sorted yet: wait for triage, then split it")
    if matter.category not in taxonomy.categories:
        raise InvalidInput(f"category: there is no {matter.category!r}; use one of {', '.join(taxonomy.names)}", field="category")
    department = matter.department or taxonomy.department_of(matter.category)
    if department not in taxonomy.departments:
        raise InvalidInput(f"department: there is no {department!r}; use one of {', '.join(taxonomy.departments)}", field="department")
    urgency = matter.urgency or case.urgency
    number = second_case_id(case.request_id, matter.category)
    return Case(
        request_id=number,
        # What drafting makes by itself of a message that was sorted is revision 1: this one is asked for.
        revision=2,
        state=State.DRAFTING,
        created_at=now,
        updated_at=now,
        request=case.request.model_copy(update={"request_id": number}),
        triage=_triage_of(case.triage, case.request.body, number, matter),
        category=matter.category,
        department=department,
        urgency=urgency,
        sorted_by_person=True,
        corrected_email=case.corrected_email,
        due_at=taxonomy.due(matter.category, urgency, case.request.received_at),
        trace=case.trace,
    )


def _triage_of(triage: RequestTriaged, body: str, number: UUID, matter: SecondMatter) -> RequestTriaged:
    """The triage of the letter without what it says of the first matter. The draft sees the part alone, its details hidden as before."""
    facts: dict[str, object] = {
        "request_id": number,
        "alternatives": [],
        "explanation": [],
        "letter": None,
        "letter_sure": False,
        "letter_confidence": None,
    }
    start, end = place_of(matter.part, body)
    part = redacted_part(body, start, end, [span for span in triage.redacted.spans if span.field == "body"])
    # A wish for a person is about the whole letter.
    signals = [signal for signal in triage.signals if signal.kind == "wants_a_person" or signal.words in part]
    # All places stay: whoever writes to drafting may name somebody who stands elsewhere in the letter.
    facts |= {"redacted": triage.redacted.model_copy(update={"subject": None, "body": part}), "parts": [], "signals": signals}
    return triage.model_copy(update=facts)


def place_of(part: str, body: str) -> tuple[int, int]:
    """Where the words stand in the message, however its lines are broken. Raises InvalidInput."""
    sought = " ".join(part[:LONGEST_PART].split())
    if not sought:
        raise InvalidInput("part: copy from the message what it says of the second matter; where all of it does, all of it", field="part")
    words = [(word.group(), word.start()) for word in re.finditer(r"\S+", body)]
    at = " ".join(word for word, _ in words).find(sought)
    if at < 0:
        raise InvalidInput("part: these words do not stand in the message; copy them from it as they are", field="part")
    # Where each character stands in the message, one blank behind each word.
    places = [start + number for word, start in words for number in range(len(word) + 1)]
    return places[at], places[at + len(sought) - 1] + 1


def redacted_part(body: str, start: int, end: int, spans: list[RedactedSpan]) -> str:
    """A part of the message as a model may see it. What is hidden is hidden whole, also where the part begins in its middle."""
    pieces, at = list[str](), start
    for span in sorted(spans, key=lambda span: span.start):
        if span.end > start and span.start < end:
            pieces += [body[at : span.start], span.placeholder]
            at = span.end
    return "".join((*pieces, body[at:end]))


def matter_of(case: Case) -> str:
    """The part of the letter that a second case is about, as it was written; empty where that is all of it."""
    if not case.request or not case.triage:
        return ""
    part = placeholders.restore(case.triage.redacted.body, case.details, keep=case.typed_placeholders)
    return "" if part.strip() == case.request.body.strip() else part.strip()
