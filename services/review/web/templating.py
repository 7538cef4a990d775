"""Renders typed page contexts with Jinja: always escaped; an unknown name in a template is an error."""

import hashlib
from contextvars import ContextVar
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, ConfigDict

from schemas import invisible_characters
from services.domain.language_names import language_name
from services.review.web import moments, numbers, phrases, translation
from services.review.web.forms import HEADERS

REVIEW = Path(__file__).parents[1]
STATIC = Path(__file__).parent / "static"


practising: ContextVar[bool] = ContextVar("practising", default=False)
"""Whether pages are those of practice, and say so."""


class Flash(StrEnum):
    """What has just been done, as a code in the address: the words are the template's, so nobody can put theirs there."""

    SIGNED_OUT = "signed-out"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105
    LANGUAGE_CHOSEN = "language-chosen"
    SECOND_FACTOR_OFF = "second-factor-off"
    SESSIONS_ENDED = "sessions-ended"
    TOKEN_ENDED = "token-ended"  # noqa: S105
    PERSON_CHANGED = "person-changed"
    WEBHOOK_SENT_AGAIN = "webhook-sent-again"
    KEYS_ENDED = "keys-ended"
    RECEIPTS_ON = "receipts-on"
    RECEIPTS_OFF = "receipts-off"
    CLAIMED = "claimed"
    RELEASED = "released"
    TAKEN_OVER = "taken-over"
    ASSIGNED = "assigned"
    FORWARDED = "forwarded"
    NOTED = "noted"
    TAKEN_OUT = "taken-out"
    PUT_IN = "put-in"
    MATTER_DISMISSED = "matter-dismissed"
    LINKED = "linked"
    SPLIT = "split"
    UNLINKED = "unlinked"
    JOINED = "joined"
    SEPARATED = "separated"
    PUT_ASIDE = "put-aside"
    CORRECTED = "corrected"
    WRITTEN_BY_PERSON = "written-by-person"
    SAVED = "saved"
    REDRAFTING = "redrafting"
    APPROVED = "approved"
    APPROVED_BY_HAND = "approved-by-hand"
    FIRST_APPROVED = "first-approved"
    LOOKED = "looked"
    SENT_BACK = "sent-back"
    RECALLED = "recalled"
    REJECTED = "rejected"
    CLOSED = "closed"
    ANSWERED_BY_HAND = "answered-by-hand"
    CONFIRMED = "confirmed"
    RECORDED = "recorded"
    RECIPIENT_CORRECTED = "recipient-corrected"
    VIEW_SAVED = "view-saved"
    VIEW_RENAMED = "view-renamed"
    VIEW_DELETED = "view-deleted"
    SENDING_AGAIN = "sending-again"
    TEXT_TAKEN = "text-taken"
    CANNED_REPLY_KEPT = "canned-reply-kept"
    CANNED_REPLY_DELETED = "canned-reply-deleted"
    CANNED_REPLY_INSERTED = "canned-reply-inserted"
    CANNED_REPLY_WITH_GAPS = "canned-reply-with-gaps"
    FOREIGN_CANNED_REPLY_INSERTED = "foreign-canned-reply-inserted"
    FOREIGN_CANNED_REPLY_WITH_GAPS = "foreign-canned-reply-with-gaps"
    TRIED_NOW = "tried-now"
    REPLAYED = "replayed"
    LAST_OF_VIEW = "last-of-view"
    FIRST_OF_VIEW = "first-of-view"


def flash_of(code: str | None) -> Flash | None:
    """The message of that code; an unknown one says nothing."""
    return Flash(code) if code in set(Flash) else None


class Viewer(BaseModel):
    """Who looks at the page, what the menu offers them, and the word that their forms carry."""

    model_config = ConfigDict(frozen=True)

    name: str
    email: str
    role: str
    csrf: str
    also: list[str] = []
    powers: frozenset[str] = frozenset()

    def may(self, power: str) -> bool:
        """Whether a page offers them what asks for this power."""
        return power in self.powers


class LiveList(BaseModel):
    """Which cases a list shows, so that its page knows which changes concern it."""

    model_config = ConfigDict(frozen=True)

    states: list[str] = []
    department: str = ""
    category: str = ""
    urgency: str = ""
    language: str = ""
    mine: bool = False
    unassigned: bool = False
    urgent: bool = False
    search: bool = False


class Live(BaseModel):
    """From where a page listens to what changes: its session's mark, and the number of the log at which it was made."""

    model_config = ConfigDict(frozen=True)

    session: str
    after: int
    list: LiveList | None = None


class Page(BaseModel):
    """What the layout needs of every page."""

    model_config = ConfigDict(frozen=True)

    now: datetime
    viewer: Viewer | None = None
    flash: Flash | None = None
    live: Live | None = None


class Choice(BaseModel):
    """One entry of a select."""

    model_config = ConfigDict(frozen=True)

    value: str
    label: str


def safe_url(url: str) -> str:
    """The address where a browser may follow it, otherwise nothing: `javascript:` and its like are shown as text."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return url.strip() if parts.scheme in ("http", "https") and parts.netloc else ""


@cache
def static(name: str) -> str:
    """The address of a static file, with a mark of its content so that a browser may keep it."""
    mark = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={mark}"


def _not_turning(value: object) -> object:
    """What is shown turns nothing round that stands beside it, whoever wrote it."""
    return invisible_characters.without_turning(value) if isinstance(value, str) else value


@cache
def environment() -> Environment:
    """One for all features; each keeps its templates beside its pages."""
    made = Environment(
        loader=FileSystemLoader(sorted(REVIEW.glob("*/templates"))),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_not_turning,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.policies["ext.i18n.trimmed"] = True
    # A message is trusted as a template is: only words that stand in one may be given to it (tests/docs/test_translations.py).
    made.install_gettext_callables(  # type: ignore[attr-defined]  # by the extension
        translation.gettext, translation.ngettext, newstyle=True, pgettext=translation.pgettext, npgettext=translation.npgettext
    )
    made.filters["safe_url"] = safe_url
    made.filters["language_name"] = lambda code: language_name(code, translation.reader().language)
    made.filters["phrase"] = phrases.phrase
    made.filters["decimal"] = numbers.decimal
    made.filters["size"] = numbers.size
    made.filters["exact"] = moments.exact
    made.filters["ago"] = moments.ago
    made.filters["span"] = moments.span
    made.filters["minute"] = moments.minute
    made.filters["day"] = moments.day
    made.filters["short_day"] = moments.short_day
    made.globals["static"] = static
    made.globals["reader"] = translation.reader
    return made


def render(template: str, page: Page, status: int = 200) -> HTMLResponse:
    """The page, with the headers that keep it to itself."""
    text = environment().get_template(template).render(page=page, practising=practising.get())
    return HTMLResponse(text, status, {**HEADERS, "Cache-Control": "no-store"})
