"""Erases what is kept for too long, by the state that cases ended in: once a day, by the code of `parvis erase`."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.review.audit import store as audit
from services.review.erasure import store
from services.review.erasure.erasing import AT_ONCE, Eraser, Order, UnderWay
from services.review.erasure.store import Tables
from services.runtime.database import Database
from services.runtime.settings import Settings

log = logging.getLogger(__name__)

PAUSE = timedelta(days=1)
MOST = 500
"""Cases of one round: the next goes on with the rest."""


@dataclass(frozen=True)
class Overdue:
    """A case that is kept for longer than its state says."""

    request_id: UUID
    state: str
    since: datetime


async def overdue(database: Database, settings: Settings, now: datetime, limit: int = MOST, but: Collection[UUID] = ()) -> list[Overdue]:
    """What is to go, `but` these, the longest first in each state."""
    cases: list[Overdue] = []
    async with database.reading() as session:
        tables = await Tables.of(session)
        for state, days in settings.erase_after_days:
            before = now - timedelta(days=days)
            cases += [Overdue(request_id, state, at) for request_id, at in await store.due(session, tables, state, before, limit, but)]
    return cases[:limit]


class Sweep:
    """Remembers when it last ran: a new process begins at once, which finds nothing where another has been."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database, self._settings = database, settings
        self._next: datetime | None = None
        self._unfinished: set[UUID] = set()

    async def run_if_due(self, now: datetime) -> int:
        """Erases what is overdue; returns how many cases. One that is not finished is passed over until the next day.

        SQLite's file is written anew once, at the end: others wait for that as long as it takes.
        """
        if not self._settings.erase_after_days or (self._next and now < self._next):
            return 0
        eraser, order, count = Eraser(self._database, self._settings), Order(audit.PARVIS, "retention"), 0
        cases = await overdue(self._database, self._settings, now, MOST, self._unfinished)
        try:
            for start in range(0, len(cases), AT_ONCE):
                count += await self._erase(eraser, order, [case.request_id for case in cases[start : start + AT_ONCE]])
        finally:
            if count and not await eraser.purge():
                log.warning("retention: SQLite could not write its file anew: deleted words may stay in it until the next time")
        if count:
            log.info("retention: erased %d cases", count)
        if len(cases) < MOST:
            self._next = now + PAUSE
            self._unfinished.clear()
        return count

    async def _erase(self, eraser: Eraser, order: Order, request_ids: list[UUID]) -> int:
        try:
            return len((await eraser.erase(request_ids, order, proves=False, purges=False)).request_ids)
        except UnderWay as error:
            if len(request_ids) == 1:
                log.warning("retention: %s", error.detail)
                self._unfinished.update(request_ids)
                return 0
        return sum([await self._erase(eraser, order, [request_id]) for request_id in request_ids])
