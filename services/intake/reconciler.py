"""Publishes a request again that no triage has answered for a while."""

import asyncio
import logging
import random
from collections.abc import Callable
from datetime import datetime, timedelta

from schemas.requests_received import RequestReceived
from services.intake import rules, store
from services.runtime import broker_epoch, clock, outbox, telemetry
from services.runtime.backoff import jittered, jittered_pause
from services.runtime.database import Database
from services.runtime.outbox import Relay
from services.runtime.settings import KafkaSettings

log = logging.getLogger(__name__)

SERVICE = "intake"
AT_ONCE = 200
LATELY = timedelta(minutes=10)
RECENT = timedelta(hours=1)  # so long may whoever makes cases lag behind intake when an ephemeral broker dies


class Reconciler:
    """Looks at the journal as long as the process lives."""

    def __init__(
        self, database: Database, relay: Relay, patience: timedelta, kafka: KafkaSettings, chance: Callable[[], float] = random.random
    ) -> None:
        self._database = database
        self._relay = relay
        self._patience = patience
        self._kafka = kafka
        self._chance = chance

    async def run(self) -> None:
        """At start, what an ephemeral broker forgot; then what stands still, until cancelled."""
        taken_up = False
        while True:
            again = 0
            try:
                if not taken_up:
                    await self.take_up(clock.now())
                    taken_up = True
                again = await self.publish_due(clock.now())
            except Exception as error:  # the database is away: look again later
                log.warning("reconciler: %s, trying again", type(error).__name__, exc_info=error)
            if again < AT_ONCE:
                await asyncio.sleep(jittered(min(self._patience.total_seconds() / 4, 15), self._chance))

    async def take_up(self, now: datetime) -> int:
        """Marks what the broker has forgotten, if it began a new life; returns how many."""
        async with self._database.transaction() as session:
            return await store.make_due(session, now, RECENT) if await broker_epoch.is_new_epoch(session, SERVICE, self._kafka) else 0

    async def publish_due(self, now: datetime) -> int:
        """One look; returns how many were published again, as the same bytes in the trace that they began.

        Where all that came lately had to wait long, what waits as long is in its turn and not lost: to publish it again would make the
        queue longer, and the wait with it.
        """
        async with self._database.transaction() as session:
            usual = await store.longest_wait(session, now - LATELY)
            await store.put_off(session, now, accepted_after=now - 2 * min(usual, rules.LONGEST_PAUSE), until=now + self._patience)
            entries = await store.due(session, now, AT_ONCE)
            for entry in entries:
                with telemetry.request_span("publish again", entry.request_id, parent=entry.trace) as span:
                    telemetry.note(span, {"parvis.attempt": entry.publishes + 1})
                    await outbox.add(session, SERVICE, RequestReceived.model_validate_json(entry.event), lane=entry.agency)
                pause = jittered_pause(rules.pause_after(entry.publishes + 1, self._patience), self._chance)
                await store.published_again(session, entry, now + pause)
        if entries:
            log.info("published %d requests again", len(entries))
            self._relay.wake()
        return len(entries)
