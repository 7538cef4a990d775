"""The stream of changes that an open page listens to, as server-sent events."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event

from schemas.values import Prose
from services.review.cases.live.change_feed import ChangeFeed, Listener
from services.review.people import passwords, session_cookie
from services.review.people.authentication import PersonFirst
from services.review.people.pages import ReaderDep
from services.review.web.translation import reader

router = APIRouter(include_in_schema=False, route_class=PersonFirst)

KEEPALIVE_SECONDS = 15.0  # proxies cut what is silent for a minute
RETRY_MILLISECONDS = 2000
NO_BUFFER = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}  # nginx would hold events back
HIGHEST = 2**62


def mark_of(csrf: str) -> str:
    """Names the session for which a page was made, and gives nothing of it away."""
    return hashlib.sha256(f"live {csrf}".encode()).hexdigest()[:24]


@router.get("/live")
async def listen(
    request: Request,
    visitor: ReaderDep,
    session: Prose = "",
    after: Annotated[int, Query(ge=0, le=HIGHEST)] = 0,
) -> Response:
    """What happens to cases from now on, and what has happened since `after` or the browser's `Last-Event-ID`."""
    if not secrets.compare_digest(session.encode("utf-8", "surrogatepass"), mark_of(visitor.csrf).encode()):
        # Somebody else has signed in at this browser: the page that asks is not theirs. EventSource comes back after 200 only.
        return Response(status_code=204)
    feed: ChangeFeed = request.app.state.change_feed
    token = session_cookie.read(request, session_cookie.SESSION) or ""
    listener = await feed.join(passwords.hash_token(token), visitor.person, reader().language)
    return EventSourceResponse(_events(feed, listener, _last_seen(request, after)), headers=NO_BUFFER)


def _last_seen(request: Request, after: int) -> int:
    last = request.headers.get("last-event-id", "")
    return max(after, int(last)) if last.isascii() and last.isdigit() and len(last) < len(str(HIGHEST)) else after


async def _events(feed: ChangeFeed, listener: Listener, after: int) -> AsyncIterator[bytes]:
    try:
        number, missed = await feed.since(after, listener)
        yield format_sse_event(event="hello", data_str=missed or "{}", id=str(number), retry=RETRY_MILLISECONDS)
        while True:
            try:
                async with asyncio.timeout(KEEPALIVE_SECONDS):
                    message = await listener.waiting.get()
            except TimeoutError:
                yield KEEPALIVE_COMMENT
                continue
            if message is None:
                return
            yield format_sse_event(event="changes", data_str=message[1], id=str(message[0]))
    finally:
        feed.leave(listener)
