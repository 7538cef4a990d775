"""CSRF protection of forms, and the security headers of every answer."""

import secrets
from collections.abc import Awaitable, Callable

from fastapi import Request, Response

from services.runtime.base_url import PublicAddress
from services.runtime.errors import NotAllowed

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "object-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}


async def guard_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Every answer says what a browser may do with it; what holds a citizen's words is not kept in caches."""
    response = await call_next(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    # A static file's address changes with its content, so a day is safe even for an address without the mark.
    kept = request.url.path.startswith("/static/") and response.status_code < 400  # noqa: PLR2004
    response.headers.setdefault("Cache-Control", "public, max-age=86400" if kept else "no-store")
    return response


def must_be_ours(request: Request, sent: str | None, expected: str) -> None:
    """Raises NotAllowed unless the form carries the session's word and comes from our own pages."""
    if _is_foreign(request) or not sent or not _same(sent, expected):
        raise NotAllowed("the form did not come from a page of ours, or the page is too old: go back, load it again, and send it once more")


def _is_foreign(request: Request) -> bool:
    origin = request.headers.get("origin", "null")
    address: PublicAddress = request.app.state.address
    return origin != "null" and not address.sent_from_here(origin, request.headers.get("host", ""))


def _same(sent: str, expected: str) -> bool:
    # As bytes: of text, compare_digest takes ASCII only, and what is sent may be anything.
    return secrets.compare_digest(sent.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass"))
