"""A person's own account: password, sessions, tokens, and what was done with the account."""

import asyncio
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from schemas.values import Prose
from services.domain.phrases import Phrase
from services.review.audit import store as audit
from services.review.people import break_glass, passwords, session_cookie, session_store, store, token_store
from services.review.people.authentication import PersonFirst
from services.review.people.pages import Visitor, VisitorDep
from services.review.people.password_rules import check_change
from services.review.people.powers import TOKEN_SCOPES, TokenScope
from services.review.people.rules import Person
from services.review.people.session_store import Open
from services.review.people.sign_in import SignIns
from services.review.people.token_store import Token
from services.review.web import translation
from services.review.web.phrases import fault, phrase
from services.review.web.templating import Flash, Page, flash_of, render
from services.review.web.translation import gettext
from services.runtime import clock, message_catalogues
from services.runtime.client_address import client_address
from services.runtime.database import Database, Session
from services.runtime.errors import InvalidInput, NotAllowed
from services.runtime.settings import Settings

router = APIRouter(include_in_schema=False, prefix="/account", route_class=PersonFirst)

COMMON = Path(__file__).parent / "common_passwords.txt"
LOG_DAYS, LOG_LINES = 90, 30
DAYS_OF_A_TOKEN = (30, 90, 365)


class Happened(BaseModel):
    """One line of what was done with an account."""

    at: datetime
    action: str
    address: str
    by: str


class Problem(BaseModel):
    """Why what was sent was not done, and at which field."""

    field: str
    detail: str


class AccountPage(Page):
    """What the person may see and change of their own account."""

    sessions: list[Open]
    here: str
    tokens: list[Token]
    scopes: list[TokenScope]
    days: list[int]
    log: list[Happened]
    must_change: bool
    languages: list[tuple[str, str]] = message_catalogues.NAMES
    zones: list[str] = []
    time_zone: str = ""
    has_password: bool = True
    problem: Problem | None = None
    new_token: str = ""


class PasswordForm(BaseModel):
    """The former password and the new one, as they were typed."""

    now: str = ""
    new: str = ""
    again: str = ""


class SessionForm(BaseModel):
    """Which session is to end; without one all but this."""

    session: Prose = ""


class LanguageForm(BaseModel):
    """The language that the pages are to speak, and the zone of their times; empty: the agency's."""

    language: message_catalogues.PageLanguage
    time_zone: Prose = ""


class TokenForm(BaseModel):
    """A token to issue, or the mark of one to end."""

    label: Prose = ""
    scopes: list[TokenScope] = []
    days: int = 90
    token: Prose = ""


@cache
def _entries_of_accounts() -> tuple[str, ...]:
    return (
        "signed in",
        "signed out",
        "sign-in refused",
        "sessions ended",
        "password changed",
        "password reset",
        "token issued",
        "tokens revoked",
        "person added",
        "rights changed",
        "language chosen",
        "identity linked",
        "identity unlinked",
        "second factor on",
        "second factor off",
        "recovery codes renewed",
    )


async def log_of(session: Session, email: str, now: datetime) -> list[Happened]:
    """What was done with the account lately, by its person and by others; the newest first."""
    since = now - timedelta(days=LOG_DAYS)
    entries = await audit.of_account(session, email, _entries_of_accounts(), since=since, limit=LOG_LINES)
    return [
        Happened(
            at=entry.at,
            action=entry.action,
            address=str(entry.detail.get("address", "")),
            by="" if entry.actor in (email, audit.PARVIS) else entry.actor,
        )
        for entry in entries
    ]


async def _page(request: Request, visitor: Visitor, problem: Problem | None = None, new_token: str = "") -> Response:
    database: Database = request.app.state.database
    now, email = clock.now(), visitor.person.email
    async with database.reading() as session:
        page = AccountPage(
            now=now,
            viewer=visitor.viewer,
            flash=flash_of(request.query_params.get("flash")),
            sessions=await session_store.of_person(session, email, now),
            here=session_store.mark_of(passwords.hash_token(session_cookie.read(request, session_cookie.SESSION) or "")),
            tokens=await token_store.of_person(session, email, now),
            scopes=[scope for scope in TokenScope if any(visitor.person.may(power) for power in TOKEN_SCOPES[scope])],
            days=list(DAYS_OF_A_TOKEN),
            log=await log_of(session, email, now),
            must_change=visitor.person.must_change_password,
            zones=list(translation.zones()),
            time_zone=visitor.person.time_zone,
            has_password=takes_password(request, visitor.person),
            problem=problem,
            new_token=new_token,
        )
    return render("account.html", page, 422 if problem else 200)


def takes_password(request: Request, person: Person) -> bool:
    """Whether that person may come in by password here."""
    settings: Settings = request.app.state.settings
    return break_glass.takes_password_of(person, settings.oidc)


@router.get("")
async def show_account(request: Request, visitor: VisitorDep) -> Response:
    """The account of whoever is signed in."""
    return await _page(request, visitor)


@router.post("/password")
async def change_password(request: Request, form: Annotated[PasswordForm, Form()], visitor: VisitorDep) -> Response:
    """Replaces the password, where the former one fits; all other sessions end."""
    person, now = visitor.person, clock.now()
    if not takes_password(request, person):
        raise NotAllowed("passwords are not taken here: people sign in by single sign-on")
    settings: Settings = request.app.state.settings
    sign_ins: SignIns = request.app.state.sign_ins
    database: Database = request.app.state.database
    try:
        common = await asyncio.to_thread(common_passwords)
        check_change(form.now, form.new, form.again, (person.email, person.name, "parvis"), common)
        proven = await sign_ins.proves(person.email, form.now, client_address(request, settings.trusted_proxies))
    except InvalidInput as error:
        return await _page(request, visitor, Problem(field=error.field or "", detail=fault(error)))
    new = await asyncio.to_thread(passwords.hash_password, form.new)
    here = session_cookie.read(request, session_cookie.SESSION)
    async with database.transaction() as session:
        if not await store.still_fits(session, proven):
            raise InvalidInput("now: the password was changed meanwhile", field="now")
        await store.set_password(session, person.email, new)
        ended = await session_store.end(session, person.email, but=here)
        await audit.add(session, audit.Entry(now, person.email, "password changed", None, {"email": person.email, "sessions": ended}))
    return RedirectResponse(f"/account?flash={Flash.PASSWORD_CHANGED}", 303)


@router.post("/sessions/end")
async def end_sessions(request: Request, form: Annotated[SessionForm, Form()], visitor: VisitorDep) -> Response:
    """Ends one of their sessions, or all but this one."""
    database: Database = request.app.state.database
    here, email = session_cookie.read(request, session_cookie.SESSION), visitor.person.email
    async with database.transaction() as session:
        ended = await session_store.end(session, email, mark=form.session or None, but=None if form.session else here)
        await audit.add(session, audit.Entry(clock.now(), email, "sessions ended", None, {"email": email, "sessions": ended}))
    return RedirectResponse(f"/account?flash={Flash.SESSIONS_ENDED}", 303)


@router.post("/language")
async def choose_language(request: Request, form: Annotated[LanguageForm, Form()], visitor: VisitorDep) -> Response:
    """The pages speak it from now on, wherever they sign in; this browser remembers it for its sign-in page."""
    database: Database = request.app.state.database
    settings: Settings = request.app.state.settings
    email = visitor.person.email
    if form.time_zone and form.time_zone not in translation.zones():
        return await _page(request, visitor, Problem(field="time_zone", detail=gettext("choose a zone of the list")))
    async with database.transaction() as session:
        await store.set_reading(session, email, form.language, form.time_zone)
        detail = {"email": email, "language": form.language, "time_zone": form.time_zone}
        await audit.add(session, audit.Entry(clock.now(), email, "language chosen", None, detail))
    response = RedirectResponse(f"/account?flash={Flash.LANGUAGE_CHOSEN}", 303)
    translation.keep(response, form.language, secure=settings.pages_by_https)
    return response


@router.post("/tokens")
async def issue_token(request: Request, form: Annotated[TokenForm, Form()], visitor: VisitorDep) -> Response:
    """Issues a token that acts as them, and shows it this once."""
    database: Database = request.app.state.database
    now, email = clock.now(), visitor.person.email
    problem = None
    if not form.scopes:
        problem = Problem(field="scopes", detail=gettext("say what the token is for"))
    elif form.days not in DAYS_OF_A_TOKEN:
        problem = Problem(field="days", detail=phrase(Phrase(f"it is good for one of {', '.join(map(str, DAYS_OF_A_TOKEN))} days")))
    if problem:
        return await _page(request, visitor, problem)
    expires_at = now + timedelta(days=form.days)
    async with database.transaction() as session:
        token = await store.issue_token(session, email, now, label=form.label, scopes=form.scopes, expires_at=expires_at)
        detail = {"email": email, "scopes": list(form.scopes), "expires_at": expires_at.isoformat()}
        await audit.add(session, audit.Entry(now, email, "token issued", None, detail))
    return await _page(request, visitor, new_token=token)


@router.post("/tokens/end")
async def end_token(request: Request, form: Annotated[TokenForm, Form()], visitor: VisitorDep) -> Response:
    """Ends one of their tokens at once."""
    database: Database = request.app.state.database
    now, email = clock.now(), visitor.person.email
    async with database.transaction() as session:
        ended = await token_store.revoke(session, email, now, mark=form.token)
        await audit.add(session, audit.Entry(now, email, "tokens revoked", None, {"email": email, "tokens": ended}))
    return RedirectResponse(f"/account?flash={Flash.TOKEN_ENDED}", 303)


def common_passwords() -> frozenset[str]:
    """The passwords that are tried first; read each time, as that is seldom and the memory is needed otherwise."""
    lines = COMMON.read_text("utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("# "))
