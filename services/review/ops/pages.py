"""What keeps it running, as pages: what stands where, what stands still, dead letters, the trace of one request."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel

from services.review.cases import store as cases
from services.review.cases.access import DeskDep, trace_id_in
from services.review.cases.rules import State
from services.review.ops import store
from services.review.ops.trace import trace_of
from services.review.ops.waterfall import Bar, waterfall
from services.review.people.pages import OperatorDep, VisitorDep
from services.review.web.templating import Page, render
from services.runtime import clock
from services.runtime.database import Session

router = APIRouter(include_in_schema=False, prefix="/ops")

WAITING_FOR_A_SERVICE = (State.RECEIVED, State.DRAFTING, State.APPROVED)
LOOKED_AT = 100
MOST_LETTERS = 500


class StateCount(BaseModel):
    """How many cases stand there."""

    state: State
    count: int


class Still(BaseModel):
    """A case whose next step is overdue. No word of what was written."""

    request_id: UUID
    state: State
    since: datetime
    trace_id: str


class OpsPage(Page):
    """What is stuck, since when, and where to look."""

    counts: list[StateCount]
    still: list[Still]
    still_after: timedelta
    letters: int
    letters_counted_to: int


class DeadLetterLine(BaseModel):
    """One dead letter; its bytes are for the command line."""

    letter_id: UUID
    topic: str
    partition: int
    offset: int
    services: list[str]
    error_type: str
    error_message: str
    attempts: int
    first_failed_at: datetime
    last_failed_at: datetime
    replays: int


class DeadLettersPage(Page):
    """The letters that wait for somebody."""

    letters: list[DeadLetterLine]
    most: int


class TracePage(Page):
    """One request from the first step to the last."""

    trace_id: str
    request_id: UUID | None
    began: datetime
    seconds: float
    bars: list[Bar]
    breaks: list[float]


@router.get("")
async def show_ops(visitor: OperatorDep, desk: DeskDep) -> Response:
    """The state of things."""
    now = clock.now()
    async with desk.database.reading() as session:
        counts = await cases.counts(session)
        still = await _standing_still(session, now - desk.first_nudge)
        letters = await store.letters(session, limit=MOST_LETTERS)
    page = OpsPage(
        now=now,
        viewer=visitor.viewer,
        counts=[StateCount(state=state, count=count) for state, count in counts.items()],
        still=still,
        still_after=desk.first_nudge,
        letters=len(letters),
        letters_counted_to=MOST_LETTERS,
    )
    return render("ops.html", page)


async def _standing_still(session: Session, since: datetime) -> list[Still]:
    """Of the oldest cases that wait for a service, those that nothing has happened to since then."""
    oldest, _ = await cases.page(session, cases.Query(states=WAITING_FOR_A_SERVICE, sort="received", limit=LOOKED_AT))
    found = [await cases.look(session, line.request_id) for line in oldest]
    return [
        Still(request_id=case.request_id, state=case.state, since=case.updated_at, trace_id=trace_id_in(case.trace))
        for case in sorted(found, key=lambda case: case.updated_at)
        if case.updated_at <= since
    ]


@router.get("/dead-letters")
async def show_dead_letters(visitor: OperatorDep, desk: DeskDep) -> Response:
    """What could not be worked on, with the command that sends it once more."""
    async with desk.database.reading() as session:
        letters = await store.letters(session, limit=MOST_LETTERS)
    lines = [
        DeadLetterLine(
            letter_id=one.letter.letter_id,
            topic=one.letter.topic,
            partition=one.letter.partition,
            offset=one.letter.offset,
            services=list(one.services),
            error_type=one.letter.error_type,
            error_message=one.letter.error_message,
            attempts=one.letter.attempts,
            first_failed_at=one.letter.first_failed_at,
            last_failed_at=one.letter.last_failed_at,
            replays=one.replays,
        )
        for one in letters
    ]
    return render("dead_letters.html", DeadLettersPage(now=clock.now(), viewer=visitor.viewer, letters=lines, most=MOST_LETTERS))


@router.get("/traces/{trace_id}")
async def show_trace(trace_id: Annotated[str, Path(pattern="^[0-9a-f]{32}$")], visitor: VisitorDep, request: Request) -> Response:
    """The waterfall of one request; everybody who is signed in may look, since spans hold no citizen's words."""
    trace = trace_of(request.app.state.traces, trace_id)
    bars, breaks = waterfall(trace.spans)
    named = next((str(bar.attributes["parvis.request_id"]) for bar in bars if bar.attributes.get("parvis.request_id")), None)
    page = TracePage(
        now=clock.now(),
        viewer=visitor.viewer,
        trace_id=trace_id,
        request_id=_uuid(named),
        began=min(span.start for span in trace.spans),
        seconds=max(bar.offset + bar.seconds for bar in bars),
        bars=bars,
        breaks=breaks,
    )
    return render("trace.html", page)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
