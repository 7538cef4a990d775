"""Reads something from files again when they change, and keeps the former where the new can't be used."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar

from services.runtime import clock, metrics

log = logging.getLogger(__name__)

T = TypeVar("T")

EVERY_SECONDS = 2.0
SHARE_OF_TIME, LONGEST_PAUSE = 0.05, 10.0
"""Looking takes no more of a process's time than this, however many files there are, as long as the pauses are no longer than that."""


class Reloaded(Generic[T]):
    """What was read, always whole: a change is read once the files have been the same at two looks, and again if they change meanwhile.

    `stamp` tells whether anything has changed, `read` raises what it can't use with a message for people, `use` is given each new value.
    """

    def __init__(self, name: str, stamp: Callable[[], object], read: Callable[[], T], use: Callable[[T], None] = lambda _: None) -> None:
        self._name, self._stamp, self._read, self._use = name, stamp, read, use
        self._seen: object = None
        self._coming: object = None
        self._took = 0.0
        self.value: T | None = None
        self.fault = ""
        """Why the files as they are now can't be used; empty where they are in use."""
        self.fault_since: datetime | None = None
        metrics.RELOAD_FAILED.set(0, name=name)

    def start(self) -> T:
        """Reads it for the first time. Raises whatever `read` does."""
        self._seen = self._stamp()
        value = self._read()
        self._take(value)
        return value

    async def watch(self) -> None:
        """Looks again and again, without an end; where it was not started, the first look reads it."""
        while True:
            await self.look()
            await asyncio.sleep(pause_after(self._took))

    async def look(self) -> None:
        """Takes in a change that is complete: seen the same twice, and still the same after it was read."""
        try:
            began = time.monotonic()
            stamp = await asyncio.to_thread(self._stamp)
            self._took = time.monotonic() - began
            if stamp == self._seen:
                self._coming = None
            elif self._seen is None or stamp == self._coming:
                await self._read_again(stamp)
            else:
                self._coming = stamp
        except Exception as error:  # noqa: BLE001 - told, and the former stays
            self._refuse(error)

    async def _read_again(self, stamp: object) -> None:
        value, fault = None, None
        try:
            value = await asyncio.to_thread(self._read)
        except Exception as error:  # noqa: BLE001 - told, and the former stays
            fault = error
        after = await asyncio.to_thread(self._stamp)
        if after != stamp:  # whatever was read is half of one and half of the other
            self._coming = after
            return
        first, self._seen, self._coming = self._seen is None, stamp, None
        if fault or value is None:
            self._refuse(fault or ValueError("nothing was read"))
        else:
            self._take(value)
            if not first:
                log.info("%s has changed: the new one is in use", self._name)

    def _take(self, value: T) -> None:
        self.value, self.fault, self.fault_since = value, "", None
        metrics.RELOAD_FAILED.set(0, name=self._name)
        self._use(value)

    def _refuse(self, error: Exception) -> None:
        fault = str(error) or type(error).__name__
        if fault != self.fault:
            log.error("%s can't be used as it is on disk, the former stays: %s", self._name, fault)
            self.fault, self.fault_since = fault, clock.now()
        metrics.RELOAD_FAILED.set(1, name=self._name)


def pause_after(seconds: float) -> float:
    """How long to wait after a look that took so long."""
    return max(EVERY_SECONDS, min(seconds / SHARE_OF_TIME, LONGEST_PAUSE))
