"""Decides by name whether an agency acknowledges messages, and shows in what words, for its page and for the command line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.domain import form_references, taxonomy
from services.review.agencies import rules
from services.review.audit import store as audit
from services.review.cases.acknowledgements import acknowledgement, acknowledgement_store, acknowledgement_text
from services.review.cases.acknowledgements.acknowledgement import Acknowledging, Writing
from services.review.cases.acknowledgements.acknowledgement_text import LONGEST_TEXT, Wording, Words
from services.review.cases.acknowledgements.acknowledging import writing_of
from services.review.people import store as people
from services.review.people.powers import Power
from services.review.people.rules import must
from services.runtime.database import Session
from services.runtime.errors import InvalidInput
from services.runtime.settings import Settings

SAMPLE = "0" * 32
IN_DAYS = timedelta(days=7)


@dataclass(frozen=True)
class Preview:
    """A receipt as it would be mailed, and what stands before it where the message is an emergency."""

    wording: Wording
    emergency: str


def never(code: str, name: str) -> Acknowledging:
    """What holds of an agency for which nobody has decided anything."""
    return Acknowledging(code, name, active=False, texts={}, decided_by="", decided_at=datetime.fromtimestamp(0, UTC))


def texts_of(given: Iterable[str]) -> dict[str, str]:
    """The texts that `fr=FILE` names, by language. Raises InvalidInput."""
    texts: dict[str, str] = {}
    for each in given:
        language, equals, file = each.partition("=")
        if not equals:
            raise InvalidInput(f"--text: write the language and the file, as fr=receipt.txt, not {each!r}", field="--text")
        try:
            with Path(file).open(encoding="utf-8") as lines:
                texts[language] = lines.read(LONGEST_TEXT * 2)
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(f"--text: {file} can't be read as UTF-8 ({type(error).__name__})", field="--text") from None
    return acknowledgement_text.checked(texts)


def writing(settings: Settings) -> Writing:
    """What receipts are written with in this installation."""
    return writing_of(settings, taxonomy.load(settings.taxonomy))


def previews(agency: Acknowledging, words: Words, writing: Writing, now: datetime) -> list[Preview]:
    """A receipt in each language, as to a message by the form that has a due date: all that receipts say here is in it."""
    places, number = writing.places, writing.taxonomy.emergencies.number

    def fields(language: str) -> Mapping[str, str]:
        return {
            "REFERENCE": form_references.of(SAMPLE, agency.agency),
            "DUE": acknowledgement.day(now + IN_DAYS, writing.taxonomy.zone, language),
            "AGENCY": agency.name,
            "ABOUT": places.about(agency.agency),
            "LOOK_UP": places.look_up(agency.agency),
        }

    def preview(language: str) -> Preview:
        wording = acknowledgement_text.written(words, language, fields(language))
        urgent = acknowledgement_text.written(words, language, fields(language), emergency=number)
        return Preview(wording, urgent.body.removesuffix(wording.body).strip())

    return [preview(language) for language in words]


async def decider(session: Session, code: str, by: str) -> str:
    """Who decides, as they sign in. Raises InvalidInput where nobody is named, NotFound for nobody here, and what they may not."""
    if not by.strip():
        raise InvalidInput("--by: receipts are sent by a named person's decision: say whose, as --by ada@city.example", field="--by")
    person = await people.person(session, by)
    must(person, Power.KEEP_PEOPLE)
    rules.must_keep_agency(person, code)
    return person.email


async def switch(session: Session, decided: Acknowledging) -> None:
    """Keeps what was decided, with its entry in the log, which tells the words apart and holds none of them."""
    await acknowledgement_store.keep(session, decided)
    done = "receipts switched on" if decided.active else "receipts switched off"
    detail = {"agency": decided.agency, "words": acknowledgement_text.proof(decided.words())}
    await audit.add(session, audit.Entry(decided.decided_at, decided.decided_by, done, None, detail))
