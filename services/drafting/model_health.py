"""Whether the model's endpoint answers: by what became of the last draft, and by asking it for its models now and then."""

import asyncio
import time
from collections.abc import Callable

import httpx

from services.domain.phrases import Phrase
from services.drafting.chat_completion import DEFAULT_URL, refusal
from services.drafting.model_client import LONG_REST, ModelDrafter
from services.runtime.settings import LlmSettings

ASK_SECONDS = 10.0
ANSWER_SECONDS = 2.0
"""Of the whole question, connecting and all: less than readiness waits for a check, which would else give up on it."""
HANGS_AFTER = 0.5
"""The share of the time an answer may take after which a call that still waits is told of: who looks wants to know before it has failed."""
NOT_IMPLEMENTED = 501
TELLING = {401, 402, 403, 429}
"""Statuses that say the same of drafts. Others are of this address alone: not every server lists its models."""


class ModelHealth:
    """A readiness check. Drafts are written from templates while it fails, so that it blocks nothing."""

    def __init__(self, drafter: ModelDrafter, settings: LlmSettings, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._drafter = drafter
        self._url = f"{(settings.base_url or DEFAULT_URL).rstrip('/')}/models"
        key = settings.api_key.get_secret_value()
        self._headers = {"authorization": f"Bearer {key}"} if key else {}
        self._monotonic = monotonic
        self._hangs_after = settings.timeout_seconds * HANGS_AFTER
        self._asking = asyncio.Lock()
        self._asked_at = -ASK_SECONDS
        self._answer: str | None = None

    async def check(self) -> str | None:
        """What is wrong with the endpoint. That it is back is seen by asking; that it is slow or wrong by drafts alone."""
        async with self._asking:
            if self._monotonic() - self._asked_at >= ASK_SECONDS:
                self._answer = await self._probe()
                self._asked_at = self._monotonic()  # after it: a question that was broken off leaves no old answer for new
        waits = self._drafter.waits_for
        if waits >= self._hangs_after:
            return Phrase(f"the model's endpoint (it has not answered for {waits:.0f} s); drafts are made from templates if it does not")
        trouble = self._drafter.trouble
        old = self._monotonic() - self._drafter.trouble_at > LONG_REST  # nobody may have asked since, and it may be well again
        if trouble is None or old or (trouble.fault == "unreachable" and not trouble.detail):
            return self._answer
        return Phrase(f"the model's endpoint ({trouble.detail or trouble.fault}); drafts are made from templates")

    async def _probe(self) -> str | None:
        try:
            # A client of its own each time: a connection that was kept would say nothing of the next one. Its own limit is one
            # for each of connecting, sending and reading, and for each piece that is read: together they may take any time.
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                httpx.AsyncClient(timeout=ANSWER_SECONDS, headers=self._headers) as client,
                client.stream("GET", self._url) as answer,
            ):
                status = answer.status_code
        except (TimeoutError, httpx.TimeoutException):
            return Phrase("the model's endpoint (it does not answer in time); drafts are made from templates")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Phrase(f"the model's endpoint (it can't be reached: {type(error).__name__}); drafts are made from templates")
        if status in TELLING or (status >= 500 and status != NOT_IMPLEMENTED):  # noqa: PLR2004 - HTTP
            return Phrase(f"the model's endpoint ({refusal(status, '', None).detail}); drafts are made from templates")
        return None
