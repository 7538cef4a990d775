"""The pages that practice has of its own: who practises, their progress, and what a decision has missed. All else is the workbench's."""

import re
import secrets
import unicodedata
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from schemas.invisible_characters import one_line
from schemas.values import Prose
from services.domain.taxonomy import said_in
from services.review.cases import store
from services.review.cases.deciding import rules
from services.review.cases.queue.preferences import Preferences, PreferencesDep
from services.review.people import session_cookie
from services.review.people.authentication import PersonFirst, lasting, of_cookie
from services.review.people.pages import ReaderDep, local
from services.review.practice import exercises
from services.review.practice.exercises import Feedback
from services.review.practice.practice_commands import PracticeCommands
from services.review.web.forms import must_be_ours
from services.review.web.templating import Page, render
from services.review.web.translation import reader
from services.runtime import clock
from services.runtime.client_address import client_address
from services.runtime.errors import InvalidInput, NotFound
from services.runtime.settings import Settings

router = APIRouter(include_in_schema=False, route_class=PersonFirst)

MOST_NAME = 40
DECISION = re.compile(r"/cases/([0-9a-f-]{36})/(?:approve|close)")


def practice_of(request: Request) -> PracticeCommands:
    """The commands of this process."""
    commands: PracticeCommands = request.app.state.commands
    return commands


PracticeDep = Annotated[PracticeCommands, Depends(practice_of)]


class EnterPage(Page):
    """Asks for a name, and for nothing else: nothing here is anybody's."""

    csrf: str


class Line(BaseModel):
    """One letter, and what became of it."""

    request_id: UUID
    title: str
    subject: str
    language: str
    done: bool
    missed: int


class ProgressPage(Page):
    """All letters of somebody's round."""

    lines: list[Line]
    done: int
    well: int


class FeedbackPage(Page):
    """What a decision has missed, and why it matters."""

    request_id: UUID
    title: str
    feedback: Feedback
    next: str
    preferences: Preferences
    following: UUID | None
    """A letter that nothing was decided about yet."""


@router.get("/login")
async def show_entrance(request: Request) -> Response:
    """Asks who practises."""
    if await of_cookie(request):
        return RedirectResponse("/practice", 303)
    word = session_cookie.read(request, session_cookie.FORM) or secrets.token_urlsafe(32)
    response = render("practice_enter.html", EnterPage(now=clock.now(), csrf=word))
    session_cookie.write(request, response, session_cookie.FORM, word)
    return response


@router.post("/login")
async def enter(
    request: Request, commands: PracticeDep, name: Annotated[Prose, Form()] = "", csrf: Annotated[str, Form()] = ""
) -> Response:
    """Begins, or goes on where somebody of that name stopped."""
    must_be_ours(request, csrf, session_cookie.read(request, session_cookie.FORM) or "")
    settings: Settings = request.app.state.settings
    shown = one_line(name).strip()[:MOST_NAME]
    address = client_address(request, settings.trusted_proxies)
    token = await commands.enter(shown, slug_of(shown), lasting(request), address, request.headers.get("user-agent", ""))
    response = RedirectResponse("/practice", 303)
    seconds = int(timedelta(hours=settings.session_hours).total_seconds())
    session_cookie.write(request, response, session_cookie.SESSION, token, seconds=seconds)
    session_cookie.drop(request, response, session_cookie.FORM)
    return response


def slug_of(name: str) -> str:
    """The name as an address has it. Raises InvalidInput where nothing of it can be written so."""
    slug = re.sub(r"[^a-z0-9]+", "-", _without_accents(name)).strip("-")
    if not slug:
        raise InvalidInput("name: write your first name in Latin letters or digits", field="name")
    return slug


def _without_accents(text: str) -> str:
    return "".join(character for character in unicodedata.normalize("NFKD", text) if not unicodedata.combining(character)).casefold()


@router.get("/practice")
async def show_progress(visitor: ReaderDep, commands: PracticeDep) -> Response:
    """What is done, and what there is left to do."""
    lines = [
        Line(
            request_id=case.request_id,
            title=said_in(exercise.title, reader().language) if feedback.done else "",
            subject=exercise.subject,
            language=exercise.language,
            done=feedback.done,
            missed=feedback.missed,
        )
        for exercise, case, feedback in await commands.progress(visitor.person)
    ]
    done = [line for line in lines if line.done]
    well = sum(not line.missed for line in done)
    return render("practice.html", ProgressPage(now=clock.now(), viewer=visitor.viewer, lines=lines, done=len(done), well=well))


@router.post("/practice/again")
async def begin_again(visitor: ReaderDep, commands: PracticeDep) -> Response:
    """All letters anew."""
    await commands.begin_again(visitor.person)
    return RedirectResponse("/practice", 303)


@router.get("/practice/{request_id}")
async def show_feedback(
    request_id: UUID,
    visitor: ReaderDep,
    commands: PracticeDep,
    preferences: PreferencesDep,
    next: Annotated[str, Query(max_length=8_000)] = "/practice",  # noqa: A002 - its name in the address
) -> Response:
    """What this decision has missed."""
    async with commands.database.reading() as session:
        case = rules.visible(await store.look(session, request_id), visitor.person)
    exercise = exercises.exercise_of(request_id, case.agency or "")
    if not exercise:
        raise NotFound(f"there is no exercise {request_id}")
    waiting = [other.request_id for _, other, feedback in await commands.progress(visitor.person) if not feedback.done]
    page = FeedbackPage(
        now=clock.now(),
        viewer=visitor.viewer,
        request_id=request_id,
        title=said_in(exercise.title, reader().language),
        feedback=exercises.judged(exercise, case, reader().language),
        next=local(next),
        preferences=preferences,
        following=waiting[0] if waiting else None,
    )
    return render("practice_feedback.html", page)


async def lead_to_feedback(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """After a decision comes what it has missed, and then what the workbench would have shown."""
    response = await call_next(request)
    decided = DECISION.fullmatch(request.url.path) if request.method == "POST" else None
    if decided and response.status_code == 303:  # noqa: PLR2004 - See Other: it was decided
        response.headers["location"] = f"/practice/{decided[1]}?{urlencode({'next': response.headers['location']})}"
    return response
