"""Consumes the events of cases and dead letters, each in one transaction."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from faststream import Context, Depends
from faststream.kafka import KafkaMessage

from schemas import dead_letters, drafts_proposed, replies_dispatched, requests_received, requests_triaged
from schemas.dead_letters import DeadLetter
from schemas.drafts_proposed import DraftProposed
from schemas.replies_dispatched import ReplyDispatched
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from services.domain import reference_requests
from services.domain.request_content_hash import content_of
from services.review.agencies import admission
from services.review.cases import case_state, store
from services.review.cases.case_state import Case
from services.review.cases.commands import SERVICE, CaseCommands
from services.review.ops import store as ops
from services.runtime import kafka_records
from services.runtime.broker import by_topic, consumer, router

route = router()
CommandsDep = Annotated[CaseCommands, Context("commands")]

GUARDED = (replies_dispatched.TOPIC,)
"""What became of a reply, dispatch or a person here has said."""

# One consumer for all topics: one member of the group, and the events of a case mostly in their order.
subscriber = route.subscriber(
    requests_received.TOPIC,
    requests_triaged.TOPIC,
    drafts_proposed.TOPIC,
    replies_dispatched.TOPIC,
    dead_letters.TOPIC,
    **consumer(SERVICE),
)


async def admitted(message: KafkaMessage, commands: CommandsDep) -> None:
    """Refuses a request that its agency did not send. What is a case already was looked at before."""
    event = kafka_records.read_event(message.body, RequestReceived)
    async with commands.database.reading() as session:
        first = await store.request_in(session, event.request_id)
        if first is None or content_of(first) != content_of(event):
            await admission.admit(session, event, commands.settings.kafka)


async def try_reference_requests(commands: CaseCommands) -> None:
    """Whether this release takes in what every release does. Nothing of it stays."""
    async with commands.database.rehearsal() as session:
        for value in reference_requests.values():
            event = kafka_records.read_event(value, RequestReceived)
            await commands.take_in_within(session, event, _with_request(event), "received", channel=event.channel)


def _with_request(event: RequestReceived) -> Callable[[Case, datetime], Case]:
    return lambda case, now: case_state.with_request(case, event, now)


@subscriber(filter=by_topic(requests_received.TOPIC), dependencies=[Depends(admitted)])
async def on_request_received(event: RequestReceived, commands: CommandsDep) -> None:
    """A citizen wrote."""
    await commands.take_in(event, _with_request(event), "received", channel=event.channel)


@subscriber(filter=by_topic(requests_triaged.TOPIC))
async def on_request_triaged(event: RequestTriaged, commands: CommandsDep) -> None:
    """The classifier sorted it, or left it to a person."""
    await commands.take_in(
        event,
        lambda case, now: case_state.with_triage(case, event, commands.taxonomy, now),
        "triaged",
        category=event.category,
        confidence=round(event.confidence, 3),
        outcome=event.outcome,
        urgency=event.urgency.value,
    )


@subscriber(filter=by_topic(drafts_proposed.TOPIC))
async def on_draft_proposed(event: DraftProposed, commands: CommandsDep) -> None:
    """A draft is there to be decided on."""
    await commands.take_in(
        event,
        lambda case, now: case_state.with_draft(case, event, now),
        "drafted",
        keep=lambda session, now: store.add_draft(session, event, now),
        revision=event.revision,
        drafted_by=event.drafted_by,
        checks_failed=[check.name for check in event.checks if not check.passed],
    )


@subscriber(filter=by_topic(replies_dispatched.TOPIC))
async def on_reply_dispatched(event: ReplyDispatched, commands: CommandsDep) -> None:
    """The reply has gone out, or could not."""
    await commands.take_in(
        event,
        lambda case, now: case_state.with_dispatch(case, event, now),
        "dispatched",
        keep=lambda session, now: store.add_delivery(session, event, now),
        outcome=event.outcome,
        channel=event.channel,
        report=event.detail,
    )


@subscriber(filter=by_topic(dead_letters.TOPIC))
async def on_dead_letter(letter: DeadLetter, commands: CommandsDep) -> None:
    """Some service could not work on a record."""
    async with commands.database.transaction() as session:
        await ops.keep(session, letter)
