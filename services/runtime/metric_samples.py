"""Figures of what is, as of a database or a disk: computed when they are asked for, and then kept for some seconds."""

import asyncio
import logging
import shutil
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from services.runtime import metrics
from services.runtime.readiness import Readiness

log = logging.getLogger(__name__)

FRESH_SECONDS = 5.0
"""Whoever asks, and how often: nothing is computed more often than this."""
PATIENCE_SECONDS = 3.0
"""Of one sample: who asks waits ten seconds by default, and the others are to be had."""

Sample = Callable[[], Awaitable[None]]


class Samples:
    """The samples of one process."""

    def __init__(self, service: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._service = service
        self._monotonic = monotonic
        self._samples: dict[str, tuple[Sample, Sequence[metrics.State]]] = {}
        self._taken_at = float("-inf")
        self._taking = asyncio.Lock()

    def add(self, name: str, sample: Sample, states: Sequence[metrics.State]) -> None:
        """`sample` sets `states`; where it can't, they are cleared and `parvis_sample_failed` says so."""
        self._samples[name] = (sample, states)

    async def refresh(self) -> None:
        """Takes all of them, side by side, where the last are old."""
        async with self._taking:
            if self._monotonic() - self._taken_at < FRESH_SECONDS:
                return
            await asyncio.gather(*(self._take(name, *of_name) for name, of_name in self._samples.items()))
            self._taken_at = self._monotonic()

    async def _take(self, name: str, sample: Sample, states: Sequence[metrics.State]) -> None:
        failed = False
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await sample()
        except Exception as error:  # noqa: BLE001 - whatever is away, the other figures are wanted all the more
            log.debug("the figures of %s can't be had: %s", name, type(error).__name__)
            failed = True
            for state in states:
                state.clear()
        metrics.SAMPLE_FAILED.set(float(failed), service=self._service, sample=name)


def readiness_of(service: str, readiness: Readiness) -> Sample:
    """What `/readyz` would say."""

    async def sample() -> None:
        answer = await readiness.now()
        metrics.WAITING_FOR.clear()
        for trouble in answer.troubles:
            metrics.WAITING_FOR.set(1, service=service, what=trouble.dependency)
        metrics.READY.set(float(answer.status == "ready"), service=service)

    return sample


def disk(service: str, folder: Path) -> Sample:
    """How much of the disk is free; of a folder that is not there yet, of the one that it will be in."""

    async def sample() -> None:
        usage = await asyncio.to_thread(_usage, folder)
        metrics.DISK_FREE.set(usage.free / usage.total, service=service)

    return sample


def _usage(folder: Path) -> "shutil._ntuple_diskusage":
    return shutil.disk_usage(next(place for place in (folder, *folder.absolute().parents) if place.exists()))
