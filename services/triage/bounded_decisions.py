"""Decides batches within a time limit: isolates and sets aside the message that stalls the worker, then decides the rest."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from schemas import requests_triaged
from schemas.requests_received import RequestReceived
from services.domain.taxonomy import Taxonomy
from services.runtime import kafka_records, metrics, telemetry
from services.runtime.kafka_records import WrittenEvent
from services.runtime.worker_process import TooSlow, WorkerEnded, WorkerFault
from services.triage.set_aside import set_aside
from services.triage.worker_request import Batch

log = logging.getLogger(__name__)

Reason = Literal["too slow", "the worker ended", "not tried"]

ATTEMPTS = 2  # by itself: a worker may be ended from outside, and the message is not why
LEAST_SECONDS = 0.5  # still many times what the longest message takes
MOST_ENDS = 8
"""Workers that may end over single messages before the rest of such a batch is left to people untried: each takes seconds to start."""
STUCK = 20.0  # seconds on the clock in which a worker that has the processor to itself seldom needs one


class Worker(Protocol):
    """What decides."""

    async def ask(self, question: object, seconds: float, stuck: float) -> list[bytes]:
        """A line for each request. Raises WorkerFault."""


@dataclass
class Allowance:
    """What single messages may take: half as long after each that was too slow, so that many together don't stop the others."""

    full: float
    seconds: float = 0.0
    ends: int = 0

    def __post_init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """A whole batch went well."""
        self.seconds, self.ends = self.full, 0

    def spent(self) -> None:
        """A message was set aside."""
        self.seconds = min(self.seconds, max(self.seconds / 2, LEAST_SECONDS))


class BoundedDecisions:
    """Asks about a whole batch; where that stops the worker, about each message by itself."""

    def __init__(self, worker: Worker, taxonomy: Taxonomy, seconds: float) -> None:
        self._worker = worker
        self._taxonomy = taxonomy
        self._allowance = Allowance(seconds)

    async def decide(self, requests: Sequence[RequestReceived]) -> list[WrittenEvent]:
        """An event for each request, in their order."""
        with telemetry.step("triage.decide"):
            if len(requests) == 1:
                return [await self._only(requests[0])]
            decided = await self._whole(requests)
            return decided or [await self._alone(request) for request in requests]

    async def check(self, requests: Sequence[RequestReceived]) -> None:
        """Whether the worker can decide on these; nothing is published or counted. Raises what keeps it from that."""
        await self._worker.ask(Batch(list(requests), watched=False), self._allowance.full, STUCK + 2 * self._allowance.full)

    async def _whole(self, requests: Sequence[RequestReceived]) -> list[WrittenEvent] | None:
        try:
            decided = await self._ask(requests, self._allowance.full)
        except WorkerFault as fault:
            log.warning("a batch of %d stopped the worker (%s): each is tried by itself", len(requests), type(fault).__name__)
            return None
        self._allowance.renew()
        return decided

    async def _only(self, request: RequestReceived) -> WrittenEvent:
        """A batch of one: tried whatever became of those before it, and where it goes well they are forgotten."""
        attempts = ATTEMPTS if self._allowance.ends < MOST_ENDS else 1
        decided, read = await self._tried(request, attempts)
        if read:
            self._allowance.renew()
        return decided

    async def _alone(self, request: RequestReceived) -> WrittenEvent:
        """One of a batch that stopped the worker."""
        decided, _ = await self._tried(request, ATTEMPTS if self._allowance.ends < MOST_ENDS else 0)
        return decided

    async def _tried(self, request: RequestReceived, attempts: int) -> tuple[WrittenEvent, bool]:
        """The event, and whether it says what was read."""
        allowance = self._allowance
        reason: Reason = "not tried"
        for _ in range(attempts):
            try:
                [decided] = await self._ask([request], allowance.seconds)
            except TooSlow as fault:
                reason = "too slow"
                allowance.ends += fault.ended
                break
            except WorkerEnded:
                reason = "the worker ended"
                allowance.ends += 1
            else:
                return decided, True
        allowance.spent()
        metrics.TRIAGE_SET_ASIDE.inc(reason=reason)
        log.warning("request %s is set aside for a person to read: %s", request.request_id, reason)
        return _written(request, kafka_records.written(set_aside(request, self._taxonomy))), False

    async def _ask(self, requests: Sequence[RequestReceived], seconds: float) -> list[WrittenEvent]:
        values = await self._worker.ask(Batch(list(requests)), seconds, STUCK + 2 * seconds)
        return [_written(request, value) for request, value in zip(requests, values, strict=True)]


def _written(request: RequestReceived, value: bytes) -> WrittenEvent:
    return WrittenEvent(requests_triaged.TOPIC, request.request_id, value)
