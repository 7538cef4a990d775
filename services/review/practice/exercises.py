"""Invented letters whose good handling is known, and what somebody's handling of one has missed. Pure."""

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID, uuid5

import yaml
from pydantic import BaseModel, ConfigDict, Field

from schemas.drafts_proposed import Check, Citation, DraftProposed
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import Alternative, DetectedLanguage, LetterKind, RequestTriaged, Term
from schemas.values import Person as Citizen
from schemas.values import Redacted, Urgency
from services.domain.emergency_contacts import ByLanguage
from services.domain.taxonomy import said_in
from services.review.cases.case_state import UNDECIDED, Case, State

FILE = Path(__file__).with_name("exercises.yaml")
PRACTICE = UUID("8d0a3d0e-6f0c-4f43-9a38-4f3b0f5f2a11")

Ending = Literal["reply", "close"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(_Part):
    """Words of a reply, any of these, and why they matter."""

    any_of: Annotated[list[str], Field(min_length=1)]
    why: ByLanguage


class Good(_Part):
    """What handling the letter well comes to."""

    endings: Annotated[list[Ending], Field(min_length=1)]
    category: str | None = None
    """Where the classifier's is wrong."""
    urgency: Urgency | None = None
    must: list[Words] = []
    must_not: list[Words] = []
    lesson: ByLanguage


class PracticeDraft(_Part):
    """A draft; the next one is shown where another was asked for."""

    subject: str
    body: str
    failed: list[Check] = []


class Exercise(_Part):
    """One letter."""

    name: str
    title: ByLanguage
    language: str
    channel: Literal["email", "web"] = "email"
    subject: str
    body: str
    citizen: Citizen
    category: str
    confidence: float
    second: str
    """The classifier's next guess."""
    urgency: Urgency = Urgency.NORMAL
    letter: LetterKind = "question"
    terms: list[str]
    sources: list[Citation] = []
    drafts: Annotated[list[PracticeDraft], Field(min_length=1)]
    good: Good


RemarkKind = Literal["reply", "close", "category", "kept_category", "urgency", "needed", "trap"]


class Remark(_Part):
    """Something that was done well, or missed, and why it matters; `words` are those that a reply needed, or fell for."""

    kind: RemarkKind
    good: bool
    words: str = ""
    why: str = ""


class Feedback(_Part):
    """What somebody's handling of an exercise came to; `done` once there is a decision."""

    done: bool
    remarks: list[Remark]
    lesson: str

    @property
    def missed(self) -> int:
        """How much was missed."""
        return sum(not remark.good for remark in self.remarks)


@cache
def exercises() -> tuple[Exercise, ...]:
    """All of them, in the order of the file."""
    return tuple(Exercise.model_validate(entry) for entry in yaml.safe_load(FILE.read_text(encoding="utf-8")))


def id_of(exercise: Exercise, agency: str) -> UUID:
    """The case of that letter in one person's round."""
    return uuid5(PRACTICE, f"{agency}/{exercise.name}")


def exercise_of(request_id: UUID, agency: str) -> Exercise | None:
    """The letter behind a case of that round."""
    return next((exercise for exercise in exercises() if id_of(exercise, agency) == request_id), None)


def request_of(exercise: Exercise, agency: str, case: Case) -> RequestReceived:
    """The letter as it comes in."""
    return RequestReceived(
        request_id=case.request_id,
        agency=agency,
        channel=exercise.channel,
        received_at=case.created_at,
        subject=exercise.subject,
        body=exercise.body,
        citizen=exercise.citizen,
    )


def triage_of(exercise: Exercise, agency: str, case: Case, department: str) -> RequestTriaged:
    """What the classifier would say of it."""
    return RequestTriaged(
        request_id=case.request_id,
        agency=agency,
        channel=exercise.channel,
        received_at=case.created_at,
        language=DetectedLanguage(code=exercise.language, confidence=0.99),
        redacted=Redacted(subject=exercise.subject, body=exercise.body),
        category=exercise.category,
        confidence=exercise.confidence,
        alternatives=[Alternative(category=exercise.second, probability=round((1 - exercise.confidence) * 0.7, 2))],
        department=department,
        urgency=exercise.urgency,
        outcome="routed",
        letter=exercise.letter,
        letter_sure=True,
        explanation=[Term(term=term, weight=round(2.2 / (place + 1), 1)) for place, term in enumerate(exercise.terms)],
        model_version="practice",
    )


def draft_of(exercise: Exercise, case: Case) -> DraftProposed:
    """The draft that the case waits for: the next one each time, and then the last again."""
    draft = exercise.drafts[min(case.revision, len(exercise.drafts)) - 1]
    return DraftProposed(
        draft_id=uuid5(case.request_id, str(case.revision)),
        request_id=case.request_id,
        revision=case.revision,
        language=exercise.language,
        subject=draft.subject,
        body=draft.body,
        citations=exercise.sources,
        drafted_by="template",
        checks=draft.failed,
    )


def ending_of(case: Case) -> Ending | None:
    """How the case ended, if it did."""
    if case.state is State.CLOSED:
        return "close"
    return None if case.state in UNDECIDED else "reply"


def judged(exercise: Exercise, case: Case, language: str = "en") -> Feedback:
    """What was done well and what was missed, as the case stands, with the reasons in that language."""
    good, ending = exercise.good, ending_of(case)
    if ending is None:
        return Feedback(done=False, remarks=[], lesson=said_in(good.lesson, language))
    remarks = [Remark(kind=ending, good=ending in good.endings)]
    if good.category:
        remarks.append(Remark(kind="category", good=case.category == good.category))
    elif case.category != exercise.category:
        remarks.append(Remark(kind="kept_category", good=False))
    if good.urgency:
        remarks.append(Remark(kind="urgency", good=case.urgency is good.urgency))
    if ending == "reply":
        remarks += _of_reply(good, plain(f"{case.decision.subject or ''}\n{case.decision.own_text}" if case.decision else ""), language)
    return Feedback(done=True, remarks=remarks, lesson=said_in(good.lesson, language))


def _of_reply(good: Good, reply: str, language: str) -> list[Remark]:
    needed = [Remark(kind="needed", good=_has(reply, fact), words=fact.any_of[0], why=said_in(fact.why, language)) for fact in good.must]
    return needed + [
        Remark(kind="trap", good=not _has(reply, trap), words=trap.any_of[0], why=said_in(trap.why, language)) for trap in good.must_not
    ]


def _has(reply: str, words: Words) -> bool:
    return any(plain(text) in reply for text in words.any_of)


def plain(text: str) -> str:
    """Text as it is compared: without the differences between kinds of apostrophes, spaces and capitals."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'").casefold()
    return re.sub(r"\s+", " ", text)
