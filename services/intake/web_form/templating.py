"""Renders the form's pages with Jinja, in the reader's language: always escaped; an unknown name in a template is an error."""

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, ConfigDict

from services.domain.calendar_words import first_as_ordinal
from services.intake.web_form import branding
from services.intake.web_form.branding import Branding
from services.intake.web_form.message import MIB, MOST_FILES, MOST_TOGETHER, OBJECTION, TRAP, Fault, Message
from services.intake.web_form.progress import Progress
from services.runtime import message_catalogues
from services.runtime.message_catalogues import PageLanguage

HERE = Path(__file__).parent
LOCALES = HERE.parent / "locales"
DOMAIN = "intake"
LOCALE_OF: dict[PageLanguage, str] = {"en": "en_GB", "fr": "fr"}
SHEET = (HERE / "static" / "form.css").read_text(encoding="utf-8")

Notice = Literal["", "busy", "away", "sent_before", "trapped"]
"""Why a form is shown again although no field of it is wrong."""


class Frame(BaseModel):
    """What is round every page of an agency's. `sites` are origins that may show it in a frame of theirs."""

    model_config = ConfigDict(frozen=True)

    language: PageLanguage
    agency: str
    name: str
    path: str
    colour: str = Branding().colour
    has_logo: bool = False
    privacy: str = ""
    contact: str = ""
    sites: Sequence[str] = ()
    base: str = "/forms"

    @classmethod
    def of_agency(
        cls, agency: str, name: str, look: Branding, language: PageLanguage, path: str, *, base: str = "/forms", sites: Sequence[str] = ()
    ) -> Self:
        """What is round the page at `path`, as the agency's branding has it. No site may show it in a frame unless it is named."""
        return cls(
            language=language,
            agency=agency,
            name=name,
            path=path,
            colour=look.colour,
            has_logo=look.logo is not None,
            privacy=branding.words_for(look.privacy, language),
            contact=branding.words_for(look.contact, language),
            sites=sites,
            base=base,
        )

    def address(self, below: str = "", **query: str) -> str:
        """A page of this agency's form, in the language that is read."""
        return f"{self.base}/{self.agency}{below}?{urlencode({**query, 'lang': self.language})}"

    def at(self, below: str) -> Self:
        """The same round a page below."""
        return self.model_copy(update={"path": f"{self.base}/{self.agency}{below}"})

    def languages(self) -> list[tuple[str, str, str]]:
        """Each other language: its code, its name, and this page in it."""
        others = [(code, name) for code, name in message_catalogues.NAMES if code != self.language]
        return [(code, name, f"{self.path}{'&' if '?' in self.path else '?'}lang={code}") for code, name in others]

    @property
    def sheet(self) -> str:
        """The address of the style sheet, with a mark of its content so that a browser may keep it."""
        return f"/forms/{self.agency}/form.css?v={hashlib.sha256(sheet(self.colour).encode()).hexdigest()[:10]}"


class Page(BaseModel):
    """What a page shows."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)


class FormPage(Page):
    """The form, empty or with what was typed and what is wrong with it."""

    message: Message
    faults: Sequence[Fault] = ()
    notice: Notice = ""
    minutes: int = 0
    reference: str = ""
    most_files: int = MOST_FILES
    most_mib: int = MOST_TOGETHER // MIB
    trap: str = TRAP
    objection: str = OBJECTION

    def fault(self, field: str) -> Fault | None:
        """What is wrong with the field."""
        return next((fault for fault in self.faults if fault.field == field), None)


class ReceiptPage(Page):
    """What to keep of a message that was sent."""

    reference: str


class StatusPage(Page):
    """How a matter stands; nothing yet where no reference was given, `unknown` where there is none like it."""

    typed: str = ""
    progress: Progress | None = None
    unknown: bool = False
    zone: ZoneInfo = ZoneInfo("UTC")
    """Where the agency is."""


class ProblemPage(Page):
    """Why there is nothing to see."""

    problem: Literal["no_form", "no_question", "busy", "unreadable", "too_large"]
    minutes: int = 0


def sheet(colour: str) -> str:
    """The style sheet in the agency's colour."""
    return f":root {{ --brand: {colour}; }}\n{SHEET}"


@cache
def environment(language: PageLanguage) -> Environment:
    """One for each language."""
    made = Environment(
        loader=FileSystemLoader([HERE / "templates", HERE.parent / "answers" / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.policies["ext.i18n.trimmed"] = True
    # A message is trusted as a template is: only words that stand in one may be given to it (tests/docs/test_translations.py).
    made.install_gettext_translations(  # type: ignore[attr-defined]  # by the extension
        message_catalogues.catalogue(LOCALES, DOMAIN, language), newstyle=True
    )
    made.filters["day"] = lambda moment, zone: first_as_ordinal(
        format_date(moment.astimezone(zone).date(), "long", locale=LOCALE_OF[language]), language
    )
    made.filters["number"] = lambda number: format_decimal(number, locale=language)
    return made


def render(template: str, frame: Frame, page: Page, status: int = 200, headers: dict[str, str] | None = None) -> HTMLResponse:
    """The page, with what a browser may do with it."""
    text = environment(frame.language).get_template(template).render(frame=frame, page=page)
    return HTMLResponse(text, status, {"Cache-Control": "no-store", **_guards(frame), **(headers or {})})


def _guards(frame: Frame) -> dict[str, str]:
    ancestors = " ".join(frame.sites) or "'none'"
    guards = {
        "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; object-src 'none'; "
        f"base-uri 'none'; frame-ancestors {ancestors}",
        "Referrer-Policy": "no-referrer",  # the address of a status page has its reference
        "X-Content-Type-Options": "nosniff",
        "Content-Language": frame.language,
        "Vary": "Accept-Language",
    }
    return guards if frame.sites else guards | {"X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin"}
