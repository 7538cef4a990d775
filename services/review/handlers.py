"""Consumes the events of cases and dead letters, many in one transaction."""

from typing import Annotated, Any

from faststream import Context
from faststream.kafka import KafkaBroker, KafkaMessage

from schemas import (
    acknowledgements_dispatched,
    dead_letters,
    drafts_proposed,
    replies_dispatched,
    replies_rated,
    requests_received,
    requests_triaged,
)
from schemas.acknowledgements_dispatched import AcknowledgementDispatched
from schemas.dead_letters import DeadLetter
from schemas.drafts_proposed import DraftProposed
from schemas.replies_dispatched import ReplyDispatched
from schemas.replies_rated import ReplyRated
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from services.domain import reference_requests
from services.domain.request_content_hash import content_of
from services.domain.taxonomy import Taxonomy
from services.review.agencies import admission
from services.review.audit import store as audit
from services.review.audit.store import Entry
from services.review.cases import case_state, store
from services.review.cases.acknowledgements import acknowledging
from services.review.cases.attachments import attached_files, attachment_store
from services.review.cases.commands import SERVICE, CaseCommands, Happening
from services.review.cases.ratings import rating_store, unsolved
from services.review.erasure import erased_values
from services.review.ops import store as ops
from services.review.ops.subject import Subject, subject_of
from services.runtime import clock, kafka_records, record_provenance
from services.runtime.batch_consumer import Transactions
from services.runtime.broker import consumer, router
from services.runtime.database import Session
from services.runtime.errors import InvalidRecord
from services.runtime.record_provenance import Seal
from services.runtime.retry import Health

GUARDED = (replies_dispatched.TOPIC, acknowledgements_dispatched.TOPIC, replies_rated.TOPIC)
"""What became of a reply or a receipt, dispatch or a person here has said; what its citizen says of a reply comes by intake."""
FETCH = 256  # records in hand, so that agencies can take turns

route = router()

TransactionsDep = Annotated[Transactions, Context("transactions")]


# One consumer for all topics: one member of the group, and the events of a case mostly in their order.
@route.subscriber(
    requests_received.TOPIC,
    requests_triaged.TOPIC,
    drafts_proposed.TOPIC,
    replies_dispatched.TOPIC,
    acknowledgements_dispatched.TOPIC,
    replies_rated.TOPIC,
    dead_letters.TOPIC,
    batch=True,
    max_records=FETCH,
    batch_timeout_ms=100,
    **consumer(SERVICE),
)
async def on_records(message: KafkaMessage, transactions: TransactionsDep) -> None:
    """Brings each to its case."""
    await transactions.handle(message)


def transactions(commands: CaseCommands, health: Health, broker: KafkaBroker, seal: Seal | None = None) -> Transactions:
    """How review works on records."""

    async def work(session: Session, record: Any) -> None:  # noqa: ANN401 - whichever client's record it is
        await _work(session, record, commands)

    # SQLite has one writer, and who waits for it looks ten times a second: without a rest intake and people might never find it free.
    rest = 0.11 if commands.database.is_sqlite else 0.0
    return Transactions(commands.database.transaction, work, lane, SERVICE, health, broker, seal, rest=rest)


def lane(record: kafka_records.Received) -> str:
    """Whose turn it is: that of the agency which a request names."""
    if record.topic not in (requests_received.TOPIC, requests_triaged.TOPIC):
        return record.topic
    try:
        value = kafka_records.read_json(record.value)
    except InvalidRecord:
        return ""  # reading it for its case finds the same, and there it counts
    return str(value.get("agency")) if isinstance(value, dict) else ""


async def _work(session: Session, record: kafka_records.Received, commands: CaseCommands) -> None:
    match record.topic:
        case requests_received.TOPIC:
            request = kafka_records.read_event(record.value, RequestReceived)
            if not record_provenance.current().vouched:
                request = request.with_nothing_stored().as_new_matter()
            request = await unsolved.with_citizen(session, request)
            await _admit(session, request, commands)
            happening = received(request)
        case requests_triaged.TOPIC:
            happening = triaged(kafka_records.read_event(record.value, RequestTriaged), commands.taxonomy)
        case drafts_proposed.TOPIC:
            happening = drafted(kafka_records.read_event(record.value, DraftProposed))
        case replies_dispatched.TOPIC:
            happening = dispatched(kafka_records.read_event(record.value, ReplyDispatched))
        case acknowledgements_dispatched.TOPIC:
            await acknowledging.conclude(session, kafka_records.read_event(record.value, AcknowledgementDispatched), clock.now())
            return
        case replies_rated.TOPIC:
            await keep_rating(session, kafka_records.read_event(record.value, ReplyRated))
            return
        case _:
            await keep_letter(session, kafka_records.read_event(record.value, DeadLetter))
            return
    await commands.take_in_within(session, happening)


async def keep_rating(session: Session, rated: ReplyRated) -> None:
    """Keeps what the citizen says of a reply, and notes it in the history of its case, where its agency has one."""
    if await store.is_erased(session, rated.request_id):
        return
    if await store.agency_of(session, rated.request_id) == rated.agency and await rating_store.keep(session, rated):
        await audit.add(session, Entry(clock.now(), audit.PARVIS, "rated", rated.request_id, {"solved": rated.solved}))


async def keep_letter(session: Session, letter: DeadLetter) -> None:
    """Keeps it with whose it is: of a request that is a case, its agency; of any other, the agency that the record names."""
    subject = subject_of(letter)
    agency = await store.agency_of(session, subject.request_id) if subject.request_id else None
    if subject.request_id and await store.is_erased(session, subject.request_id):
        letter = DeadLetter.model_validate(erased_values.dead_letter(letter.model_dump(mode="json")))
    await ops.keep(session, letter, Subject(agency or subject.agency, subject.request_id))


async def _admit(session: Session, request: RequestReceived, commands: CaseCommands) -> None:
    """Refuses a request that its agency did not send. What is a case already was looked at before."""
    first = await store.request_in(session, request.request_id)
    if first is None or content_of(first) != content_of(request):
        await admission.admit(session, request, commands.settings.kafka)


async def try_reference_requests(commands: CaseCommands) -> None:
    """Whether this release takes in what every release does. Nothing of it stays."""
    async with commands.database.rehearsal() as session:
        for value in reference_requests.values():
            await commands.take_in_within(session, received(kafka_records.read_event(value, RequestReceived)))


def received(event: RequestReceived) -> Happening:
    """A citizen wrote."""
    # The case holds what its files are; the files themselves are kept beside it.
    bare = attached_files.without_contents(event)
    return Happening(
        bare,
        lambda case, now: case_state.with_request(case, bare, now),
        "received",
        {"channel": event.channel},
        keep=lambda session, _: attachment_store.keep(session, event),
    )


def triaged(event: RequestTriaged, taxonomy: Taxonomy) -> Happening:
    """The classifier sorted it, or left it to a person."""
    detail = {
        "category": event.category,
        "confidence": round(event.confidence, 3),
        "outcome": event.outcome,
        "urgency": event.urgency.value,
    }
    return Happening(event, lambda case, now: case_state.with_triage(case, event, taxonomy, now), "triaged", detail)


def drafted(event: DraftProposed) -> Happening:
    """A draft is there to be decided on."""
    detail = {
        "revision": event.revision,
        "drafted_by": event.drafted_by,
        "checks_failed": [check.name for check in event.checks if not check.passed],
    }
    return Happening(
        event,
        lambda case, now: case_state.with_draft(case, event, now),
        "drafted",
        detail,
        keep=lambda session, now: store.add_draft(session, event, now),
    )


def dispatched(event: ReplyDispatched) -> Happening:
    """The reply has gone out, or could not."""
    return Happening(
        event,
        lambda case, now: case_state.with_dispatch(case, event, now),
        "dispatched",
        {"outcome": "returned" if event.returned else event.outcome, "channel": event.channel},
        keep=lambda session, now: store.add_delivery(session, event, now),
        report=event.detail,
    )
