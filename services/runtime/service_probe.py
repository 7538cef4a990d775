"""Asks every service over HTTP whether it can do its work, side by side and for some seconds at most."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import httpx
from pydantic import BaseModel, ValidationError

from services.runtime import clock
from services.runtime.readiness import ReadinessAnswer, Trouble

ANSWER_SECONDS = 4.0  # a service asks Kafka and the database itself before it answers


class ServiceState(BaseModel):
    """`silent`: it did not answer; `detail` says how, and `since` when that was first met by this process."""

    service: str
    url: str
    state: Literal["ready", "waiting", "silent"]
    since: datetime | None = None
    detail: str = ""
    troubles: list[Trouble] = []


class ServiceProbe:
    """Remembers since when each service is silent."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = dict(urls)
        self._silent_since: dict[str, datetime] = {}

    async def now(self) -> list[ServiceState]:
        """The state of each, in the order they were given in."""
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False) as client:
            return list(await asyncio.gather(*(self._of(client, service, url) for service, url in self._urls.items())))

    async def _of(self, client: httpx.AsyncClient, service: str, url: str) -> ServiceState:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                response = await client.get(f"{url}/readyz")
            answer = ReadinessAnswer.model_validate_json(response.content)
        except (httpx.HTTPError, httpx.InvalidURL, ValidationError, TimeoutError) as error:
            since = self._silent_since.setdefault(service, clock.now())
            return ServiceState(service=service, url=url, state="silent", since=since, detail=_how(error))
        self._silent_since.pop(service, None)
        oldest = min((trouble.since for trouble in answer.troubles), default=None)
        return ServiceState(service=service, url=url, state=answer.status, since=oldest, troubles=answer.troubles)


def _how(error: Exception) -> str:
    if isinstance(error, httpx.ConnectError):
        return "nothing listens there"
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return f"no answer within {ANSWER_SECONDS:g} s"
    return "it does not answer as a service of Parvis does" if isinstance(error, ValidationError) else type(error).__name__
