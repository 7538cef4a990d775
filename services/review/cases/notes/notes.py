"""Internal notes on a case, and whom they mention. A note reaches no model and no citizen. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schemas import invisible_characters
from services.review.cases.case_state import Case
from services.review.cases.deciding.rules import in_scope
from services.review.people.rules import Person
from services.runtime.errors import InvalidInput

MOST_NOTE = 4_000
MOST_NOTES = 200
MENTION = re.compile(r"(?<![\w@.])@([\w.+-]{1,64}(?:@[\w.-]{1,190}\w)?)")


@dataclass(frozen=True)
class Note:
    """What somebody wrote for colleagues, and whom they mentioned."""

    note_id: UUID
    author: str
    text: str
    mentioned: tuple[str, ...]
    written_at: datetime


def text_of(text: str) -> str:
    """A note as it is kept. Raises InvalidInput."""
    cleaned = invisible_characters.letter(text).strip()
    if invisible_characters.is_blank(cleaned):
        raise InvalidInput("internal_note: write something first", field="internal_note")
    if len(cleaned) > MOST_NOTE:
        raise InvalidInput(f"internal_note: at most {MOST_NOTE} characters, this has {len(cleaned)}", field="internal_note")
    return cleaned


def mentioned_in(text: str, chosen: str, case: Case, people: Iterable[Person]) -> list[Person]:
    """Whom a note is for: the colleague who was chosen, and each whom it names as `@anna` or by the whole address.

    Raises InvalidInput where one of them may not see the case: nobody is told of what is not theirs to see.
    """
    readers = [person for person in people if person.reads_cases]
    wanted = {name.rstrip(".").casefold() for name in MENTION.findall(text)}
    mentioned = [person for person in readers if {person.email, person.email.partition("@")[0]} & wanted]
    if chosen:
        colleague = next((person for person in readers if person.email == chosen), None)
        if not colleague:
            raise InvalidInput(f"to: {chosen!r} is nobody here who answers letters: choose one of your colleagues", field="to")
        mentioned.append(colleague)
    for person in mentioned:
        if not in_scope(case, person):
            field = "to" if person.email == chosen else "internal_note"
            raise InvalidInput(
                f"{field}: the case is not {person.name}'s to see, so a note can't be for them: forward it first", field=field
            )
    return list({person.email: person for person in mentioned}.values())
