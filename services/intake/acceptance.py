"""Accepts requests: journal, idempotency and the outgoing event are rows of the caller's transaction, all or none."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from opentelemetry.trace import SpanKind
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError

from schemas.optional_fields import DroppedField
from schemas.requests_received import RequestReceived
from services.domain.request_content_hash import content_of, digest_of
from services.intake import intake_metrics, rules, store
from services.runtime import clock, outbox, telemetry
from services.runtime.database import Database, Session
from services.runtime.errors import Conflict, InvalidInput, ParvisError
from services.runtime.file_scanner import Verdict

SERVICE = "intake"


class ContentDiffers(Conflict):
    """The agency used this request id before, for other content."""

    title = "This request_id was used for another request"


class IdTaken(Conflict):
    """The id is another agency's: says no more than that."""

    title = "This request_id is taken"


class KeyReused(InvalidInput):
    """An Idempotency-Key came again with another body."""

    title = "The Idempotency-Key was used for another request"


@dataclass(frozen=True)
class Caller:
    """Whose requests these are, the way they came (a path of the API, or `imap` and the like), and the trace headers of a call.

    `stores_files`: what it says of files in the store of files is our own word; of anybody else, a digest would open another case's file.
    `reopens`: the page behind a reply's link, which alone says by which reply a matter was not solved.
    """

    agency: str
    route: str = "/v1/requests"
    headers: dict[str, str] = field(default_factory=dict)
    stores_files: bool = False
    reopens: bool = False

    @property
    def attributes(self) -> dict[telemetry.Attribute, str]:
        """Of the span in which a request is accepted."""
        if self.route.startswith("/"):
            return {"http.request.method": "POST", "http.route": self.route}
        return {"network.protocol.name": self.route}


@dataclass(frozen=True)
class Sent:
    """Decoded JSON, the Idempotency-Key that it came under, and the category that the sender chose for it.

    `verdicts`: what a scanner said of its files, by SHA-256. It is no content: a try again may hear more.
    """

    value: object
    key: str | None = None
    chosen_category: str | None = None
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)


@dataclass(frozen=True)
class Accepted:
    """The id of the request, a new one or the one that it was before, what of it could not be used, and what will not serve."""

    request_id: UUID
    dropped: Sequence[DroppedField] = ()
    warnings: Sequence[rules.FieldWarning] = ()


Outcome = Accepted | ParvisError | ValidationError
"""What was taken, or why it was not."""


Also = Callable[[Session], Awaitable[None]]
"""What is to be in the same transaction."""


async def accept_all(session: Session, caller: Caller, sent: Sequence[Sent], now: datetime, patience: timedelta) -> list[Outcome]:
    """Accepts many requests, each by itself though all are read and written together: a faulty one harms no other."""
    outcomes: list[Outcome] = []
    read = [_read(item, caller, now) for item in sent]
    answers = {
        item.key: store.Remembered(item.key, request.request_id, digest_of(item.value))
        for item, request in zip(sent, read, strict=True)
        if item.key is not None and isinstance(request, RequestReceived)
    }
    remembered = await store.remember(session, caller.agency, list(answers.values()), now)
    new = [
        request.request_id
        for item, request in zip(sent, read, strict=True)
        if isinstance(request, RequestReceived) and (item.key is None or remembered[item.key] == answers[item.key])
    ]
    taken = await store.claim(session, new, caller.agency, now)
    contents = await store.contents(session, new, caller.agency)
    for item, request in zip(sent, read, strict=True):
        if not isinstance(request, RequestReceived):
            outcomes.append(request)
        elif item.key is not None and remembered[item.key].digest != answers[item.key].digest:
            outcomes.append(KeyReused("this key came with another body before: use a new key for a new request", field="Idempotency-Key"))
        elif item.key is not None and remembered[item.key].request_id != request.request_id:
            outcomes.append(Accepted(remembered[item.key].request_id, request.dropped, rules.warnings(request)))
        elif request.request_id in taken:
            outcomes.append(IdTaken("choose another random UUID, or leave request_id out", field="request_id"))
        else:
            outcomes.append(await _journal(session, caller, request, contents, now, patience))
            if item.chosen_category:
                await store.choose(session, request.request_id, agency=caller.agency, category=item.chosen_category)
    refused = {item.key for item, outcome in zip(sent, outcomes, strict=True) if item.key and isinstance(outcome, Conflict)}
    await store.forget(session, caller.agency, {key for key in refused if remembered[key] == answers[key]})
    return outcomes


def _read(sent: Sent, caller: Caller, now: datetime) -> RequestReceived | ParvisError | ValidationError:
    value = sent.value
    if isinstance(value, ParvisError):
        return value
    if not isinstance(value, dict):
        return InvalidInput('a JSON object is expected, as {"channel": "web", "body": "..."}')
    try:
        request = rules.accept(value, caller.agency, now, uuid4())
    except ValidationError as error:
        return error
    request = request if caller.stores_files else request.with_nothing_stored()
    request = request if caller.reopens else request.as_new_matter()
    return _with_verdicts(request, sent.verdicts) if sent.verdicts else request


def _with_verdicts(request: RequestReceived, verdicts: Mapping[str, Verdict]) -> RequestReceived:
    seen = [(file, verdicts.get(file.sha256 or "")) for file in request.files]
    files = [
        file.model_copy(update={"scan": verdict.result, "threat": verdict.threat or None}) if verdict else file for file, verdict in seen
    ]
    return request.model_copy(update={"files": files})


async def _journal(  # what is known grows with it, for the lines that follow
    session: Session, caller: Caller, request: RequestReceived, contents: dict[UUID, str], now: datetime, patience: timedelta
) -> Outcome:
    content = content_of(request)
    if request.request_id in contents:
        if contents[request.request_id] != content:
            return ContentDiffers("its content was different; use a new request_id for a new request", field="request_id")
        return Accepted(request.request_id, request.dropped, rules.warnings(request))
    contents[request.request_id] = content
    with telemetry.request_span(
        "accept request", request.request_id, kind=SpanKind.SERVER, links=telemetry.link_to(caller.headers)
    ) as span:
        telemetry.note(span, caller.attributes)
        store.journal(session, request, content, telemetry.current_headers(), now=now, patience=patience)
        await outbox.add(session, SERVICE, request, lane=request.agency)
    return Accepted(request.request_id, request.dropped, rules.warnings(request))


async def may_be_taken(database: Database, caller: Caller, sent: Sent) -> bool:
    """Whether it is a request, and nothing says yet that it will be refused: to be known before its files are kept elsewhere."""
    request = _read(sent, caller, clock.now())
    if not isinstance(request, RequestReceived):
        return False
    async with database.reading() as session:
        contents = await store.contents(session, [request.request_id], caller.agency)
        taken = await store.taken(session, [request.request_id], caller.agency)
        remembered = await store.remembered(session, caller.agency, [sent.key] if sent.key else [])
    of_key = remembered.get(sent.key or "")
    if of_key and of_key.digest != digest_of(sent.value):
        return False
    content = content_of(request)
    return not taken and contents.get(request.request_id, content) == content


async def accept(
    database: Database,
    caller: Caller,
    sent: Sequence[Sent],
    patience: timedelta,
    *,
    also: Also | None = None,
    all_or_none: bool = False,
) -> list[Outcome]:
    """All in one transaction, committed when this returns. With `all_or_none` a request that is refused raises why, and nothing is."""
    for tries_left in (1, 0):
        try:
            async with database.transaction() as session:
                if also:
                    await also(session)
                outcomes = await accept_all(session, caller, sent, clock.now(), patience)
                if all_or_none:
                    for refusal in (outcome for outcome in outcomes if isinstance(outcome, Exception)):
                        intake_metrics.count(caller.route, outcomes)
                        raise refusal
        except IntegrityError:  # another process took the same at the same moment
            if not tries_left:
                raise
        else:
            intake_metrics.count(caller.route, outcomes)
            return outcomes
    raise AssertionError
