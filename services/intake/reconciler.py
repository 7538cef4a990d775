"""Publishes again what stopped half-way: a request that no triage has spoken of for a while."""

import asyncio
import logging
from datetime import datetime, timedelta

from schemas.requests_received import RequestReceived
from services.intake import rules, store
from services.runtime import clock, outbox, telemetry
from services.runtime.database import Database
from services.runtime.outbox import Relay

log = logging.getLogger(__name__)

SERVICE = "intake"
AT_ONCE = 200
RECENT = timedelta(hours=1)  # so long may whoever makes cases lag behind intake when an ephemeral broker dies


class Reconciler:
    """Looks at the journal as long as the process lives."""

    def __init__(self, database: Database, relay: Relay, patience: timedelta, *, ephemeral: bool) -> None:
        self._database = database
        self._relay = relay
        self._patience = patience
        self._ephemeral = ephemeral

    async def run(self) -> None:
        """At start, what an ephemeral broker forgot; then what stands still, until cancelled."""
        forgotten = self._ephemeral
        while True:
            again = 0
            try:
                if forgotten:
                    await self.everything_is_due(clock.now())
                    forgotten = False
                again = await self.publish_due(clock.now())
            except Exception as error:  # the database is away: look again later
                log.warning("reconciler: %s, trying again", type(error).__name__, exc_info=error)
            if again < AT_ONCE:
                await asyncio.sleep(min(self._patience.total_seconds() / 4, 15))

    async def everything_is_due(self, now: datetime) -> int:
        """Marks what the broker may have forgotten; returns how many."""
        async with self._database.transaction() as session:
            return await store.make_due(session, now, RECENT)

    async def publish_due(self, now: datetime) -> int:
        """One look; returns how many were published again, as the same bytes in the trace that they began."""
        async with self._database.transaction() as session:
            entries = await store.due(session, now, AT_ONCE)
            for entry in entries:
                with telemetry.request_span("publish again", entry.request_id, parent=entry.trace) as span:
                    telemetry.note(span, {"parvis.attempt": entry.publishes + 1})
                    await outbox.add(session, SERVICE, RequestReceived.model_validate_json(entry.event))
                pause = rules.pause_after(entry.publishes + 1, self._patience)
                await store.published_again(session, entry.request_id, now + pause)
        if entries:
            log.info("published %d requests again", len(entries))
            self._relay.wake()
        return len(entries)
