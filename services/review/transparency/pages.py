"""The page and the record that tell the public what is automated for an agency. Open to everybody; about no citizen and no colleague."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel

from schemas.values import is_agency_slug
from services.review.cases.commands import CaseCommands
from services.review.transparency import rules, store
from services.review.transparency.rules import Facts
from services.review.web.templating import environment
from services.review.web.translation import reader, write_in
from services.runtime import clock, message_catalogues
from services.runtime.errors import NotFound
from services.runtime.settings import Settings

router = APIRouter(include_in_schema=False)

KEPT = {"Cache-Control": "public, max-age=300", "Vary": "Accept-Language, Cookie"}
CSP = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
LASTS = timedelta(minutes=5)
MOST_KEPT = 1_000

Lang = Annotated[str, Query(max_length=10)]


class AboutPage(BaseModel):
    """What the page shows."""

    facts: Facts
    own: dict[str, str]
    languages: list[tuple[str, str]] = message_catalogues.NAMES


@router.api_route("/about/{agency}.json", methods=["GET", "HEAD"])
async def show_record(request: Request, agency: str) -> Response:
    """The record, with the fields of the standard."""
    facts, own = await _facts(request, agency, "en")
    settings: Settings = request.app.state.settings
    return JSONResponse(
        rules.record(facts, own, rules.address_of(settings.public_url, agency)), headers={"Cache-Control": KEPT["Cache-Control"]}
    )


@router.api_route("/about/{agency}", methods=["GET", "HEAD"])
async def show_page(request: Request, agency: str, lang: Lang = "") -> Response:
    """The same in plain words."""
    write_in(lang)
    facts, own = await _facts(request, agency, reader().language)
    text = environment().get_template("about.html").render(page=AboutPage(facts=facts, own=own))
    return HTMLResponse(text, headers={**KEPT, "Content-Security-Policy": CSP})


class KeptFacts:
    """What was read lately, also that there is no such agency: whoever asks again and again reads nothing from the database."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[datetime, Facts | None]] = {}

    def get(self, key: tuple[str, str], now: datetime) -> tuple[datetime, Facts | None] | None:
        """What was kept of it and still holds."""
        kept = self._kept.get(key)
        return kept if kept and now < kept[0] else None

    def keep(self, key: tuple[str, str], facts: Facts | None, now: datetime) -> None:
        """Keeps it for a while; where there are too many, the oldest goes."""
        self._kept.pop(key, None)
        if len(self._kept) >= MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = (now + LASTS, facts)

    def clear(self) -> None:
        """Forgets all of it."""
        self._kept.clear()


async def _facts(request: Request, agency: str, language: str) -> tuple[Facts, dict[str, str]]:
    if not is_agency_slug(agency):
        raise NotFound("there is no such agency here")
    facts = await _kept(request, agency, language)
    if facts is None:
        raise NotFound("there is no such agency here")
    own: dict[str, str] = request.app.state.agency_words.get(agency, {})
    named = {"organisation": own.get("organisation_name", agency), "contact": own.get("contact_email", "")}
    return facts.model_copy(update=named), own


async def _kept(request: Request, agency: str, language: str) -> Facts | None:
    commands: CaseCommands = request.app.state.commands
    kept: KeptFacts = request.app.state.kept_facts
    now, key = clock.now(), (agency, language)
    if before := kept.get(key, now):
        return before[1]
    try:
        async with commands.database.reading() as session:
            facts = await store.facts(session, agency, commands.taxonomy, now, language)
    except NotFound:
        facts = None
    kept.keep(key, facts, now)
    return facts
