"""Canned replies: whose they are, who may write them, and what their placeholders stand for in a case. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from schemas import invisible_characters
from services.domain import placeholders
from services.domain.calendar_words import first_as_ordinal
from services.domain.placeholders import CASE_NUMBER, CITIZEN_NAME, DEPARTMENT, DUE_DATE
from services.domain.taxonomy import Taxonomy
from services.domain.word_stems import unaccented
from services.review.cases.case_state import Case
from services.review.people.powers import Power
from services.review.people.rules import Person
from services.runtime.errors import InvalidInput, NotAllowed

MOST_TITLE = 120
MOST_TEXT = 10_000
LANGUAGES = ("en", "fr", "de", "es", "it", "nl", "pt")
PLACEHOLDERS = (CITIZEN_NAME, CASE_NUMBER, DEPARTMENT, DUE_DATE)

_LIKE_ONE = re.compile(r"\[[A-Z]{2,20}(?:_[A-Z0-9]{1,20}){1,5}\]|\[DEPARTMENT\]|\{\{[^{}\n]{0,60}\}\}")

Owner = Literal["own", "team", "agency"]


@dataclass(frozen=True)
class Shelf:
    """Whose a canned reply is: one person's, or everybody's who works for that agency and department. Empty is every one."""

    person: str = ""
    agency: str = ""
    department: str = ""

    @property
    def owner(self) -> Owner:
        """A person's own, a team's or an agency's."""
        if self.person:
            return "own"
        return "team" if self.department else "agency"


@dataclass(frozen=True)
class CannedReply:
    """A text to put into replies."""

    reply_id: UUID
    shelf: Shelf
    title: str
    language: str
    text: str
    changed_by: str
    changed_at: datetime
    version: int = 1


@dataclass(frozen=True)
class Wording:
    """What somebody wrote of a canned reply, as it can be kept."""

    title: str
    language: str
    text: str


def wording(title: str, language: str, text: str) -> Wording:
    """A canned reply's words as they are kept. Raises InvalidInput naming the field."""
    line, cleaned = invisible_characters.one_line(title).strip(), invisible_characters.letter(text).strip()
    if invisible_characters.is_blank(line):
        raise InvalidInput("title: give it one, it is found by it", field="title")
    if len(line) > MOST_TITLE:
        raise InvalidInput(f"title: at most {MOST_TITLE} characters, this has {len(line)}", field="title")
    if language not in LANGUAGES:
        raise InvalidInput(f"language: there is no {language!r}; use one of {', '.join(LANGUAGES)}", field="language")
    if invisible_characters.is_blank(cleaned):
        raise InvalidInput("text: write something first", field="text")
    if len(cleaned) > MOST_TEXT:
        raise InvalidInput(f"text: at most {MOST_TEXT} characters, this has {len(cleaned)}", field="text")
    if unknown := [name for name in dict.fromkeys(_LIKE_ONE.findall(cleaned)) if name not in PLACEHOLDERS]:
        raise InvalidInput(f"text: {unknown[0]} stands for nothing; the placeholders are {', '.join(PLACEHOLDERS)}", field="text")
    return Wording(line, language, cleaned)


def may_read(shelf: Shelf, person: Person) -> bool:
    """Whether it is one of theirs, or of a team or agency whose cases they may see."""
    if shelf.person:
        return shelf.person == person.email
    scope = person.scope
    return (not shelf.agency or scope.has_agency(shelf.agency)) and scope.has_department(shelf.department or None)


def may_write(shelf: Shelf, person: Person) -> bool:
    """Whether they may write it: one's own anybody who works on cases, others who leads all for whom it is."""
    if not person.may(Power.WORK_ON_CASES):
        return False
    if shelf.person:
        return shelf.person == person.email
    leads = not person.agencies or shelf.agency in person.agencies
    return leads and (not person.departments or shelf.department in person.departments) and person.may(Power.SHARE_REPLIES)


def must_write(shelf: Shelf, person: Person) -> None:
    """Raises NotAllowed, which says whose it is to write."""
    if may_write(shelf, person):
        return
    if not person.may(Power.SHARE_REPLIES):
        raise NotAllowed("a team's and an agency's canned replies are for supervisors to write; keep this one as your own")
    limits = ", ".join((*person.agencies, *person.departments))
    raise NotAllowed(f"you lead {limits}: choose an agency and a department of these, or keep it as your own")


def shelf_of(owner: str, agency: str, department: str, person: Person, taxonomy: Taxonomy) -> Shelf:
    """Where a new one belongs. Raises InvalidInput naming the field."""
    if owner == "own":
        return Shelf(person=person.email)
    if owner not in ("team", "agency"):
        raise InvalidInput(f"owner: there is no {owner!r}; use one of own, team, agency", field="owner")
    if owner == "agency":
        return Shelf(agency=agency)
    if department not in taxonomy.departments:
        raise InvalidInput(f"department: there is no {department!r}; use one of {', '.join(taxonomy.departments)}", field="department")
    return Shelf(agency=agency, department=department)


def is_offered(reply: CannedReply, case: Case, person: Person) -> bool:
    """Whether it is offered to that person in that case."""
    shelf = reply.shelf
    if shelf.person:
        return shelf.person == person.email
    return shelf.agency in ("", case.agency) and shelf.department in ("", case.department)


def is_in_language(reply: CannedReply, case: Case) -> bool:
    """Whether it is in the language that the citizen wrote in, as far as that is known; else in the draft's."""
    written_in = case.triage.language.code if case.triage else "und"
    return reply.language == (case.draft.language if written_in == "und" and case.draft else written_in)


_ORDER: Mapping[Owner, int] = {"own": 0, "team": 1, "agency": 2}


def in_order(replies: Iterable[CannedReply]) -> list[CannedReply]:
    """One's own first, then the team's and the agency's, each by title."""
    return sorted(replies, key=lambda reply: (_ORDER[reply.shelf.owner], reply.title.casefold(), str(reply.reply_id)))


def titled(replies: Sequence[CannedReply], words: str) -> list[CannedReply]:
    """Those whose title has all of these words, in any case and with or without accents."""
    wanted = _plain(words).split()
    return [reply for reply in replies if all(word in _plain(reply.title) for word in wanted)]


def _plain(text: str) -> str:
    return unaccented(invisible_characters.comparable(text))


@dataclass(frozen=True)
class Filled:
    """The text with what is known put in; `unknown` names the placeholders that nothing is known for, which stand in it still."""

    text: str
    unknown: tuple[str, ...]


def facts_of(case: Case, language: str, taxonomy: Taxonomy) -> dict[str, str]:
    """What each placeholder stands for in that case, in that language."""
    name = case.request.citizen.name if case.request and case.request.citizen else None
    facts = {
        CITIZEN_NAME: invisible_characters.one_line(name or "").strip(),
        CASE_NUMBER: str(case.request_id),
        DEPARTMENT: taxonomy.department_label(case.department, language) if case.department else "",
        DUE_DATE: day_in_words(case.due_at, language, taxonomy) if case.due_at else "",
    }
    return {placeholder: fact for placeholder, fact in facts.items() if fact}


def example_facts(now: datetime, language: str, department: str, taxonomy: Taxonomy) -> dict[str, str]:
    """What the placeholders might stand for: an invented case, to see how a text reads."""
    return {
        CITIZEN_NAME: "Ines Marlow",
        CASE_NUMBER: "3f0c2a7e-5f1d-4c58-9a3b-7d2e64b1c905",
        DEPARTMENT: taxonomy.department_label(department or next(iter(taxonomy.departments)), language),
        DUE_DATE: day_in_words(now, language, taxonomy),
    }


def day_in_words(moment: datetime, language: str, taxonomy: Taxonomy) -> str:
    """The day as a letter in that language has it: 2 mars 2026."""
    try:
        locale = Locale.parse("en_GB" if language == "en" else language)
    except (UnknownLocaleError, ValueError):
        locale = Locale.parse("en_GB")
    return first_as_ordinal(format_date(taxonomy.day(moment), "long", locale), locale.language)


def filled(text: str, facts: Mapping[str, str]) -> Filled:
    """The text with the facts put in, once: what a citizen is called is never read again."""
    written = re.sub(r"\[[A-Z_]+\]", lambda match: facts.get(match.group(), match.group()), text)
    unknown = tuple(name for name in placeholders.left_over(text) if name not in facts)
    return Filled(written, unknown)


def appended(body: str, text: str) -> str:
    """The reply with the text as a paragraph of its own at its end."""
    return f"{body.rstrip()}\n\n{text}" if body.strip() else text
