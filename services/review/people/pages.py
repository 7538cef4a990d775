"""The pages to sign in and out, and the list of people."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from schemas.values import Prose
from services.review.audit import store as audit
from services.review.people import rules, session_cookie, session_store, store
from services.review.people.authentication import SAFE, PersonFirst, at_a_browser, for_cases, of_cookie
from services.review.people.powers import Power
from services.review.people.rules import Person
from services.review.people.second_factor.factor_store import HALF_LASTS
from services.review.people.session_store import Way
from services.review.people.sign_in import Attempt, CodeAsked, Refused, SignedIn, SignIns
from services.review.people.single_sign_on.identity import Trouble
from services.review.people.single_sign_on.sign_on import SignOns
from services.review.web import translation
from services.review.web.forms import must_be_ours
from services.review.web.templating import Flash, Page, Viewer, flash_of, render
from services.runtime import clock, message_catalogues
from services.runtime.base_url import PublicAddress
from services.runtime.client_address import client_address
from services.runtime.database import Database
from services.runtime.message_catalogues import supported
from services.runtime.settings import OidcSettings, Settings

router = APIRouter(include_in_schema=False, route_class=PersonFirst)


@dataclass(frozen=True)
class Visitor:
    """A person at a browser."""

    person: Person
    csrf: str

    @property
    def viewer(self) -> Viewer:
        """What the layout shows of them."""
        person = self.person
        return Viewer(
            name=person.name,
            email=person.email,
            role=person.role.value,
            csrf=self.csrf,
            also=[role.value for role in person.also],
            powers=frozenset(power.name.lower() for power in Power if person.may(power)),
        )


async def visitor(request: Request, session: Annotated[tuple[Person, str], Depends(at_a_browser)]) -> Visitor:
    """Who is at the browser. A form must carry the session's word. Raises NotSignedIn, which leads to the sign-in page."""
    person, csrf = session
    if request.method not in SAFE:
        sent = (await request.form()).get("csrf")
        must_be_ours(request, sent if isinstance(sent, str) else None, csrf)
    return Visitor(person, csrf)


async def reader(request: Request, visitor: Annotated[Visitor, Depends(visitor)]) -> Visitor:
    """Somebody who reads citizens' letters and, where something changes, works on them."""
    rules.must(visitor.person, for_cases(request))
    return visitor


def visitor_with(power: Power) -> Callable[..., Awaitable[Visitor]]:
    """Asks for the power before anything that was sent is looked at."""

    async def asked(visitor: Annotated[Visitor, Depends(visitor)]) -> Visitor:
        rules.must(visitor.person, power)
        return visitor

    return asked


async def viewer_of(request: Request) -> Viewer | None:
    """Who looks at a page that anybody may see, if they are signed in."""
    session: tuple[Person, str] | None = getattr(request.state, "session", None) or await of_cookie(request)
    return Visitor(*session).viewer if session else None


VisitorDep = Annotated[Visitor, Depends(visitor)]
LookerDep = Annotated[Visitor, Depends(visitor_with(Power.READ_CASES))]
ReaderDep = Annotated[Visitor, Depends(reader)]
OperatorDep = Annotated[Visitor, Depends(visitor_with(Power.RUN_IT))]
SwitcherDep = Annotated[Visitor, Depends(visitor_with(Power.SWITCH_DRAFTING))]
SafeguarderDep = Annotated[Visitor, Depends(visitor_with(Power.SET_SAFEGUARDS))]
LogExporterDep = Annotated[Visitor, Depends(visitor_with(Power.EXPORT_LOG))]
FiguresDep = Annotated[Visitor, Depends(visitor_with(Power.SEE_FIGURES))]
TeacherDep = Annotated[Visitor, Depends(visitor_with(Power.TEACH))]
KeeperDep = Annotated[Visitor, Depends(visitor_with(Power.KEEP_PEOPLE))]


class LoginPage(Page):
    """The sign-in form; `wrong` does not say which of the two was. With `wait`, the next try is looked at after so many seconds.

    `single_sign_on` is what the provider is called, where there is one; `passwords` says whether everybody's are taken beside it.
    """

    next: str
    email: str = ""
    wrong: bool = False
    wait: int = 0
    csrf: str
    languages: list[tuple[str, str]] = message_catalogues.NAMES
    single_sign_on: str = ""
    passwords: bool = True
    trouble: Trouble | None = None


class SignedOutPage(Page):
    """Leads on to the provider, which has a session of its own."""

    name: str
    end_session_url: str


class LoginForm(BaseModel):
    """What the sign-in form sends."""

    email: Prose = ""
    password: str = ""  # as it was typed, whatever that is
    next: Prose = "/"


def local(address: str) -> str:
    """The address if it is a page of ours, otherwise the start: a link to the sign-in page must not lead elsewhere."""
    plain = address.isprintable() and "\\" not in address and address.startswith("/") and not address.startswith("//")
    parts = urlsplit(address) if plain else None
    ours = parts and not parts.scheme and not parts.netloc and parts.path not in ("/login", "/login/code", "/logout")
    return address if ours else "/"


def show_sign_in(
    request: Request,
    next_page: str,
    *,
    status: int = 200,
    flash: Flash | None = None,
    email: str = "",
    wrong: bool = False,
    wait: int = 0,
    trouble: Trouble | None = None,
) -> Response:
    """The sign-in page, with whatever went wrong."""
    oidc: OidcSettings = request.app.state.settings.oidc
    page = LoginPage(
        now=clock.now(),
        flash=flash,
        next=local(next_page),
        email=email[:254],
        wrong=wrong,
        wait=wait,
        csrf=session_cookie.read(request, session_cookie.FORM) or secrets.token_urlsafe(32),
        single_sign_on=oidc.name if oidc.configured else "",
        passwords=not oidc.only,
        trouble=trouble,
    )
    response = render("login.html", page, status)
    session_cookie.write(request, response, session_cookie.FORM, page.csrf)
    return response


def begin_session(request: Request, response: Response, token: str) -> None:
    """Gives the browser its session."""
    settings: Settings = request.app.state.settings
    seconds = int(timedelta(hours=settings.session_hours).total_seconds())
    session_cookie.write(request, response, session_cookie.SESSION, token, seconds=seconds)


@router.get("/login")
async def show_login(request: Request, next: str = "/", flash: str | None = None, language: str | None = None) -> Response:  # noqa: A002 - its name in the address
    """The sign-in form, or straight on for whoever is signed in. A language that is chosen here stays this browser's."""
    if await of_cookie(request):
        return RedirectResponse(local(next), 303)
    chosen = supported(language)
    translation.write_in(chosen or "")
    response = show_sign_in(request, next, flash=flash_of(flash))
    if chosen:
        settings: Settings = request.app.state.settings
        translation.keep(response, chosen, secure=settings.pages_by_https)
    return response


@router.post("/login")
async def sign_in(request: Request, form: Annotated[LoginForm, Form()]) -> Response:
    """Begins a session. What is wrong, the address or the password, is not said."""
    sent = (await request.form()).get("csrf")
    must_be_ours(request, sent if isinstance(sent, str) else None, session_cookie.read(request, session_cookie.FORM) or "")
    sign_ins: SignIns = request.app.state.sign_ins
    outcome = await sign_ins.attempt(attempt_of(request, form.email, form.password))
    if isinstance(outcome, Refused):
        return _refused(request, form, outcome.wait)
    if isinstance(outcome, CodeAsked):
        response = RedirectResponse(f"/login/code?{urlencode({'next': local(form.next)})}", 303)
        session_cookie.write(request, response, session_cookie.HALF, outcome.half, seconds=int(HALF_LASTS.total_seconds()))
        return response
    return go_on(request, outcome, form.next)


def attempt_of(request: Request, email: str = "", password: str = "") -> Attempt:
    """Who tries to sign in, from where, and with which browser."""
    settings: Settings = request.app.state.settings
    device, before = (session_cookie.read(request, name) for name in (session_cookie.DEVICE, session_cookie.SESSION))
    address = client_address(request, settings.trusted_proxies)
    return Attempt(email, password, address, device, before, request.headers.get("user-agent", ""))


def go_on(request: Request, signed_in: SignedIn, next_page: str) -> Response:
    """Gives the browser its cookies and leads it on."""
    response = RedirectResponse(local(next_page), 303)
    begin_session(request, response, signed_in.session)
    kept = int(store.DEVICE_FORGOTTEN_AFTER.total_seconds())
    session_cookie.write(request, response, session_cookie.DEVICE, signed_in.device, seconds=kept)
    session_cookie.drop(request, response, session_cookie.FORM)
    return response


def _refused(request: Request, form: LoginForm, wait: int) -> Response:
    response = show_sign_in(request, form.next, status=429 if wait else 401, email=form.email, wrong=not wait, wait=wait)
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


@router.post("/logout")
async def sign_out(request: Request, visitor: VisitorDep) -> Response:
    """Ends the session here and in the database, and shows the way on to where it ends at the provider."""
    database: Database = request.app.state.database
    token = session_cookie.read(request, session_cookie.SESSION) or ""
    async with database.transaction() as session:
        way = await session_store.way_of(session, token)
        await session_store.sign_out(session, token)
        await audit.add(session, audit.Entry(clock.now(), visitor.person.email, "signed out"))
    elsewhere = await _end_session_url(request) if way is Way.SINGLE_SIGN_ON else None
    if elsewhere:
        # A page, since browsers hold a redirect after a form to the policy's form-action: only our own pages take forms.
        name = request.app.state.settings.oidc.name
        response: Response = render("signed_out.html", SignedOutPage(now=clock.now(), name=name, end_session_url=elsewhere))
    else:
        response = RedirectResponse(f"/login?flash={Flash.SIGNED_OUT}", 303)
    # Letters that were open in this browser leave it as well; its cookies are dropped one by one, since one of them is to stay.
    # Not "storage": the script takes out what it has sent, and somebody else's unsent words may wait there for them.
    response.headers["Clear-Site-Data"] = '"cache"'
    session_cookie.drop(request, response, session_cookie.SESSION)
    return response


async def _end_session_url(request: Request) -> str | None:
    sign_ons: SignOns | None = request.app.state.sign_ons
    back = own_address(request, "/login")
    return await sign_ons.end_session_url(back) if sign_ons and back else None


def own_address(request: Request, path: str) -> str | None:
    """The whole address of a page of ours; None where nobody said under which name people reach it."""
    address: PublicAddress = request.app.state.address
    whole = address.link(path, request.headers.get("host", ""), request.url.scheme)
    return whole if whole != path else None
