"""Reads and writes the session cookies: under `__Host-` names where people come by https, which no other host can set."""

from collections.abc import Awaitable, Callable

from fastapi import Request, Response

from services.runtime.settings import Settings

SESSION = "parvis_session"
FORM = "parvis_form"
"""Holds the word of the sign-in form, which has no session yet to carry it."""
DEVICE = "parvis_browser"
"""Tells a browser that somebody has signed in with before: wrong tries from elsewhere do not keep them out there."""

HALF = "parvis_half_sign_in"
"""Holds a sign-in whose password was right and that waits for a code."""
FLOW = "parvis_single_sign_on"
"""Holds what a way to the provider and back is recognised by."""


def name_of(request: Request, name: str) -> str:
    """`__Host-` makes browsers refuse it without Secure, with a Domain, or for a part of the paths."""
    settings: Settings = request.app.state.settings
    return f"__Host-{name}" if settings.pages_by_https else name


def read(request: Request, name: str) -> str | None:
    """What the browser sent."""
    return request.cookies.get(name_of(request, name))


def write(request: Request, response: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    """Gives the browser a cookie that scripts cannot read. The form's word comes only with our own form; the others with links as well."""
    settings: Settings = request.app.state.settings
    response.set_cookie(
        name_of(request, name),
        value,
        max_age=seconds,
        httponly=True,
        samesite="lax" if name in (SESSION, FLOW) else "strict",
        secure=settings.pages_by_https,
        path="/" if name == SESSION or settings.pages_by_https else "/login",
    )


def drop(request: Request, response: Response, name: str) -> None:
    """Takes it away."""
    write(request, response, name, "", seconds=0)


async def drop_old_ones(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """A session that began before people came by https went over the wire in the open: it is not read, and taken away."""
    response = await call_next(request)
    settings: Settings = request.app.state.settings
    if settings.pages_by_https:
        for name in (SESSION, FORM, DEVICE, FLOW, HALF):
            if name in request.cookies:
                response.delete_cookie(name, path="/" if name == SESSION else "/login", httponly=True, secure=True)
    return response
