"""The worker loop: claims due work and runs up to `at_once` tasks concurrently until it is cancelled."""

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
        """Ends the wait for the next poll, since something was just committed."""
        self._wake.set()

    async def run(self) -> None:
        """Runs until cancelled; then finishes the running tasks."""
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
        """Starts nothing more, and waits for the running tasks up to a deadline."""
        self._draining = True
        if self._running:
            await asyncio.wait(set(self._running), timeout=DRAIN_SECONDS)
        for task in set(self._running):
            task.cancel()

    async def finish(self) -> None:
        """Runs everything that is due now to its end; for tests and commands."""
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
