"""The page and the record that tell the public what is automated for an agency. Open to everybody; about no citizen and no colleague."""

import re
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel

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
CODE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")

Lang = Annotated[str, Query(max_length=10)]


class AboutPage(BaseModel):
    """What the page shows."""

    facts: Facts
    own: dict[str, str]
    languages: list[tuple[str, str]] = message_catalogues.NAMES


@router.get("/about/{agency}.json")
async def show_record(request: Request, agency: str) -> Response:
    """The record, with the fields of the standard."""
    facts, own = await _facts(request, agency, "en")
    settings: Settings = request.app.state.settings
    return JSONResponse(
        rules.record(facts, own, rules.address_of(settings.public_url, agency)), headers={"Cache-Control": KEPT["Cache-Control"]}
    )


@router.get("/about/{agency}")
async def show_page(request: Request, agency: str, lang: Lang = "") -> Response:
    """The same in plain words."""
    write_in(lang)
    facts, own = await _facts(request, agency, reader().language)
    text = environment().get_template("about.html").render(page=AboutPage(facts=facts, own=own))
    return HTMLResponse(text, headers={**KEPT, "Content-Security-Policy": CSP})


async def _facts(request: Request, agency: str, language: str) -> tuple[Facts, dict[str, str]]:
    if not CODE.fullmatch(agency):
        raise NotFound("there is no such agency here")
    commands: CaseCommands = request.app.state.commands
    own: dict[str, str] = request.app.state.agency_words.get(agency, {})
    organisation, contact = own.get("organisation_name", agency), own.get("contact_email", "")
    async with commands.database.reading() as session:
        return await store.facts(session, agency, commands.taxonomy, clock.now(), language, organisation, contact), own
