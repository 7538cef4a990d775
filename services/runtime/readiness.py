"""What a service waits for now, and since when: asked by `/readyz`, and read there by whoever looks at all services."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from services.runtime import clock

Dependency = Literal["kafka", "database", "model", "mail server", "webhooks", "mailbox"]

ASK_SECONDS = 2.5
"""Of one check. Who asks for readiness gives up after four: a service that waits for a server must not seem silent itself."""

Ask = Callable[[], Awaitable[str | None]]
"""Answers what is wrong, in a few words of our own, or nothing."""


@dataclass(frozen=True)
class Check:
    """One thing that a service needs. `blocks`: without it the service can't do its work; else it does it less well."""

    dependency: Dependency
    ask: Ask
    blocks: bool = True


class Trouble(BaseModel):
    """What is wrong with a dependency, since when this process knows."""

    dependency: str
    detail: str
    since: datetime
    blocks: bool


class ReadinessAnswer(BaseModel):
    """The body of `/readyz`. `waiting_for` has the details of `troubles` alone."""

    service: str
    started_at: datetime
    status: Literal["ready", "waiting"]
    waiting_for: list[str]
    troubles: list[Trouble]


class Readiness:
    """The checks of one process. It remembers since when each of them fails."""

    def __init__(self, service: str, checks: Sequence[Check]) -> None:
        self._service = service
        self._checks = tuple(checks)
        self._since: dict[Check, datetime] = {}
        self._started_at = clock.now()

    async def now(self) -> ReadinessAnswer:
        """Asks all of them, side by side."""
        details = await asyncio.gather(*(_asked(check) for check in self._checks))
        troubles = []
        for check, detail in zip(self._checks, details, strict=True):
            if detail is None:
                self._since.pop(check, None)
                continue
            since = self._since.setdefault(check, clock.now())
            troubles.append(Trouble(dependency=check.dependency, detail=detail, since=since, blocks=check.blocks))
        return ReadinessAnswer(
            service=self._service,
            started_at=self._started_at,
            status="waiting" if any(trouble.blocks for trouble in troubles) else "ready",
            waiting_for=[trouble.detail for trouble in troubles],
            troubles=troubles,
        )


_NAMES: dict[Dependency, str] = {
    "kafka": "Kafka",
    "database": "the database",
    "model": "the model's endpoint",
    "mail server": "the mail server",
    "webhooks": "an agency's webhook",
    "mailbox": "an agency's mailbox",
}
"""As they stand in a sentence. Review has them and the sentences in its catalogue: what runs a process knows nothing of languages."""


async def _asked(check: Check) -> str | None:
    name = _NAMES[check.dependency]
    try:
        async with asyncio.timeout(ASK_SECONDS):
            return await check.ask()
    except TimeoutError:
        return f"{name}, which did not answer within {ASK_SECONDS:g} s"
    except Exception as error:  # noqa: BLE001 - whatever it is, what can't be looked at is not in order
        return f"{name}, of which nothing can be told now ({type(error).__name__})"
