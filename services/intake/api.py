"""The HTTP API for agencies: takes requests, one or many, and shows what became of them."""

import codecs
import hashlib
import itertools
import json
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta
from typing import IO, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from opentelemetry.trace import format_trace_id
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, IntegrityError

from schemas.optional_fields import DroppedField
from services.intake import acceptance, rules, store
from services.intake.acceptance import Accepted, Caller, Outcome, Sent
from services.intake.authentication import AgencyDep, DatabaseDep
from services.intake.quota import Quota, Quotas
from services.intake.response_bodies import Dropped, LineReceipt, Receipt, RefusedRecord, Reply, RequestStatus, Warned
from services.intake.rules import Status
from services.runtime import clock, kafka_records, telemetry, web
from services.runtime.database import Database
from services.runtime.errors import InvalidInput, InvalidRecord, NotFound, ParvisError
from services.runtime.outbox import Relay
from services.runtime.trace_context import TRACEPARENT

MAX_REQUEST_BYTES = 1024 * 1024  # the longest letter with all the files that may travel with it is less
MAX_BATCH_BYTES = web.MAX_BODY_BYTES
MAX_BATCH_LINES = 50_000
LINES_AT_ONCE = 100  # one commit for so many: a disk that syncs in 5 ms would else allow 200 a second
IN_MEMORY = 2 * 1024 * 1024  # a larger batch waits in an unnamed file
MAX_KEY = 255

routes = APIRouter()


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


class QuotaUsed(ParvisError):
    """The key has handed over as many requests as it may for now."""

    status = 429
    title = "Too many requests"

    def __init__(self, quota: Quota) -> None:
        super().__init__(f"this key has used its quota: send it again in {quota.wait} s; nothing was kept of it")
        self.headers = quota.headers


def _patience(request: Request) -> timedelta:
    patience: timedelta = request.app.state.patience
    return patience


def _relay(request: Request) -> Relay:
    relay: Relay = request.app.state.relay
    return relay


PatienceDep = Annotated[timedelta, Depends(_patience)]
RelayDep = Annotated[Relay, Depends(_relay)]


def _take(request: Request, wanted: int) -> Quota | None:
    """Takes `wanted` requests off the key's quota; the key itself is not kept for it."""
    quotas: Quotas = request.app.state.quotas
    key = hashlib.sha256(request.headers.get("authorization", "").encode()).hexdigest()
    return quotas.take(key, wanted, time.monotonic())


async def _within_quota(request: Request, response: Response, agency: AgencyDep) -> str:
    """The agency, where its key may hand over one more request."""
    quota = _take(request, 1)
    if quota and not quota.granted:
        raise QuotaUsed(quota)
    response.headers.update(quota.headers if quota else {})
    return agency


def _key(key: Annotated[str | None, Header(alias="Idempotency-Key")] = None) -> str | None:
    if key is not None and not 1 <= len(key) <= MAX_KEY:
        raise InvalidInput(f"an Idempotency-Key has 1 to {MAX_KEY} characters", field="Idempotency-Key")
    return key


SenderDep = Annotated[str, Depends(_within_quota)]
KeyDep = Annotated[str | None, Depends(_key)]


@routes.post("/v1/requests", status_code=202)
async def post_request(
    request: Request, agency: SenderDep, key: KeyDep, database: DatabaseDep, patience: PatienceDep, relay: RelayDep
) -> Receipt:
    """Takes one request. It is on disk before this answers."""
    body = b"".join([part async for part in _parts(request, MAX_REQUEST_BYTES)])
    caller = Caller(agency, "/v1/requests", _trace_headers(request))
    [outcome] = await _accept(database, caller, [Sent(_json(body), key)], patience)
    if isinstance(outcome, ValidationError):
        raise RequestValidationError([{**e, "loc": ("body", *e["loc"])} for e in outcome.errors()])
    if isinstance(outcome, ParvisError):
        raise outcome
    relay.wake()
    return Receipt(**_receipt(request, outcome))


@routes.post("/v1/requests/batch")
async def post_batch(
    request: Request, agency: AgencyDep, key: KeyDep, database: DatabaseDep, patience: PatienceDep, relay: RelayDep
) -> StreamingResponse:
    """Takes a request a line and answers a result a line, in the same order.

    The whole of it is read first: many clients read no answer before they have sent everything, and would wait for ever.
    """
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed after the last line is answered
    try:
        count = 1
        async for part in _parts(request, MAX_BATCH_BYTES):
            count += part.count(b"\n")
            if count > MAX_BATCH_LINES + 1:
                raise TooLarge(f"a batch has at most {MAX_BATCH_LINES} lines: send it in parts")  # noqa: TRY301
            file.write(part)
        file.seek(0)
    except BaseException:
        file.close()
        raise

    caller = Caller(agency, "/v1/requests/batch", _trace_headers(request))

    async def results() -> AsyncIterator[bytes]:
        with file:
            lines = _lines(file)
            while group := list(itertools.islice(lines, LINES_AT_ONCE)):
                sent = [Sent(_line(text), f"{key}/{number}" if key else None) for number, text in group]
                quota = _take(request, len(sent))
                granted = quota.granted if quota else len(sent)
                outcomes: list[Outcome | DBAPIError] = await _accept_batch(database, caller, sent[:granted], patience) if granted else []
                outcomes += [QuotaUsed(quota)] * (len(sent) - granted) if quota else []
                relay.wake()
                yield b"".join(_result(request, number, outcome) for (number, _), outcome in zip(group, outcomes, strict=True))

    return StreamingResponse(results(), media_type="application/x-ndjson")


@routes.get("/v1/requests/{request_id}")
async def show_request(request_id: UUID, agency: AgencyDep, database: DatabaseDep) -> RequestStatus:
    """Where the request stands, and the reply once a person has decided on it."""
    async with database.reading() as session:
        status = await store.status_of(session, request_id, agency)
        taken = await store.request_in_journal(session, request_id, agency)
        refusals = await store.refusals(session, request_id, agency)
    if status is None and refusals:
        newest = refusals[0]
        status = Status(request_id, agency, "conflict", newest.refused_at)
    if status is None:
        raise NotFound(f"this agency has no request {request_id}")
    replied = status.decided_at and status.reply_body is not None
    return RequestStatus(
        request_id=request_id,
        state=status.state,
        category=status.category,
        department=status.department,
        reply=Reply(subject=status.reply_subject, body=status.reply_body, decided_at=status.decided_at) if replied else None,
        updated_at=status.updated_at,
        trace_id=status.trace_id or format_trace_id(telemetry.trace_id_of(request_id)),
        refusals=[RefusedRecord.model_validate(refusal, from_attributes=True) for refusal in refusals],
        dropped=_dropped(taken.dropped) if taken else [Dropped(**note) for note in status.left_out],
        warnings=[Warned(field=warning.field, message=warning.message) for warning in rules.warnings(taken)] if taken else [],
    )


def _dropped(notes: Sequence[DroppedField]) -> list[Dropped]:
    return [Dropped(field=note.field, message=note.message) for note in notes]


async def _parts(request: Request, limit: int) -> AsyncIterator[bytes]:
    """The body as it comes in; stops at once where it is too long."""
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
        raise TooLarge(f"at most {limit // 1024 // 1024} MiB are taken at once")


def _json(body: bytes) -> object:
    try:
        return kafka_records.read_json(body)
    except InvalidRecord as error:
        raise NotJson(error.detail, field=error.field) from None


def _trace_headers(request: Request) -> dict[str, str]:
    return {name: request.headers[name] for name in (TRACEPARENT,) if name in request.headers}


def _receipt(request: Request, accepted: Accepted) -> dict[str, Any]:
    return {
        "request_id": accepted.request_id,
        "status_url": request.app.state.address.link(
            str(request.app.url_path_for("show_request", request_id=str(accepted.request_id))),
            request.headers.get("host", ""),
            request.url.scheme,
        ),
        "trace_id": format_trace_id(telemetry.trace_id_of(accepted.request_id)),
        "dropped": [{"field": hint.field, "message": hint.message} for hint in accepted.dropped],
        "warnings": [{"field": warning.field, "message": warning.message} for warning in accepted.warnings],
    }


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes | ParvisError]]:
    """The lines that hold something, by number. Of one that is too long, only that is kept."""
    number = 0
    while line := file.readline(MAX_REQUEST_BYTES + 1):
        number += 1
        if len(line) > MAX_REQUEST_BYTES:
            while line and not line.endswith(b"\n"):
                line = file.readline(MAX_REQUEST_BYTES)
            yield number, TooLarge("a line has at most 1 MiB")
        elif line.removeprefix(codecs.BOM_UTF8).strip():
            yield number, line


def _line(text: bytes | ParvisError) -> object:
    try:
        return text if isinstance(text, ParvisError) else _json(text)
    except NotJson as error:
        return error


async def _accept(database: Database, caller: Caller, sent: Sequence[Sent], patience: timedelta) -> list[Outcome]:
    """All in one transaction, committed when this returns."""
    for tries_left in (1, 0):
        try:
            async with database.transaction() as session:
                return await acceptance.accept_all(session, caller, sent, clock.now(), patience)
        except IntegrityError:
            if not tries_left:
                raise
    raise AssertionError


async def _accept_batch(database: Database, caller: Caller, sent: Sequence[Sent], patience: timedelta) -> list[Outcome | DBAPIError]:
    """All at once; where the database refuses them as a whole, each by itself."""
    try:
        return [*await _accept(database, caller, sent, patience)]
    except DBAPIError:
        outcomes: list[Outcome | DBAPIError] = []
        for line in sent:
            try:
                outcomes += await _accept(database, caller, [line], patience)
            except DBAPIError as error:
                outcomes.append(error)
        return outcomes


def _result(request: Request, number: int, outcome: Outcome | DBAPIError) -> bytes:
    if isinstance(outcome, Accepted):
        return LineReceipt(line=number, **_receipt(request, outcome)).model_dump_json().encode() + b"\n"
    status, title, errors = 503, "Not available for now", [{"field": "", "message": "it could not be kept: send this line again"}]
    if isinstance(outcome, ParvisError):
        status, title, errors = outcome.status, outcome.title, [{"field": outcome.field or "", "message": outcome.detail}]
    elif isinstance(outcome, ValidationError):
        status, title, errors = 422, InvalidInput.title, web.field_errors(outcome.errors())
    detail = "; ".join(f"{e['field']}: {e['message']}" if e["field"] else e["message"] for e in errors)
    line = {"line": number, "status": status, "title": title, "detail": detail, "errors": [e for e in errors if e["field"]]}
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"
