"""A person's second factor, at their account: set up, new recovery codes, taken away."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from schemas.values import Prose
from services.review.audit import store as audit
from services.review.people import session_cookie, session_store
from services.review.people.account_pages import Problem, takes_password
from services.review.people.authentication import PersonFirst
from services.review.people.pages import Visitor, VisitorDep
from services.review.people.second_factor import factor_store, one_time_codes, policy
from services.review.people.second_factor.factor_store import Factor
from services.review.people.second_factor.second_step import SecondSteps
from services.review.people.sign_in import SignIns
from services.review.web.phrases import fault, phrase
from services.review.web.templating import Flash, Page, flash_of, render
from services.runtime import clock
from services.runtime.client_address import client_address
from services.runtime.database import Database
from services.runtime.errors import InvalidInput, NotAllowed
from services.runtime.settings import Settings

router = APIRouter(include_in_schema=False, prefix="/account/second-factor", route_class=PersonFirst)


class SecondFactorPage(Page):
    """Where the person stands: nothing yet, a secret to confirm, a factor, or recovery codes that are shown once."""

    factor: Factor | None
    required: bool
    possible: bool
    picture: str = ""
    secret: str = ""
    recovery_codes: list[str] = []
    problem: Problem | None = None


class FactorForm(BaseModel):
    """The password until now, or a code."""

    now: str = ""
    code: Prose = ""


FactorFormDep = Annotated[FactorForm, Form()]


def _steps(request: Request) -> SecondSteps:
    steps: SecondSteps = request.app.state.second_steps
    return steps


async def _page(
    request: Request, visitor: Visitor, *, secret: bytes | None = None, codes: list[str] | None = None, problem: Problem | None = None
) -> Response:
    database: Database = request.app.state.database
    settings: Settings = request.app.state.settings
    person = visitor.person
    async with database.reading() as session:
        factor = await factor_store.of_person(session, person.email)
    picture = ""
    if secret:
        place = urlsplit(settings.public_url).hostname
        uri = one_time_codes.uri(secret, person.email, f"Parvis {place}" if place else "Parvis")
        import segno  # 4 MB, for a page that each person sees once

        picture = segno.make(uri, micro=False).svg_inline(scale=5, omitsize=False, border=4)
    page = SecondFactorPage(
        now=clock.now(),
        viewer=visitor.viewer,
        flash=flash_of(request.query_params.get("flash")),
        factor=factor,
        required=policy.is_required(settings, person),
        possible=_steps(request).is_possible and policy.is_on(settings) and takes_password(request, person),
        picture=picture,
        secret=one_time_codes.shown_secret(secret) if secret else "",
        recovery_codes=codes or [],
        problem=problem,
    )
    return render("second_factor.html", page, 422 if problem else 200)


def _problem(error: InvalidInput) -> Problem:
    return Problem(field=error.field or "", detail=fault(error))


async def _must_prove(request: Request, visitor: Visitor, password: str) -> None:
    """Who finds an open browser must not be able to change what opens the account. Raises InvalidInput."""
    settings: Settings = request.app.state.settings
    sign_ins: SignIns = request.app.state.sign_ins
    await sign_ins.proves(visitor.person.email, password, client_address(request, settings.trusted_proxies))


def _must_be_possible(request: Request, visitor: Visitor) -> None:
    if not policy.is_on(request.app.state.settings) or not takes_password(request, visitor.person):
        raise NotAllowed("second factors are not used here: people sign in by single sign-on, or PARVIS_SECOND_FACTOR is off")


@router.get("")
async def show_second_factor(request: Request, visitor: VisitorDep) -> Response:
    """Whether there is one, and what can be done about it."""
    return await _page(request, visitor)


@router.post("/begin")
async def begin(request: Request, form: FactorFormDep, visitor: VisitorDep) -> Response:
    """Shows a new secret, as a picture and as letters."""
    _must_be_possible(request, visitor)
    database: Database = request.app.state.database
    try:
        await _must_prove(request, visitor, form.now)
        async with database.transaction() as session:
            secret = await factor_store.begin(session, visitor.person.email, _steps(request).key, clock.now())
    except InvalidInput as error:
        return await _page(request, visitor, problem=_problem(error))
    return await _page(request, visitor, secret=secret)


@router.post("/confirm")
async def confirm(request: Request, form: FactorFormDep, visitor: VisitorDep) -> Response:
    """Where the code fits, it is asked for from now on; the other sessions end, and recovery codes are shown this once."""
    _must_be_possible(request, visitor)
    database: Database = request.app.state.database
    now, email, key = clock.now(), visitor.person.email, _steps(request).key
    here = session_cookie.read(request, session_cookie.SESSION) or ""
    try:
        async with database.transaction() as session:
            codes = await factor_store.confirm(session, email, key, form.code, now)
            ended = await session_store.end(session, email, but=here)
            await session_store.has_second_factor(session, here)
            await audit.add(session, audit.Entry(now, email, "second factor on", None, {"email": email, "sessions": ended}))
    except InvalidInput as error:
        try:
            async with database.reading() as session:
                secret = await factor_store.unconfirmed(session, email, key, now)
        except InvalidInput:
            secret = None
        return await _page(request, visitor, secret=secret, problem=_problem(error))
    return await _page(request, visitor, codes=codes)


@router.post("/recovery-codes")
async def renew(request: Request, form: FactorFormDep, visitor: VisitorDep) -> Response:
    """Ten new recovery codes, shown this once; the former are good no more."""
    database: Database = request.app.state.database
    email = visitor.person.email
    try:
        await _must_prove(request, visitor, form.now)
    except InvalidInput as error:
        return await _page(request, visitor, problem=_problem(error))
    async with database.transaction() as session:
        codes = await factor_store.renew_recovery_codes(session, email, _steps(request).key)
        await audit.add(session, audit.Entry(clock.now(), email, "recovery codes renewed", None, {"email": email}))
    return await _page(request, visitor, codes=codes)


@router.post("/off")
async def take_away(request: Request, form: FactorFormDep, visitor: VisitorDep) -> Response:
    """Takes it away, where it is not asked of them; with a code, since whoever has only the password must not be able to."""
    database: Database = request.app.state.database
    email = visitor.person.email
    if policy.is_required(request.app.state.settings, visitor.person):
        raise NotAllowed("a second factor is asked of you here; an administrator can reset it, so that you set up another")
    if wrong := await _steps(request).proves(email, form.code):
        return await _page(request, visitor, problem=Problem(field="code", detail=phrase(wrong)))
    async with database.transaction() as session:
        await factor_store.take_away(session, email)
        await audit.add(session, audit.Entry(clock.now(), email, "second factor off", None, {"email": email}))
    return RedirectResponse(f"/account/second-factor?flash={Flash.SECOND_FACTOR_OFF}", 303)
