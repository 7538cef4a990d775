"""The HTTP API for agencies: takes requests, one or many, and shows what became of them."""

import codecs
import itertools
import json
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import IO, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from opentelemetry.trace import format_trace_id
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from schemas.optional_fields import DroppedField
from services.intake import acceptance, listing_store, multipart_request, request_body, rules, store
from services.intake.acceptance import Accepted, Caller, Outcome, Sent
from services.intake.authentication import DatabaseDep, IdentifiedDep, ReaderDep, bearer
from services.intake.dependencies import KeyDep, PatienceDep, QuotaUsed, RelayDep, SenderDep, take, take_for_bytes
from services.intake.documented import BATCH_ANSWER, BATCH_BODY, REQUEST_BODY, problems
from services.intake.incoming_files import IncomingFiles
from services.intake.listing import CURSOR, MOST_LISTED, Filters, Place, Since
from services.intake.request_body import MAX_REQUEST_BYTES, NotJson, TooLarge
from services.intake.response_bodies import (
    Dropped,
    LineReceipt,
    Receipt,
    RefusalList,
    Refused,
    RefusedRecord,
    Reply,
    RequestLine,
    RequestList,
    RequestStatus,
    Warned,
)
from services.intake.rules import State
from services.runtime import telemetry, web
from services.runtime.database import Database
from services.runtime.errors import InvalidInput, NotFound, ParvisError

MAX_BATCH_BYTES = web.MAX_BODY_BYTES
MAX_BATCH_LINES = 50_000
LINES_AT_ONCE = 100  # one commit for so many: a disk that syncs in 5 ms would else allow 200 a second
IN_MEMORY = 2 * 1024 * 1024  # a larger batch waits in an unnamed file

routes = APIRouter()


@routes.post("/v1/requests", status_code=202, responses=problems(400, 401, 403, 409, 413, 415, 422, 429), openapi_extra=REQUEST_BODY)
async def post_request(
    request: Request,
    response: Response,
    agency: SenderDep,
    database: DatabaseDep,
    patience: PatienceDep,
    relay: RelayDep,
    key: KeyDep = None,
) -> Receipt:
    """Takes one request, with its files where it comes in parts. It is on disk before this answers."""
    caller = Caller(agency, "/v1/requests", request_body.trace_headers(request))
    if in_parts := multipart_request.is_sent(request):
        caller, sent = await _with_files(request, response, caller, database, key)
    else:
        sent = Sent(request_body.json_of(await request_body.whole(request, MAX_REQUEST_BYTES)), key)
    [outcome] = await acceptance.accept(database, caller, [sent], patience)
    if isinstance(outcome, ValidationError):
        place = (multipart_request.PART,) if in_parts else ()
        raise RequestValidationError([{**e, "loc": ("body", *place, *e["loc"])} for e in outcome.errors()])
    if isinstance(outcome, ParvisError):
        raise multipart_request.of_its_part(outcome) if in_parts else outcome
    relay.wake()
    return Receipt(**_receipt(request, outcome))


async def _with_files(request: Request, response: Response, caller: Caller, database: Database, key: str | None) -> tuple[Caller, Sent]:
    """The request that comes in parts, its files looked through and in the store: what is in the journal has all that it names."""
    sent = await multipart_request.read(request)
    take_for_bytes(request, response, bearer(request), sent.bytes_sent)
    files: IncomingFiles = request.app.state.files
    contents = [file.content for file in sent.files]
    verdicts = await files.verdicts([file.sha256 for file in sent.files], contents)
    multipart_request.must_be_clean(sent.files, verdicts)
    if not contents:
        return caller, Sent(sent.value, key)
    caller = replace(caller, stores_files=True)  # every file that it names now is one that came as a part
    item = Sent(sent.value, key, verdicts=verdicts)
    if await acceptance.may_be_taken(database, caller, item):
        await files.keep(caller.agency, contents)
    return caller, item


@routes.post("/v1/requests/batch", responses=problems(401, 403, 413, 415, 422) | BATCH_ANSWER, openapi_extra=BATCH_BODY)
async def post_batch(
    request: Request, identified: IdentifiedDep, database: DatabaseDep, patience: PatienceDep, relay: RelayDep, key: KeyDep = None
) -> StreamingResponse:
    """Takes a request a line and answers a result a line, in the same order.

    The whole of it is read first: many clients read no answer before they have sent everything, and would wait for ever.
    """
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed after the last line is answered
    try:
        count = 1
        async for part in request_body.parts(request, MAX_BATCH_BYTES):
            count += part.count(b"\n")
            if count > MAX_BATCH_LINES + 1:
                raise TooLarge(f"a batch has at most {MAX_BATCH_LINES} lines: send it in parts")  # noqa: TRY301
            file.write(part)
        file.seek(0)
    except BaseException:
        file.close()
        raise

    caller = Caller(identified.agency, "/v1/requests/batch", request_body.trace_headers(request))

    async def results() -> AsyncIterator[bytes]:
        with file:
            lines = _lines(file)
            while group := list(itertools.islice(lines, LINES_AT_ONCE)):
                sent = [Sent(_line(text), f"{key}/{number}" if key else None) for number, text in group]
                quota = take(request, identified.token, len(sent))
                granted = quota.granted if quota else len(sent)
                outcomes: list[Outcome | DBAPIError] = await _accept_batch(database, caller, sent[:granted], patience) if granted else []
                outcomes += [QuotaUsed(quota)] * (len(sent) - granted) if quota else []
                relay.wake()
                yield b"".join(_result(request, number, outcome) for (number, _), outcome in zip(group, outcomes, strict=True))

    return StreamingResponse(results(), media_type="application/x-ndjson")


CursorQuery = Annotated[str | None, Query(pattern=CURSOR, description="`next_cursor` of the page before")]
LimitQuery = Annotated[int, Query(ge=1, le=MOST_LISTED)]


@routes.get("/v1/requests", responses=problems(401, 403, 422))
async def list_requests(
    agency: ReaderDep,
    database: DatabaseDep,
    *,
    cursor: CursorQuery = None,
    limit: LimitQuery = 50,
    state: Annotated[list[State] | None, Query(description="one or several; all where absent")] = None,
    updated_after: Annotated[Since | None, Query(description="RFC 3339 with an offset: what has changed since then")] = None,
) -> RequestList:
    """The agency's requests, the newest first, by HTTP and by Kafka alike."""
    after = _place(cursor)
    filters = Filters(states=tuple(state) if state else None, updated_from=updated_after)
    async with database.reading() as session:
        listed = await listing_store.requests_of(session, agency, filters, limit=limit + 1, after=after)
    shown = listed[:limit]
    items = [RequestLine.model_validate(entry, from_attributes=True) for entry in shown]
    return RequestList(items=items, next_cursor=str(shown[-1].place) if len(listed) > limit else None)


@routes.get("/v1/refusals", responses=problems(401, 403, 422))
async def list_refusals(
    agency: ReaderDep,
    database: DatabaseDep,
    *,
    cursor: CursorQuery = None,
    limit: LimitQuery = 50,
) -> RefusalList:
    """Records on Kafka in the agency's name that could not be read or were not accepted, the newest first."""
    after = _place(cursor)
    async with database.reading() as session:
        listed = await listing_store.refusals_of(session, agency, limit=limit + 1, after=after)
    shown = listed[:limit]
    items = [Refused.model_validate(refusal, from_attributes=True) for refusal in shown]
    last = Place(shown[-1].refused_at, shown[-1].letter_id) if len(listed) > limit else None
    return RefusalList(items=items, next_cursor=str(last) if last else None)


def _place(cursor: str | None) -> Place | None:
    try:
        return Place.read(cursor) if cursor else None
    except ValueError:
        raise InvalidInput("give next_cursor of the page before", field="cursor") from None


@routes.get("/v1/requests/{request_id:uuid}", responses=problems(401, 403, 404, 422))
async def show_request(request_id: UUID, agency: ReaderDep, database: DatabaseDep) -> RequestStatus:
    """Where the request stands, and the reply once a person has decided on it."""
    async with database.reading() as session:
        status = await store.status_of(session, request_id, agency)
        taken = await store.request_in_journal(session, request_id, agency)
        refusals = await store.refusals(session, request_id, agency)
    if status is None and refusals:
        status = rules.without_request(refusals[0], request_id)
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


def _receipt(request: Request, accepted: Accepted) -> dict[str, Any]:
    return {
        "request_id": accepted.request_id,
        "status_url": request.app.state.address.link(
            str(request.app.url_path_for("show_request", request_id=accepted.request_id)),
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
        return text if isinstance(text, ParvisError) else request_body.json_of(text)
    except NotJson as error:
        return error


async def _accept_batch(database: Database, caller: Caller, sent: Sequence[Sent], patience: timedelta) -> list[Outcome | DBAPIError]:
    """All at once; where the database refuses them as a whole, each by itself."""
    try:
        return [*await acceptance.accept(database, caller, sent, patience)]
    except DBAPIError:
        outcomes: list[Outcome | DBAPIError] = []
        for line in sent:
            try:
                outcomes += await acceptance.accept(database, caller, [line], patience)
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
