"""Decides by name whether an agency acknowledges messages, and shows in what words, for its page and for the command line."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.domain import form_references, taxonomy
from services.review.agencies import rules
from services.review.audit import store as audit
from services.review.cases.acknowledgements import acknowledgement, acknowledgement_store, acknowledgement_text
from services.review.cases.acknowledgements.acknowledgement import Acknowledging, Places, Writing
from services.review.cases.acknowledgements.acknowledgement_text import LONGEST_TEXT, Wording
from services.review.cases.acknowledgements.acknowledging import writing_of
from services.review.people import store as people
from services.review.people.powers import Power
from services.review.people.rules import must
from services.runtime.database import Session
from services.runtime.errors import InvalidInput
from services.runtime.settings import Settings

SAMPLE = "0" * 32
IN_DAYS = timedelta(days=7)


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


def previews(agency: Acknowledging, writing: Writing, now: datetime) -> list[Wording]:
    """A receipt in each language, as to a message by the form that has a due date: all that a text may say is in it."""
    places = Places(writing.places.pages or "https://parvis.city.example", writing.places.intake or "https://city.example")

    def fields(language: str) -> Mapping[str, str]:
        return {
            "REFERENCE": form_references.of(SAMPLE, agency.agency),
            "DUE": acknowledgement.day(now + IN_DAYS, writing.taxonomy.zone, language),
            "AGENCY": agency.name,
            "ABOUT": places.about(agency.agency),
            "LOOK_UP": places.look_up(agency.agency),
        }

    languages = acknowledgement_text.languages(agency.texts)
    return [acknowledgement_text.written(agency.texts, language, fields(language)) for language in languages]


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
    detail = {"agency": decided.agency, "words": acknowledgement_text.proof(decided.texts)[:12] if decided.texts else "parvis"}
    await audit.add(session, audit.Entry(decided.decided_at, decided.decided_by, done, None, detail))
