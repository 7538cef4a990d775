"""The page behind a reply's link. To open it changes nothing, since programs that look for dangerous links in mail do; it tells nothing.

Who has the link may answer, as whoever has the reply may answer that: the token is longer than anybody can guess.
"""

import math
import time
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from services.intake import acceptance, posted_form, request_body
from services.intake import store as agencies
from services.intake.acceptance import Caller, Sent
from services.intake.answers import rules, store
from services.intake.answers.rules import MOST_CHARACTERS, Answer, AskedReply, Fault
from services.intake.authentication import DatabaseDep
from services.intake.dependencies import PatienceDep, RelayDep
from services.intake.posted_form import UnreadableForm
from services.intake.request_body import MIB, Compressed, TooLarge
from services.intake.web_form import pages, templating
from services.intake.web_form.branding import Branding
from services.intake.web_form.pages import NoPage, WebForms
from services.intake.web_form.templating import Frame, ProblemPage, render
from services.runtime import clock, outbox
from services.runtime.client_address import client_address
from services.runtime.database import Session
from services.runtime.errors import Unavailable
from services.runtime.retry import is_outage

routes = APIRouter(include_in_schema=False)


class AnswerPage(templating.Page):
    """The question, with what was answered before, or typed now and what is wrong with it."""

    solved: bool | None = None
    typed: Answer = Answer()
    fault: Fault = ""
    away: bool = False
    minutes: int = 0
    """How long to wait where too much was sent."""
    most: int = MOST_CHARACTERS


class AlreadyAnswered(Exception):
    """Somebody was faster, with the same link."""


async def _question(
    request: Request,
    agency: str,
    token: str,
    database: DatabaseDep,
    forms: Annotated[WebForms, Depends(pages.forms_of)],
    lang: str | None = None,
) -> tuple[AskedReply, Frame]:
    """The reply of the link and what is round its page. Raises NoPage; another agency's link is as unknown as one that nobody got."""
    language = pages.language_of(request, forms, lang)
    nowhere = pages.nobodys(language)
    address, now = client_address(request, request.app.state.trusted_proxies), time.monotonic()
    if wait := forms.throttle.wait_to_ask(address, now):
        raise NoPage(_busy(nowhere, wait))
    token_hash = rules.hash_of(token)
    reply = name = None
    if token_hash:
        async with database.reading() as session:
            reply = await store.reply_of(session, agency, token_hash)
            name = await agencies.agency_name(session, agency) if reply else None
    if reply is None:
        forms.throttle.guessed(address, now)
        raise NoPage(render("problem.html", nowhere, ProblemPage(problem="no_question"), 404))
    look = forms.brandings.get(agency, Branding())
    return reply, Frame.of_agency(agency, name or agency, look, language, f"/answers/{agency}/{token}", base="/answers")


QuestionDep = Annotated[tuple[AskedReply, Frame], Depends(_question)]


@routes.get("/answers/{agency}/{token}")
async def show_question(agency: str, token: str, question: QuestionDep) -> Response:  # noqa: ARG001 - of the path
    """The question, or what was answered."""
    reply, frame = question
    return render("answer.html", frame, AnswerPage(solved=reply.solved))


@routes.post("/answers/{agency}/{token}")
async def take_answer(
    request: Request,
    agency: str,
    token: str,  # noqa: ARG001 - of the path
    question: QuestionDep,
    forms: Annotated[WebForms, Depends(pages.forms_of)],
    database: DatabaseDep,
    patience: PatienceDep,
    relay: RelayDep,
) -> Response:
    """Takes the answer, or shows the form again with what is wrong. It is on disk before this answers."""
    reply, frame = question
    answer = await _posted(request, frame)
    if wait := forms.throttle.from_address(client_address(request, request.app.state.trusted_proxies), agency, time.monotonic()):
        page = AnswerPage(solved=reply.solved, typed=answer, minutes=math.ceil(wait / 60))
        return render("answer.html", frame, page, 429, {"Retry-After": str(wait)})
    if answer.fault:
        return render("answer.html", frame, AnswerPage(solved=reply.solved, typed=answer, fault=answer.fault), 422)

    async def rate(session: Session) -> None:
        current = await store.reply_of(session, agency, reply.token_hash, for_update=True)
        if current is None or not rules.takes(current, answer):
            raise AlreadyAnswered
        now = clock.now()  # once the row is ours: of two answers the later one is later
        await store.rate(session, current, now, solved=answer.solved is True)
        await outbox.add(session, acceptance.SERVICE, rules.rated(current, now, solved=answer.solved is True), lane=agency)

    caller = Caller(agency, "/answers/{agency}/{token}", request_body.trace_headers(request), reopens=True)
    sent = [] if answer.solved else [Sent(rules.follow_up(reply, answer, frame.language))]
    try:
        await acceptance.accept(database, caller, sent, patience, also=rate, all_or_none=True)
    except AlreadyAnswered:
        # Nothing of this answer is kept, and it is no fault of who sent it: the page that they are led to shows what holds.
        pass
    except Exception as error:
        if not (isinstance(error, Unavailable) or is_outage(error)):
            raise
        return render("answer.html", frame, AnswerPage(solved=reply.solved, typed=answer, away=True), 503, {"Retry-After": "60"})
    relay.wake()
    return RedirectResponse(f"{frame.path}?lang={frame.language}", 303, {"Cache-Control": "no-store"})


def _busy(frame: Frame, wait: int) -> Response:
    return render("problem.html", frame, ProblemPage(problem="busy", minutes=math.ceil(wait / 60)), 429, {"Retry-After": str(wait)})


async def _posted(request: Request, frame: Frame) -> Answer:
    """Raises NoPage."""
    try:
        return rules.read(await posted_form.read(request, MIB))
    except (UnreadableForm, Compressed):
        raise NoPage(render("problem.html", frame, ProblemPage(problem="unreadable"), 400)) from None
    except TooLarge:
        raise NoPage(render("problem.html", frame, ProblemPage(problem="too_large"), 413)) from None
