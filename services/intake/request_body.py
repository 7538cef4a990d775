"""Reads the body of an HTTP request, never more of it than is allowed."""

from collections.abc import AsyncGenerator

from fastapi import Request

from services.runtime import kafka_records
from services.runtime.errors import InvalidRecord, ParvisError
from services.runtime.trace_context import TRACEPARENT

MIB = 1024 * 1024
MAX_REQUEST_BYTES = MIB  # the longest letter with all the files that may travel with it is less


class NotJson(ParvisError):
    """The body can't be read at all."""

    status = 400
    title = "The body is not JSON"


class TooLarge(ParvisError):
    """More than is taken at once."""

    status = 413
    title = "Too large"


class Compressed(ParvisError):
    """Only plain bodies are read."""

    status = 415
    title = "Send the body uncompressed"


async def parts(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """The body as it comes in, at most `limit` bytes. Raises TooLarge as soon as it is longer, and Compressed where it is not plain."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Compressed("this Content-Encoding is not read here")
    length = request.headers.get("content-length", "")
    read = int(length) if length.isascii() and length.isdigit() else 0
    if read <= limit:
        read = 0
        async for part in request.stream():
            read += len(part)
            if read > limit:
                break
            yield part
    if read > limit:
        raise TooLarge(f"at most {limit // MIB} MiB are taken at once")


async def whole(request: Request, limit: int) -> bytes:
    """The body in one piece. Raises as `parts` does."""
    return b"".join([part async for part in parts(request, limit)])


def json_of(body: bytes) -> object:
    """The decoded JSON. Raises NotJson."""
    try:
        return kafka_records.read_json(body)
    except InvalidRecord as error:
        raise NotJson(error.detail, field=error.field) from None


def trace_headers(request: Request) -> dict[str, str]:
    """The caller's own trace, to be linked with the request's."""
    return {name: request.headers[name] for name in (TRACEPARENT,) if name in request.headers}
