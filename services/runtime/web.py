"""Builds the HTTP application of a service: problem details, body limit, security headers, health, metrics."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.telemetry import TelemetryConfig
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.runtime import metric_samples, metrics
from services.runtime.base_url import PublicAddress
from services.runtime.errors import NotSignedIn, ParvisError
from services.runtime.http_metrics import CountAnswers
from services.runtime.metric_samples import Samples
from services.runtime.readiness import Check, Readiness
from services.runtime.retry import is_outage, outage_of

log = logging.getLogger(__name__)

MIB = 1024 * 1024
MAX_BODY_BYTES = 32 * MIB
NO_DOCUMENT = {
    "Content-Security-Policy": "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""What no service has to be opened as in a browser is data there, and nothing else; pages say themselves what they are."""
MOST_DIGITS = 18  # a longer length is too long whatever it says, and Python refuses to read the longest


def problem(
    status: int, title: str, detail: str, *, errors: Sequence[dict[str, str]] = (), headers: dict[str, str] | None = None
) -> JSONResponse:
    """RFC 9457. `errors` names each field at fault."""
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if errors:
        body["errors"] = list(errors)
        body["field"] = errors[0]["field"]
    # Of a bug too, which is answered outside of every middleware.
    return JSONResponse(
        body, status, {"Cache-Control": "no-store", **NO_DOCUMENT, **(headers or {})}, media_type="application/problem+json"
    )


def render(error: ParvisError) -> JSONResponse:
    """One of our own errors as problem details."""
    headers = error.headers | ({"WWW-Authenticate": "Bearer"} if error.status == 401 else {})  # noqa: PLR2004
    errors = [{"field": error.field, "message": error.detail}] if error.field else []
    return problem(error.status, error.title, error.detail, errors=errors, headers=headers)


def field_errors(errors: Sequence[Any]) -> list[dict[str, str]]:
    """Pydantic's errors as field and message, without what was sent."""
    skip = ("body", "query", "path", "header")
    return [
        {"field": ".".join(str(p) for i, p in enumerate(e["loc"]) if i or p not in skip) or "body", "message": str(e["msg"])}
        for e in errors
    ]


class BodyLimit:
    """Refuses a body that is too long before it is in memory: by its Content-Length, and by the bytes that really come.

    It stands before everything that reads, and so before anybody is asked who they are. Paths that begin with one of `but_below` read no
    more than they want by themselves, so that they can say in words of their own that it was too much.
    """

    def __init__(self, app: ASGIApp, most_bytes: int, but_below: Sequence[str] = ()) -> None:
        self._app = app
        self._most = most_bytes
        self._but_below = tuple(but_below)
        self._detail = f"at most {most_bytes // MIB} MiB are taken at once"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands on what is short enough."""
        if scope["type"] != "http" or scope["path"].startswith(self._but_below):
            return await self._app(scope, receive, send)
        length = Headers(scope=scope).get("content-length", "")
        if length.isascii() and length.isdigit() and (len(length) > MOST_DIGITS or int(length) > self._most):
            return await problem(413, "Too large", self._detail)(scope, receive, send)
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most:
                raise HTTPException(413, self._detail)  # the one kind of error that FastAPI hands on from a body it reads
            return message

        return await self._app(scope, counted, send)


class KeptByNobody:
    """JSON may hold a citizen's words: no cache keeps it. No browser takes an answer for something else than it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Adds the headers where the answer has none of its own."""

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if "json" in headers.get("content-type", ""):
                    headers.setdefault("Cache-Control", "no-store")
                for name, value in NO_DOCUMENT.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, marked)


@dataclass(frozen=True)
class Edge:
    """How the service faces the outside: its address, whether only by https, and who may read metrics."""

    address: PublicAddress = field(default_factory=PublicAddress)
    https: bool = False
    metrics_token: str = ""


PROBES = frozenset(("/healthz", "/readyz", "/metrics"))
"""Asked by whoever runs the service, under whichever name it has there."""

METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
HSTS = "max-age=31536000; includeSubDomains"


class OwnHost:
    """Refuses a request for another host, and tells browsers to stay with https."""

    def __init__(self, app: ASGIApp, edge: Edge) -> None:
        self._app = app
        self._edge = edge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands on what is for us."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def safe(message: Message) -> None:
            if message["type"] == "http.response.start" and self._edge.https:
                MutableHeaders(scope=message).setdefault("Strict-Transport-Security", HSTS)
            await send(message)

        host = Headers(scope=scope).get("host", "")
        if scope["path"] in PROBES or self._edge.address.answers_to(host):
            return await self._app(scope, receive, safe)
        detail = f"this service is reached at {self._edge.address.url}: ask there; a proxy before it must pass the Host on"
        return await problem(421, "Another host", detail)(scope, receive, safe)


def may_read_figures(request: Request, token: str) -> bool:
    """Whether the caller may read metrics: by the token; without one set, from this machine itself, and through no proxy on it."""
    if token:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and secrets.compare_digest(given.strip().encode("utf-8", "surrogatepass"), token.encode())
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via")):
        return False
    try:
        return request.client is not None and ip_address(request.client.host.removeprefix("::ffff:")).is_loopback
    except ValueError:
        return False


async def _gone(_: Request, __: Exception) -> Response:
    return problem(400, "Request failed", "the body ended before its end")  # nobody reads it, and it is no fault of ours to log


def _allowed(request: Request, status: int) -> dict[str, str]:
    """What the path can be asked for, where it was asked for something else; a route by itself knows only its own method."""
    if status != 405:  # noqa: PLR2004
        return {}
    routes = request.app.router.routes
    methods = [name for name in METHODS if any(route.matches({**request.scope, "method": name})[0] is Match.FULL for route in routes)]
    return {"Allow": ", ".join(methods)}


async def _ours(_: Request, error: Exception) -> Response:
    assert isinstance(error, ParvisError)
    return render(error)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = field_errors(error.errors())
    return problem(422, "The request can't be used as it is", "; ".join(f"{e['field']}: {e['message']}" for e in errors), errors=errors)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {}) | _allowed(request, error.status_code)
    return problem(error.status_code, "Request failed", str(error.detail), headers=headers)


async def _bug(_: Request, error: Exception) -> Response:
    if is_outage(error):
        outage = outage_of(error)
        # Only what is away: where an answer had begun, what the outage tells whoever asked reaches nobody.
        log.warning("%s", outage.detail.partition(":")[0], exc_info=error)
        return render(outage)
    log.error("unexpected", exc_info=error)
    return problem(500, "Something went wrong", "It was logged. Nothing was changed that you were not told of; try again.")


_ANSWERS: Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    ClientDisconnect: _gone,
    ParvisError: _ours,
    RequestValidationError: _invalid,
    HTTPException: _http,
    Exception: _bug,
}


async def _healthz(request: Request) -> dict[str, str]:
    return {"status": "alive", "service": request.app.state.service}


async def _readyz(request: Request) -> Response:
    readiness: Readiness = request.app.state.readiness
    answer = await readiness.now()
    return JSONResponse(answer.model_dump(mode="json"), 200 if answer.status == "ready" else 503)


async def _metrics(request: Request) -> Response:
    if not may_read_figures(request, request.app.state.metrics_token):
        raise NotSignedIn("send `Authorization: Bearer` with PARVIS_METRICS_TOKEN; where that is not set, only this machine may ask")
    samples: Samples = request.app.state.samples
    await samples.refresh()
    content, media_type = metrics.exposition(request.app.state.service, request.headers.get("accept", ""))
    return Response(content, headers={"Content-Type": media_type})


def create(
    service: str,
    checks: Sequence[Check],
    lifespan: Callable[[FastAPI], contextlib.AbstractAsyncContextManager[None]],
    *,
    most_bytes: int = MIB,
    but_below: Sequence[str] = (),
    edge: Edge | None = None,
) -> FastAPI:
    """The application of one service, with what every service answers. `checks` decide on its readiness.

    No body may have more than `most_bytes`, but below the paths of `but_below`.
    """
    # FastAPI's own spans hold the query, which may be a search for a citizen's name, and its logs the texts of errors.
    untold: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
    app = FastAPI(title=f"Parvis {service}", lifespan=lifespan, docs_url=None, redoc_url=None, redirect_slashes=False, telemetry=untold)
    app.add_middleware(BodyLimit, most_bytes=most_bytes, but_below=but_below)
    app.add_middleware(KeptByNobody)
    edge = edge or Edge()
    app.state.address, app.state.metrics_token = edge.address, edge.metrics_token
    app.state.service, app.state.readiness = service, Readiness(service, checks)
    app.add_middleware(OwnHost, edge=edge)
    app.add_middleware(CountAnswers, service=service)
    app.state.samples = Samples(service)
    app.state.samples.add("readiness", metric_samples.readiness_of(service, app.state.readiness), [metrics.READY, metrics.WAITING_FOR])

    for error, answer in _ANSWERS.items():
        app.add_exception_handler(error, answer)
    for path, answer_of in (("/healthz", _healthz), ("/readyz", _readyz), ("/metrics", _metrics)):
        app.add_api_route(path, answer_of, include_in_schema=False)
    return app


@contextlib.asynccontextmanager
async def tasks(*running: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Runs them beside the application and cancels them when it ends."""
    started = [asyncio.create_task(task) for task in running]
    try:
        yield
    finally:
        for task in started:
            task.cancel()
        await asyncio.gather(*started, return_exceptions=True)
