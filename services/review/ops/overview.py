"""Gathers how the installation fares: its services over HTTP, the broker, the database, the disk."""

import asyncio
import logging
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from schemas import drafts_proposed, requests_received
from schemas.topics import TOPICS
from services.domain.waiting_deliveries import WaitingDelivery, WaitingSummary
from services.review.cases import ages_store, minute_counts_store
from services.review.cases.queue import case_lists
from services.review.ops import last_hour
from services.review.ops import store as letters
from services.review.ops.dead_letter_groups import grouped
from services.review.ops.health import DatabaseFacts, Overview, StandingCases, findings
from services.review.ops.last_hour import MINUTES, Chart, Samples, minute_of
from services.review.people.rules import EVERYTHING, Scope
from services.runtime import clock, kafka_state
from services.runtime.database import Database, Session
from services.runtime.kafka_state import KafkaState
from services.runtime.service_probe import ServiceProbe
from services.runtime.settings import Settings

log = logging.getLogger(__name__)

KAFKA_FRESH_SECONDS = 5.0
DATABASE_SECONDS = 5.0
EMERGENCY_HOUR = timedelta(hours=1)
MOST_LETTERS = 2_000
SAMPLE_SECONDS = 60
GROUP = "parvis.review"
WRITERS: tuple[last_hour.LineName, ...] = ("model", "template")


class Waiting(Protocol):
    """The deliveries that wait, the oldest first."""

    async def __call__(self, session: Session, *, agencies: Sequence[str] = (), limit: int = 50) -> list[WaitingDelivery]:
        """Of these agencies alone, where any are given."""


class Summaries(Protocol):
    """How many wait for which reason."""

    async def __call__(self, session: Session, *, agencies: Sequence[str] = ()) -> list[WaitingSummary]:
        """Of these agencies alone, where any are given."""


class TryNow(Protocol):
    """Makes what waits due now."""

    async def __call__(self, session: Session, now: datetime, decision_id: UUID | None = None, *, agencies: Sequence[str] = ()) -> int:
        """How many; of one decision where one is given. Raises NotFound."""


@dataclass(frozen=True)
class Deliveries:
    """How review reaches what dispatch keeps: the process is given the way."""

    waiting: Waiting
    summaries: Summaries
    try_now: TryNow


class OverviewReader:
    """Reads the overview of one installation."""

    def __init__(self, settings: Settings, database: Database, deliveries: Deliveries, started_at: datetime | None = None) -> None:
        self._settings = settings
        self._database = database
        self._deliveries = deliveries
        self._probe = ServiceProbe(dict(settings.service_urls), started_at)
        self._kafka_lock = asyncio.Lock()
        self._kafka = KafkaState()
        self._kafka_at = -KAFKA_FRESH_SECONDS
        self._kafka_was_asked = False
        self._heard_until = {requests_received.TOPIC: 0, drafts_proposed.TOPIC: 0}
        """In which minute review had last read all of these topics."""
        self._behind = Samples()
        self._waiting = Samples()

    async def now(self, scope: Scope = EVERYTHING) -> Overview:
        """All of it, side by side: whatever is away takes some seconds at most. Of cases and deliveries what the scope lets see."""
        services, kafka, database = await asyncio.gather(self._probe.now(), self._kafka_state(), self._facts(scope))
        if scope == EVERYTHING:
            self._waiting.note(clock.now(), None if database.error else sum(summary.count for summary in database.waiting))
        free = shutil.disk_usage(self._settings.data_dir).free if self._settings.data_dir.exists() else None
        return Overview(
            at=clock.now(),
            findings=findings(services, kafka, database, free),
            services=services,
            kafka=kafka,
            database=database,
            free_disk_bytes=free,
        )

    async def watch(self) -> None:
        """Reads once a minute what the charts of the last hour show and no table has, until the process ends.

        The broker is asked from the first look at the page on: its client takes 8 MB, and many processes are never looked at.
        """
        while True:
            try:
                if self._kafka_was_asked:
                    await self._kafka_state()
                self._waiting.note(clock.now(), await self._deliveries_that_wait())
            except Exception as error:
                # What is not read is a gap; a chart ends no process.
                log.warning("the last hour: %s", type(error).__name__, exc_info=error)
            await asyncio.sleep(SAMPLE_SECONDS - time.time() % SAMPLE_SECONDS)

    async def charts(self, overview: Overview, scope: Scope) -> list[Chart]:
        """The last hour in small charts; deliveries, which are read as a whole, not for somebody who sees a part."""
        this_minute = minute_of(overview.at)
        first = this_minute - MINUTES
        since, until = last_hour.beginning_of(first), last_hour.beginning_of(this_minute)
        charts = [last_hour.chart("behind", first + 1, {"all": self._behind.values(this_minute)})]
        if scope == EVERYTHING:
            charts.append(last_hour.chart("waiting", first + 1, {"all": self._waiting.values(this_minute)}))
        try:
            async with asyncio.timeout(DATABASE_SECONDS), self._database.reading() as session:
                received = await minute_counts_store.received(session, since, until, scope)
                drafted = await minute_counts_store.drafted(session, since, until, scope)
        except (SQLAlchemyError, OSError, TimeoutError):
            return charts
        requests = last_hour.counted(received, first, self._heard_until[requests_received.TOPIC])
        drafts = {name: last_hour.counted(drafted.get(name, {}), first, self._heard_until[drafts_proposed.TOPIC]) for name in WRITERS}
        return [last_hour.chart("received", first, {"all": requests}), last_hour.chart("drafts", first, drafts), *charts]

    async def _deliveries_that_wait(self) -> int | None:
        try:
            async with asyncio.timeout(DATABASE_SECONDS), self._database.reading() as session:
                return sum(summary.count for summary in await self._deliveries.summaries(session))
        except (SQLAlchemyError, OSError, TimeoutError):
            return None

    async def _kafka_state(self) -> KafkaState:
        self._kafka_was_asked = True
        async with self._kafka_lock:
            if time.monotonic() - self._kafka_at >= KAFKA_FRESH_SECONDS:
                self._kafka = await asyncio.to_thread(kafka_state.state_of, self._settings.kafka, [topic.name for topic in TOPICS])
                self._kafka_at = time.monotonic()
                self._note(self._kafka, clock.now())
            return self._kafka

    def _note(self, kafka: KafkaState, now: datetime) -> None:
        unknown = bool(kafka.error or kafka.leaderless or kafka.missing or not kafka.lags)
        self._behind.note(now, None if unknown else sum(lag.records for lag in kafka.lags))
        for topic in self._heard_until:
            behind = [lag.records for lag in kafka.lags if (lag.group, lag.topic) == (GROUP, topic)]
            cut_off = topic in kafka.missing or any(partition.rpartition("/")[0] == topic for partition in kafka.leaderless)
            if behind == [0] and not cut_off:
                self._heard_until[topic] = minute_of(now)

    async def _facts(self, scope: Scope) -> DatabaseFacts:
        try:
            async with asyncio.timeout(DATABASE_SECONDS), self._database.reading() as session:
                return await self._read(session, scope)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            return DatabaseFacts(error=type(error).__name__)

    async def _read(self, session: Session, scope: Scope) -> DatabaseFacts:
        now = clock.now()
        theirs = case_lists.in_scope(scope)
        still = await ages_store.still(session, now - timedelta(seconds=self._settings.reconcile_seconds), *theirs)
        late, first_late = await ages_store.late_emergencies(session, now - EMERGENCY_HOUR, *theirs)
        return DatabaseFacts(
            counts=await case_lists.counts(session, scope),
            oldest=await ages_store.oldest(session, *theirs),
            standing=[StandingCases(state=state, count=count, since=since) for state, (count, since) in still.items()],
            waiting=[] if scope.departments else await self._deliveries.summaries(session, agencies=scope.agencies),
            letters=grouped(await letters.causes(session, limit=MOST_LETTERS, scope=scope)),
            late_emergencies=late,
            first_late_emergency=first_late,
        )
