"""Does what is due, some of it side by side, as long as the process lives."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from services.runtime.backoff import jittered

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5  # what another process or a passing lease makes due is seen this late
DRAIN_SECONDS = 10.0  # less than the consumer's, which ends at the same time: see services.dispatch.app

Wake = Callable[[], None]

T = TypeVar("T")


class Worker(Generic[T]):
    """Claims up to `at_once` pieces of work and does each in its own task: a slow one holds up no other."""

    def __init__(self, claim: Callable[[int], Awaitable[list[T]]], work: Callable[[T], Awaitable[None]], *, at_once: int) -> None:
        self._claim = claim
        self._work = work
        self._at_once = at_once
        self._wake = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._draining = False

    def wake(self) -> None:
        """Something was just committed: do not wait for the next look."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled; then what is in hand is brought to its end."""
        try:
            while not self._draining:
                self._wake.clear()
                try:
                    await self._begin()
                except Exception as error:
                    log.warning("dispatch: %s, trying again", type(error).__name__, exc_info=error)
                    await asyncio.sleep(jittered(1, random.random))  # the database is away: what waits, waits
                    continue
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
        finally:
            await self.drain()

    async def drain(self) -> None:
        """Begins nothing more, and brings what is in hand to its end as far as the time allows."""
        self._draining = True
        if self._running:
            await asyncio.wait(set(self._running), timeout=DRAIN_SECONDS)
        for task in set(self._running):
            task.cancel()

    async def finish(self) -> None:
        """Does everything that is due now, to its end."""
        while await self._begin():
            await asyncio.wait(set(self._running))

    async def _begin(self) -> int:
        free = 0 if self._draining else self._at_once - len(self._running)
        claimed = await self._claim(free) if free else []
        for item in claimed:
            task = asyncio.create_task(self._do(item))
            self._running.add(task)
            task.add_done_callback(self._done)
        return len(claimed)

    async def _do(self, item: T) -> None:
        try:
            await self._work(item)
        except Exception as error:
            log.error("dispatch: an attempt broke off", exc_info=error)  # noqa: TRY400 - the formatter says where, never what

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._wake.set()
