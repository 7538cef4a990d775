"""Counts and times the answers of a service by route, never by address: a path may hold somebody's name."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.runtime import metrics
from services.runtime.metric_catalogue import OTHER

UNCOUNTED = frozenset(("/healthz", "/readyz", "/metrics"))
SERVER_ERROR = 500


class CountAnswers:
    """Stands outside of everything else, so that what the others refuse is counted as well."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands on and counts when the answer begins; an error that nobody answered becomes a 500 further out."""
        if scope["type"] != "http" or scope["path"] in UNCOUNTED:
            return await self._app(scope, receive, send)
        began = time.perf_counter()
        counted = False

        def count(status: int) -> None:
            nonlocal counted
            if counted:
                return
            counted = True
            route = route_of(scope)
            metrics.HTTP_REQUESTS.inc(service=self._service, method=scope["method"], route=route, status=f"{status // 100}xx")
            metrics.HTTP_SECONDS.observe(time.perf_counter() - began, service=self._service, route=route)

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                count(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception:
            count(SERVER_ERROR)
            raise


def route_of(scope: Scope) -> str:
    """The template of the route that answered, as `/v1/requests/{request_id}`; `other` where none did."""
    return getattr(scope.get("route"), "path", None) or OTHER
