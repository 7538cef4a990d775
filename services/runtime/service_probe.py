"""Asks every service over HTTP whether it can do its work, side by side and for some seconds at most."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ValidationError

from services.runtime import clock
from services.runtime.readiness import ReadinessAnswer, Trouble

if TYPE_CHECKING:
    import httpx

START = timedelta(minutes=2)
"""How long a service may take: triage may learn before it answers."""
ANSWER_SECONDS = 4.0  # a service asks Kafka and the database itself before it answers


class ServiceState(BaseModel):
    """`silent`: it did not answer; `detail` says how, and `since` when that was first met by this process.

    `starting`: it has had too little time to listen, or to be given its share of the records.
    """

    service: str
    url: str
    state: Literal["ready", "waiting", "silent"]
    starting: bool = False
    since: datetime | None = None
    detail: str = ""
    troubles: list[Trouble] = []


class ServiceProbe:
    """Remembers since when each service is silent. `started_at`: when all of them were started, where that is known."""

    def __init__(self, urls: Mapping[str, str], started_at: datetime | None = None) -> None:
        self._urls = dict(urls)
        self._started_at = started_at
        self._silent_since: dict[str, datetime] = {}

    async def now(self) -> list[ServiceState]:
        """The state of each, in the order they were given in."""
        import httpx  # its libraries take some megabytes, and review asks with the first page of operations only

        async with httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False) as client:
            return list(await asyncio.gather(*(self._of(client, service, url) for service, url in self._urls.items())))

    async def _of(self, client: "httpx.AsyncClient", service: str, url: str) -> ServiceState:
        import httpx

        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                response = await client.get(f"{url}/readyz")
            answer = ReadinessAnswer.model_validate_json(response.content)
        except (httpx.HTTPError, httpx.InvalidURL, ValidationError, TimeoutError) as error:
            since = self._silent_since.setdefault(service, clock.now())
            starting = isinstance(error, httpx.ConnectError) and _is_new(self._started_at)
            return ServiceState(service=service, url=url, state="silent", starting=starting, since=since, detail=_how(error))
        self._silent_since.pop(service, None)
        oldest = min((trouble.since for trouble in answer.troubles), default=None)
        waits_for = {trouble.dependency for trouble in answer.troubles if trouble.blocks}
        starting = waits_for == {"kafka"} and _is_new(answer.started_at)
        return ServiceState(service=service, url=url, state=answer.status, starting=starting, since=oldest, troubles=answer.troubles)


def _is_new(started_at: datetime | None) -> bool:
    return started_at is not None and clock.now() - started_at < START


def _how(error: Exception) -> str:
    import httpx

    if isinstance(error, httpx.ConnectError):
        return "nothing listens there"
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return f"no answer within {ANSWER_SECONDS:g} s"
    return "it does not answer as a service of Parvis does" if isinstance(error, ValidationError) else type(error).__name__
