"""Authenticates requests: a bearer token for programs, a session cookie for people."""

from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from services.review.people import rules, session_cookie, session_store, token_store
from services.review.people.powers import Power
from services.review.people.refusal_log import Refusals
from services.review.people.rules import Person
from services.review.people.session_store import Lasting
from services.review.web import translation
from services.review.web.forms import must_be_ours
from services.runtime import clock, metrics
from services.runtime.client_address import client_address
from services.runtime.database import Database
from services.runtime.errors import NotAllowed, NotSignedIn, PasswordOfOnesOwn, SecondFactorFirst
from services.runtime.settings import Settings

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PAGES_OF_A_PASSWORD = ("/account", "/account/password", "/account/language", "/logout")
PAGES_OF_A_SECOND_FACTOR = ("/account/second-factor", "/account/language", "/logout")


class PersonFirst(APIRoute):
    """A route that asks who it is before it reads a byte of what was sent: FastAPI alone would read the body first."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The usual one, behind the question."""
        handle = super().get_route_handler()
        questions = [question for question in (signed_in, at_a_browser) if _asks(self.dependant, question)]

        async def known_first(request: Request) -> Response:
            try:
                for question in questions:
                    await question(request)
                return await handle(request)
            except NotAllowed:
                await _note_refusal(request)
                raise

        return known_first if questions else handle


async def _note_refusal(request: Request) -> None:
    """Records that a known person tried what they may not: the route, and nothing of what they sent."""
    person: Person | None = getattr(request.state, "person", None) or next(iter(getattr(request.state, "session", None) or ()), None)
    refusals: Refusals = request.app.state.refusals
    settings: Settings = request.app.state.settings
    await refusals.note(
        "not allowed",
        name=person.email if person else "(a form that is not ours)",
        route=f"{request.method} {request.scope['route'].path}",
        address=client_address(request, settings.trusted_proxies),
    )


def _asks(dependant: Dependant, question: object) -> bool:
    return dependant.call is question or any(_asks(inner, question) for inner in dependant.dependencies)


async def signed_in(request: Request) -> Person:
    """The person behind the request. A change that a browser sends needs the session's word in `X-CSRF-Token`."""
    person: Person | None = getattr(request.state, "person", None)
    if not person:
        person = request.state.person = await _identified(request)
    return person


async def _identified(request: Request) -> Person:
    database: Database = request.app.state.database
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        try:
            return await _of_token(database, token.strip())
        except NotSignedIn:
            refusals: Refusals = request.app.state.refusals
            settings: Settings = request.app.state.settings
            metrics.SIGN_IN_FAILURES.inc(way="token")
            await refusals.note("token refused", address=client_address(request, settings.trusted_proxies))
            raise
    signed_in_here = await of_cookie(request)
    if not signed_in_here:
        raise NotSignedIn("send `Authorization: Bearer TOKEN`; `parvis tokens issue EMAIL` makes one")
    person, csrf = signed_in_here
    must_have_own_password(person, request)
    if request.method not in SAFE:
        must_be_ours(request, request.headers.get("x-csrf-token"), csrf)
    return person


async def _of_token(database: Database, token: str) -> Person:
    now = clock.now()
    async with database.reading() as session:
        acting = await token_store.acting(session, token, now)
    if acting.is_to_note:
        async with database.transaction() as session:
            await token_store.note_use(session, token, now)
    return acting.person


def must_have_own_password(person: Person, request: Request) -> None:
    """Somebody with a one-time word chooses a password before anything else, and then sets up what else is asked of them.

    Raises AccountFirst, which leads a browser there.
    """
    path = request.url.path
    if person.must_change_password:
        if path not in PAGES_OF_A_PASSWORD:
            raise PasswordOfOnesOwn("the password was given to you for once: choose your own at /account first")
    elif person.must_set_second_factor and not path.startswith(PAGES_OF_A_SECOND_FACTOR):
        raise SecondFactorFirst("a second factor is asked of you here: set it up at /account/second-factor first")


async def at_a_browser(request: Request) -> tuple[Person, str]:
    """Who is signed in at this browser. Raises NotSignedIn, which leads to the sign-in page."""
    session: tuple[Person, str] | None = getattr(request.state, "session", None)
    if not session:
        session = request.state.session = await of_cookie(request)
    if not session:
        raise NotSignedIn("open /login in a browser")
    must_have_own_password(session[0], request)
    return session


async def of_cookie(request: Request) -> tuple[Person, str] | None:
    """Who is signed in at this browser, with the word that its forms carry."""
    token = session_cookie.read(request, session_cookie.SESSION)
    if not token:
        return None
    database: Database = request.app.state.database
    now = clock.now()
    async with database.reading() as session:
        present = await session_store.present(session, token, now)
    if present and present.is_to_note and not _is_by_itself(request):
        async with database.transaction() as session:
            await session_store.note_use(session, token, now, lasting(request))
    if not present:
        return None
    translation.write_in(present.person.language, present.person.time_zone)
    return present.person, present.csrf


def lasting(request: Request) -> Lasting:
    """How long sessions last here."""
    settings: Settings = request.app.state.settings
    return Lasting(timedelta(hours=settings.session_hours), timedelta(minutes=settings.session_idle_minutes))


def _is_by_itself(request: Request) -> bool:
    """Whether an open page asks by itself: that nobody sits there must end a session all the same."""
    return request.url.path in ("/live", "/ops/overview") or request.url.path.endswith("/presence")


async def caseworker(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Person:
    """Somebody who reads citizens' letters and, where something changes, works on them."""
    rules.must(person, for_cases(request))
    return person


def for_cases(request: Request) -> Power:
    """What a route of cases asks for: who may only look changes nothing."""
    return Power.READ_CASES if request.method in SAFE else Power.WORK_ON_CASES


def person_with(power: Power) -> Callable[..., Awaitable[Person]]:
    """Asks for the power before anything that was sent is looked at."""

    async def asked(person: Annotated[Person, Depends(signed_in)]) -> Person:
        rules.must(person, power)
        return person

    return asked


SignedInDep = Annotated[Person, Depends(signed_in)]
CaseworkerDep = Annotated[Person, Depends(caseworker)]
OperatorDep = Annotated[Person, Depends(person_with(Power.RUN_IT))]
LogReaderDep = Annotated[Person, Depends(person_with(Power.READ_LOG))]
LogExporterDep = Annotated[Person, Depends(person_with(Power.EXPORT_LOG))]
SwitcherDep = Annotated[Person, Depends(person_with(Power.SWITCH_DRAFTING))]
SafeguarderDep = Annotated[Person, Depends(person_with(Power.SET_SAFEGUARDS))]
FiguresDep = Annotated[Person, Depends(person_with(Power.SEE_FIGURES))]
TeacherDep = Annotated[Person, Depends(person_with(Power.TEACH))]
