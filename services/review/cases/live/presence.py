"""What a person is told of colleagues who have the same case open. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from services.review.cases.case_state import WAITS_FOR_SOMEBODY, Case
from services.review.cases.writing.written_text import WrittenText
from services.review.people.rules import Person


@dataclass(frozen=True)
class Present:
    """Somebody who has a case open, and whether they write on it."""

    email: str
    writes: bool


class Colleague(BaseModel):
    """Somebody else who has the case open."""

    name: str
    writes: bool


class Presence(BaseModel):
    """Whose the case is now, who else has it open, and whether it was taken from the person who looks."""

    mine: bool
    holder: str | None
    waits: bool
    """Whether somebody still has to do something here."""
    taken: bool
    colleagues: list[Colleague]


def presence_of(
    case: Case,
    person: Person,
    present: Sequence[Present],
    texts: Sequence[WrittenText],
    names: Mapping[str, str],
    *,
    was_mine: bool = False,
) -> Presence:
    """What a person is told of colleagues on the case. It was taken from whoever had it, or still has words on it."""
    elsewhere = case.assignee is not None and case.assignee != person.email
    words = any(text.email == person.email and text.text is not None for text in texts)
    return Presence(
        mine=case.assignee == person.email,
        holder=names.get(case.assignee, case.assignee) if case.assignee and elsewhere else None,
        waits=case.state in WAITS_FOR_SOMEBODY,
        taken=elsewhere and (was_mine or words),
        colleagues=colleagues(person, present, names),
    )


def colleagues(person: Person, present: Sequence[Present], names: Mapping[str, str]) -> list[Colleague]:
    """Those who have it open, without the person who looks."""
    return [Colleague(name=names.get(p.email, p.email), writes=p.writes) for p in present if p.email != person.email]
