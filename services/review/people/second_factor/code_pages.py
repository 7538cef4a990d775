"""The page that asks for the second factor's code while signing in."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from schemas.values import Prose
from services.review.people import session_cookie
from services.review.people.pages import attempt_of, go_on, local
from services.review.people.second_factor.second_step import Over, SecondSteps
from services.review.people.sign_in import Refused
from services.review.web.forms import must_be_ours
from services.review.web.templating import Page, render
from services.runtime import clock

router = APIRouter(include_in_schema=False)


class CodePage(Page):
    """The form for the code."""

    next: str
    csrf: str
    wrong: bool = False
    wait: int = 0


class CodeForm(BaseModel):
    """What it sends."""

    code: Prose = ""
    next: Prose = "/"


def _page(request: Request, next_page: str, *, status: int = 200, wrong: bool = False, wait: int = 0) -> Response:
    csrf = session_cookie.read(request, session_cookie.FORM) or secrets.token_urlsafe(32)
    response = render("code.html", CodePage(now=clock.now(), next=local(next_page), csrf=csrf, wrong=wrong, wait=wait), status)
    session_cookie.write(request, response, session_cookie.FORM, csrf)
    return response


@router.get("/login/code")
async def show_code(request: Request, next: str = "/") -> Response:  # noqa: A002 - its name in the address
    """The form, for whoever has typed the right password a moment ago."""
    if not session_cookie.read(request, session_cookie.HALF):
        return RedirectResponse("/login", 303)
    return _page(request, next)


@router.post("/login/code")
async def send_code(request: Request, form: Annotated[CodeForm, Form()]) -> Response:
    """Begins the session, or says that the code is wrong; after five minutes the password is asked for again."""
    sent = (await request.form()).get("csrf")
    must_be_ours(request, sent if isinstance(sent, str) else None, session_cookie.read(request, session_cookie.FORM) or "")
    steps: SecondSteps = request.app.state.second_steps
    half = session_cookie.read(request, session_cookie.HALF) or ""
    try:
        outcome = await steps.attempt(half, form.code, attempt_of(request))
    except Over:
        response: Response = RedirectResponse("/login", 303)
        session_cookie.drop(request, response, session_cookie.HALF)
        return response
    if isinstance(outcome, Refused):
        response = _page(request, form.next, status=429 if outcome.wait else 401, wrong=not outcome.wait, wait=outcome.wait)
        if outcome.wait:
            response.headers["Retry-After"] = str(outcome.wait)
        return response
    response = go_on(request, outcome, form.next)
    session_cookie.drop(request, response, session_cookie.HALF)
    return response
