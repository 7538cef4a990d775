"""Renders errors as pages for browsers; programs get problem details."""

import inspect
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from services.review.web.phrases import fault, phrase
from services.review.web.templating import Page, Viewer, render
from services.runtime import clock
from services.runtime.errors import AccountFirst, NotSignedIn, ParvisError

Handler = Callable[[Request, Any], Response | Awaitable[Response]]


class ErrorPage(Page):
    """What went wrong and what to do about it."""

    status: int
    field: str = ""
    detail: str
    back: str


def show_errors_as_pages(app: FastAPI) -> None:
    """Puts a page around each way in which the application answers an error."""
    for kind in (ParvisError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _as_page(app.exception_handlers[kind]))


def wants_a_page(request: Request) -> bool:
    """A browser that goes somewhere says so; the API answers programs, whatever they accept."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")


def _as_page(handler: Handler) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def shown(request: Request, error: Exception) -> Response:
        answer = handler(request, error)
        response = await answer if inspect.isawaitable(answer) else answer
        if not wants_a_page(request):
            return response
        if isinstance(error, NotSignedIn):
            return RedirectResponse(sign_in_address(request), 303)
        if isinstance(error, AccountFirst):
            return RedirectResponse(error.page, 303)
        detail = _detail(error, json.loads(bytes(response.body)))
        viewer = await _viewer(request)
        field = (error.field or "") if isinstance(error, ParvisError) else ""
        page = ErrorPage(now=clock.now(), viewer=viewer, status=response.status_code, field=field, detail=detail, back=_back(request))
        answered = render("error.html", page, response.status_code)
        if "retry-after" in response.headers:
            answered.headers["Retry-After"] = response.headers["Retry-After"]
        return answered

    return shown


def _detail(error: Exception, problem: Mapping[str, Any]) -> str:
    """What the problem details say, for the reader: of our own errors without the field's name, which is for programs."""
    if isinstance(error, ParvisError):
        return fault(error)
    faults = problem.get("errors")
    return "; ".join(f"{each['field']}: {phrase(each['message'])}" for each in faults) if faults else phrase(str(problem.get("detail", "")))


async def _viewer(request: Request) -> Viewer | None:
    """Who is signed in, so that the page keeps their navigation; nobody where that can't be looked up now."""
    try:
        viewer: Viewer | None = await request.app.state.viewer_of(request)
    except Exception:  # noqa: BLE001 - what failed first is what the page is about
        return None
    return viewer


def sign_in_address(request: Request) -> str:
    """Where to sign in, and where to go on after it. What was posted is not repeated by itself: it leads back to the case."""
    there = request.url.path + (f"?{request.url.query}" if request.url.query else "") if request.method == "GET" else _back(request)
    if there == "/":
        return "/login"
    return f"/login?{urlencode({'next': there})}"


def _back(request: Request) -> str:
    """The case that a form belongs to, or the start."""
    parts = request.url.path.split("/")
    return "/".join(parts[:3]) if request.method == "POST" and parts[1:2] == ["cases"] and len(parts) > 3 else "/"  # noqa: PLR2004 - "", cases, id, action
