"""The pages that citizens see: the form of an agency, the receipt, and how a matter stands. No key, no session, no script.

There is no CSRF to guard against: nothing that a browser holds (no cookie, no sign-in) makes a form sent from another page say or do more
than its author could send without it.
"""

import asyncio
import logging
import math
import time
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.domain import form_references as reference
from services.intake import acceptance, incoming_files, posted_form, request_body, store
from services.intake.acceptance import Accepted, Caller, ContentDiffers, Sent
from services.intake.authentication import DatabaseDep
from services.intake.dependencies import PatienceDep, RelayDep, TaxonomyDep
from services.intake.incoming_files import IncomingFiles
from services.intake.posted_form import Form, UnreadableForm
from services.intake.request_body import Compressed, TooLarge
from services.intake.rules import Status
from services.intake.web_form import message, progress, templating
from services.intake.web_form.branding import Branding
from services.intake.web_form.message import Message
from services.intake.web_form.progress import Progress
from services.intake.web_form.templating import FormPage, Frame, ProblemPage, ReceiptPage, StatusPage, render
from services.intake.web_form.throttle import Throttle
from services.runtime.client_address import client_address
from services.runtime.database import Database
from services.runtime.errors import Unavailable
from services.runtime.message_catalogues import PageLanguage, preferred, supported
from services.runtime.retry import is_outage

log = logging.getLogger(__name__)

MOST_READ = message.MOST_TOGETHER + message.MIB
MOST_DRAINED = 100 * message.MIB
WORDS_ALONE = 512 * 1024
"""What is read of a form that comes too soon: what was typed stands before its files."""

NOBODY = "-"
"""Stands in the address of the style sheet where there is no agency; no agency can be called so."""

routes = APIRouter(include_in_schema=False)


class WebForms:
    """The agencies that have a form, each with its branding; where files go, and how much may be sent."""

    def __init__(self, brandings: dict[str, Branding], files: IncomingFiles, throttle: Throttle, language: PageLanguage) -> None:
        self.brandings = brandings
        self.files = files
        self.throttle = throttle
        self.language = language
        self._warned: set[str] = set()

    def warn(self, agency: str) -> None:
        """Says once in the log that nobody has added this agency."""
        if agency not in self._warned:
            self._warned.add(agency)
            log.warning("PARVIS_FORMS names an agency that is not there, and its form answers 404: run `parvis agencies add %s`", agency)


class NoPage(Exception):
    """There is another page to show instead."""

    def __init__(self, response: Response) -> None:
        self.response = response


async def show_other(_: Request, error: Exception) -> Response:
    """Shows it."""
    assert isinstance(error, NoPage)
    return error.response


def forms_of(request: Request) -> WebForms:
    """The forms of this process."""
    forms: WebForms = request.app.state.web_forms
    return forms


def language_of(request: Request, forms: WebForms, chosen: str | None) -> PageLanguage:
    """The language of a page: the chosen one, else the one that the browser prefers, else that of the forms."""
    return supported(chosen) or preferred(request.headers.get("accept-language", "")) or forms.language


def nobodys(language: PageLanguage) -> Frame:
    """What is round a page of no agency: whoever opens an address that leads nowhere learns of none."""
    return Frame(language=language, agency=NOBODY, name="", path="")


async def _frame(
    request: Request, agency: str, database: DatabaseDep, forms: Annotated[WebForms, Depends(forms_of)], lang: str | None = None
) -> Frame:
    """What is round every page of this agency's. Raises NoPage where it has no form."""
    language = language_of(request, forms, lang)
    look, name = forms.brandings.get(agency), None
    if look is not None:
        async with database.reading() as session:
            name = await store.agency_name(session, agency)
        if name is None:
            forms.warn(agency)
    if look is None or name is None:
        raise NoPage(render("problem.html", nobodys(language), ProblemPage(problem="no_form"), 404))
    return Frame.of_agency(agency, name, look, language, f"/forms/{agency}", sites=look.embedded_on)


FormsDep = Annotated[WebForms, Depends(forms_of)]
FrameDep = Annotated[Frame, Depends(_frame)]
TypedDep = Annotated[str, Query(alias="reference")]


@routes.get("/forms/{agency}")
async def show_form(agency: str, frame: FrameDep) -> Response:  # noqa: ARG001 - of the path
    """The empty form, with a random id of its own."""
    # Whoever goes back to it must find the same id, and so the browser may keep it: nobody has typed anything yet.
    return render("form.html", frame, FormPage(message=message.read(Form({}))), headers={"Cache-Control": "private, no-cache"})


@routes.get("/forms/{agency}/")
async def lead_to_form(agency: str, frame: FrameDep) -> Response:  # noqa: ARG001 - of the path
    """For who typed a slash behind it."""
    return RedirectResponse(frame.address(), 307)


@routes.post("/forms/{agency}")
async def send_form(
    request: Request, agency: str, frame: FrameDep, forms: FormsDep, database: DatabaseDep, patience: PatienceDep, relay: RelayDep
) -> Response:
    """Takes what was sent, or shows it again with what has to be put right. It is on disk before this answers."""
    wait = forms.throttle.from_address(_address(request), agency, time.monotonic())
    sent = message.read(await _posted(request, frame, WORDS_ALONE if wait else MOST_READ))
    if not wait:
        _must_be_right(frame, sent)
        wait = forms.throttle.to_agency(agency, time.monotonic())  # only now: what is no message takes nobody else's turn
    if wait:
        page = FormPage(message=sent, notice="busy", minutes=math.ceil(wait / 60))
        return render("form.html", frame, page, 429, {"Retry-After": str(wait)})
    caller = Caller(agency, "/forms/{agency}", request_body.trace_headers(request), stores_files=True)
    contents = [file.content for file in sent.files]
    verdicts = await forms.files.verdicts([file.sha256 for file in sent.files], contents)
    if caught := incoming_files.first_infected(sent.files, verdicts):
        place, verdict = caught
        return render("form.html", frame, FormPage(message=sent, faults=[message.infected(sent.files[place], verdict.threat)]), 422)
    try:
        item = Sent(message.request_of(sent, agency, frame.language), verdicts=verdicts)
        # Files first: what is in the journal has all that it names.
        if contents and await acceptance.may_be_taken(database, caller, item):
            await forms.files.keep(agency, contents)
        [outcome] = await acceptance.accept(database, caller, [item], patience)
    except Exception as error:
        if not (isinstance(error, Unavailable) or is_outage(error)):
            raise
        return render("form.html", frame, FormPage(message=sent, notice="away"), 503, {"Retry-After": "60"})
    if isinstance(outcome, ContentDiffers):
        another = Message(reference.new_token(), sent.typed, by_hand=sent.by_hand)
        return render("form.html", frame, FormPage(message=another, notice="sent_before", reference=reference.of(sent.token, agency)), 409)
    if not isinstance(outcome, Accepted):
        raise outcome
    relay.wake()
    return RedirectResponse(frame.address("/receipt", form=sent.token), 303, {"Cache-Control": "no-store"})


@routes.get("/forms/{agency}/receipt")
async def show_receipt(agency: str, frame: FrameDep, database: DatabaseDep, form: str = "") -> Response:
    """What to keep of what was sent with that form. Shown again as often as it is opened, and for nothing that was never sent.

    Whoever has just sent it sees it whatever others have asked for from the same address: a form's id is longer than anybody can guess.
    """
    if not reference.is_token(form):
        return render("status.html", frame.at("/status"), StatusPage(unknown=True), 404)
    kept = reference.of(form, agency)
    if await _status_of(database, kept, agency) is None:
        return render("status.html", frame.at("/status"), StatusPage(unknown=True), 404)
    return render("receipt.html", frame.at(f"/receipt?form={form}"), ReceiptPage(reference=kept))


@routes.get("/forms/{agency}/status")
async def show_status(
    request: Request,
    agency: str,
    frame: FrameDep,
    forms: FormsDep,
    database: DatabaseDep,
    taxonomy: TaxonomyDep,
    typed: TypedDep = "",
) -> Response:
    """How the matter of a reference stands. Another agency's is as unknown as one that nobody has."""
    frame = frame.at("/status")
    if not typed.strip():
        return render("status.html", frame, StatusPage())
    kept, stands = await _looked_up(request, agency, frame, forms, database, typed)
    if kept is None:
        return render("status.html", frame, StatusPage(typed=typed, unknown=True), 404)
    zone = ZoneInfo(taxonomy.calendar.time_zone if taxonomy.calendar else "UTC")
    return render("status.html", frame.at(f"/status?reference={kept}"), StatusPage(typed=kept, progress=stands, zone=zone))


@routes.get("/forms/{agency}/form.css")
async def show_sheet(agency: str, forms: FormsDep) -> Response:
    """The style sheet in the agency's colour."""
    look = forms.brandings.get(agency, Branding())
    return Response(templating.sheet(look.colour), media_type="text/css", headers={"Cache-Control": "public, max-age=86400"})


@routes.get("/forms/{agency}/logo")
async def show_logo(agency: str, forms: FormsDep) -> Response:
    """The agency's picture: from here, so that no other server learns who opens the form."""
    look = forms.brandings.get(agency)
    picture = await asyncio.to_thread(look.logo_file) if look else None
    if picture is None:
        return Response(status_code=404)
    content, kind = picture
    return Response(content, media_type=kind, headers={"Cache-Control": "public, max-age=3600"})


def _address(request: Request) -> str:
    return client_address(request, request.app.state.trusted_proxies)


async def _posted(request: Request, frame: Frame, most: int) -> Form:
    """Raises NoPage."""
    try:
        return await posted_form.read(request, most, drained=MOST_DRAINED, most_files=1000)
    except UnreadableForm:
        raise NoPage(render("problem.html", frame, ProblemPage(problem="unreadable"), 400)) from None
    except Compressed:
        raise NoPage(render("problem.html", frame, ProblemPage(problem="unreadable"), 415)) from None
    except TooLarge:
        raise NoPage(render("problem.html", frame, ProblemPage(problem="too_large"), 413)) from None


def _must_be_right(frame: Frame, sent: Message) -> None:
    """Raises NoPage with the form as it was sent, and what has to be put right."""
    if sent.trapped:
        raise NoPage(render("form.html", frame, FormPage(message=sent, notice="trapped"), 422))
    if faults := message.faults(sent):
        raise NoPage(render("form.html", frame, FormPage(message=sent, faults=faults), 422))


async def _looked_up(
    request: Request, agency: str, frame: Frame, forms: WebForms, database: Database, typed: str
) -> tuple[str | None, Progress | None]:
    """The reference as it is written and how its matter stands, or twice nothing. Raises NoPage where somebody guesses."""
    address, now = _address(request), time.monotonic()
    if wait := forms.throttle.wait_to_ask(address, now):
        page = ProblemPage(problem="busy", minutes=math.ceil(wait / 60))
        raise NoPage(render("problem.html", frame, page, 429, {"Retry-After": str(wait)}))
    kept = reference.read(typed)
    status = await _status_of(database, kept, agency) if kept else None
    if status is None:
        forms.throttle.guessed(address, now)
        return None, None
    return kept, progress.of(status)


async def _status_of(database: Database, kept: str, agency: str) -> Status | None:
    async with database.reading() as session:
        return await store.status_of(session, reference.request_id(kept, agency), agency)
