"""The language and zone in which a request is answered, and the catalogues of words that are shown.

A message is written in English where it stands: `_("...")` in templates and modules. A language without a translation shows it as it is.
"""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from babel.messages.catalog import Catalog
from fastapi import Request, Response

from services.runtime import message_catalogues
from services.runtime.message_catalogues import PageLanguage, preferred, supported

LOCALES = Path(__file__).parents[1] / "locales"
DOMAIN = "review"
CHOSEN = "parvis_language"
"""The cookie in which a browser keeps the language that was chosen at it."""
KEPT_FOR = 365 * 86_400

Next = Callable[[Request], Awaitable[Response]]
Middleware = Callable[[Request, Next], Awaitable[Response]]


UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Reader:
    """For whom words, dates and times are written."""

    language: PageLanguage = "en"
    zone: ZoneInfo = UTC


_reader: ContextVar[Reader] = ContextVar("reader", default=Reader())  # noqa: B039 - it is frozen


def reader() -> Reader:
    """Whom this request is answered for."""
    return _reader.get()


def write_for(somebody: Reader) -> None:
    """From here on this request, or this task, is answered for them."""
    _reader.set(somebody)


def write_in(language: str, zone: str = "") -> None:
    """The same with another language or zone, each as far as it is one of ours."""
    chosen = reader()
    if spoken := supported(language):
        chosen = replace(chosen, language=spoken)
    write_for(replace(chosen, zone=ZoneInfo(zone)) if zone in zones() else chosen)


@cache
def zones() -> tuple[str, ...]:
    """The zones that people can choose, by continent and city."""
    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/"))))


def _catalogue() -> NullTranslations:
    return message_catalogues.catalogue(LOCALES, DOMAIN, reader().language)


def gettext(message: str) -> str:
    """The message in the reader's language."""
    return _catalogue().gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """The form of the message that the number asks for."""
    return _catalogue().ngettext(singular, plural, number)


def pgettext(context: str, message: str) -> str:
    """The message where English has one word for what other languages call by several."""
    return _catalogue().pgettext(context, message)


def npgettext(context: str, singular: str, plural: str, number: int) -> str:
    """Both."""
    return _catalogue().npgettext(context, singular, plural, number)


def entries(language: PageLanguage) -> Catalog:
    """All messages of the language, each with its translation."""
    return message_catalogues.entries(LOCALES, DOMAIN, language)


def answering(default: PageLanguage, zone: str) -> Middleware:
    """Each request is answered in the language chosen at its browser, else in one that the browser asks for, else in the installation's."""

    async def answer(request: Request, call_next: Next) -> Response:
        spoken = supported(request.cookies.get(CHOSEN)) or preferred(request.headers.get("accept-language", "")) or default
        write_for(Reader(spoken, ZoneInfo(zone)))
        return await call_next(request)

    return answer


def keep(response: Response, language: PageLanguage, *, secure: bool) -> None:
    """The browser remembers it. It says nothing of who they are, so it stays when they sign out."""
    response.set_cookie(CHOSEN, language, max_age=KEPT_FOR, httponly=True, samesite="lax", secure=secure)
