"""Answers every fault of an Open311 route as the specification has it: a list of code and description, in the format that was asked for."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from services.intake.open311.documents import Encoding, Fault, document
from services.runtime import web
from services.runtime.errors import ParvisError

KEPT = {403, 404, 413, 429, 500, 503}
"""What clients can do something with; anything else is 400, and a key that is missing or wrong 403."""


def encoding_of(request: Request) -> Encoding:
    """JSON where the path ends so, else XML, which each client of Open311 reads."""
    return "json" if request.url.path.endswith(".json") else "xml"


def status_of(status: int) -> int:
    """The status of GeoReport v2 for one of HTTP's."""
    if status == 401:  # noqa: PLR2004
        return 403
    return status if status in KEPT else 400


class Open311Route(APIRoute):
    """A route whose faults are documents of Open311."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, with its faults rendered."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except ParvisError as error:
                status, faults, headers = error.status, [error.detail], error.headers
            except RequestValidationError as error:
                fields = web.field_errors(error.errors())
                status, faults, headers = 400, [f"{fault['field']}: {fault['message']}" for fault in fields], {}
            except HTTPException as error:
                status, faults, headers = error.status_code, [str(error.detail)], dict(error.headers or {})
            code = status_of(status)
            errors = [Fault(code=code, description=fault) for fault in faults]
            return document(encoding_of(request), "errors", errors, status=code, headers={"Cache-Control": "no-store", **headers})

        return handled
