"""Decides which corrected case may become a training example, and who may accept it. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from schemas.values import Channel
from services.domain.message_parts import matter_of
from services.domain.placeholders import UNREAD
from services.review.cases.case_state import Case
from services.review.people.powers import Power
from services.review.people.rules import Person, must
from services.runtime.errors import Conflict, InvalidInput

Verdict = Literal["accepted", "declined"]

HELD_OUT_ONE_IN = 5
"""Of the accepted examples, those that are kept for measuring and no model learns from."""
MAX_NOTE = 500


@dataclass(frozen=True)
class Lesson:
    """A correction as a training example: the redacted text as the classifier had it, and the person's category."""

    request_id: UUID
    agency: str
    language: str
    channel: Channel
    text: str
    said: str
    category: str


@dataclass(frozen=True)
class Decided:
    """A lesson that a supervisor has decided on."""

    lesson: Lesson
    verdict: Verdict
    decided_by: str
    decided_at: datetime
    note: str = ""


def lesson_of(case: Case) -> Lesson:
    """What could be learnt from the case. Raises Conflict where no person has sorted it otherwise, or where triage could not."""
    if not case.triage or not case.category or not case.sorted_by_person:
        raise Conflict("nobody has sorted this case by hand: correct its category first")
    if case.category == case.triage.category and case.triage.outcome == "routed":
        raise Conflict("the category is the one that the classifier had given: there is nothing to learn from it")
    if case.triage.model_version == UNREAD:
        raise Conflict("the message was set aside unread: there is no text to learn from")
    return Lesson(
        request_id=case.request_id,
        agency=case.triage.agency,
        language=case.triage.language.code,
        channel=case.triage.channel,
        # Put together as triage does it: a model must learn from what it will be asked about.
        text=matter_of(case.triage).strip(),
        said=case.triage.category,
        category=case.category,
    )


def decide(case: Case, verdict: Verdict, person: Person, now: datetime, note: str = "") -> Decided:
    """A supervisor says whether the case is an example for others. Raises NotAllowed, Conflict or InvalidInput."""
    must_teach(person)
    cleaned = " ".join(note.split())
    if len(cleaned) > MAX_NOTE:
        raise InvalidInput(f"note: at most {MAX_NOTE} characters, this has {len(cleaned)}", field="note")
    return Decided(lesson_of(case), verdict, person.email, now, cleaned)


def must_teach(person: Person) -> None:
    """Raises NotAllowed for everybody but supervisors: who corrects a case is not alone in deciding what all cases learn from."""
    must(person, Power.TEACH)


def is_held_out(request_id: UUID) -> bool:
    """Whether the example is for measuring only: decided by its id, so that it is the same for every model there will be."""
    # A publisher's ids may count up or share their beginning, so they are mixed first.
    digest = hashlib.blake2b(request_id.bytes, digest_size=4, person=b"held-out").digest()
    return int.from_bytes(digest, "big") % HELD_OUT_ONE_IN == 0
