"""What routes of intake ask for by name: the key's quota, the Idempotency-Key, the outbox's relay."""

import hashlib
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from services.domain.taxonomy import InvalidTaxonomy, Taxonomy
from services.intake.authentication import IdentifiedDep
from services.intake.quota import Quota, Quotas
from services.intake.request_body import MIB
from services.runtime.errors import ParvisError, Unavailable
from services.runtime.outbox import Relay

MAX_KEY = 255


class QuotaUsed(ParvisError):
    """The key has handed over as many requests as it may for now."""

    status = 429
    title = "Too many requests"

    def __init__(self, quota: Quota) -> None:
        super().__init__(f"this key has used its quota: send it again in {quota.wait} s; nothing was kept of it")
        self.headers = quota.headers


def _patience(request: Request) -> timedelta:
    patience: timedelta = request.app.state.patience
    return patience


def _relay(request: Request) -> Relay:
    relay: Relay = request.app.state.relay
    return relay


def _taxonomy(request: Request) -> Taxonomy:
    """No coroutine: the first time takes a second, in a thread."""
    parsed: Callable[[], Taxonomy] = request.app.state.taxonomy
    try:
        return parsed()
    except InvalidTaxonomy as error:
        raise Unavailable(f"PARVIS_TAXONOMY: {error}") from None


def take(request: Request, token: str, wanted: int, *, whole: bool = False) -> Quota | None:
    """Takes `wanted` requests off the key's quota; the key itself is not kept for it. None where there is no limit."""
    quotas: Quotas = request.app.state.quotas
    return quotas.take(hashlib.sha256(token.encode("utf-8", "replace")).hexdigest(), wanted, time.monotonic(), whole=whole)


def take_one(request: Request, response: Response, token: str) -> None:
    """Takes one request and says in the answer's headers what is left. Raises QuotaUsed."""
    quota = take(request, token, 1)
    if quota and not quota.granted:
        raise QuotaUsed(quota)
    response.headers.update(quota.headers if quota else {})


def take_for_bytes(request: Request, response: Response, token: str, size: int) -> None:
    """Takes off the quota what files weigh: each whole MiB as a request, and never more than a rested key has. Raises QuotaUsed.

    Says in the answer's headers what is left after it.
    """
    quotas: Quotas = request.app.state.quotas
    weight = min(size // MIB, quotas.burst - 1)
    quota = take(request, token, weight, whole=True) if weight > 0 else None
    if quota and not quota.granted:
        raise QuotaUsed(quota)
    response.headers.update(quota.headers if quota else {})


async def _within_quota(request: Request, response: Response, identified: IdentifiedDep) -> str:
    """The agency, where its key may hand over one more request."""
    take_one(request, response, identified.token)
    return identified.agency


PatienceDep = Annotated[timedelta, Depends(_patience)]
RelayDep = Annotated[Relay, Depends(_relay)]
TaxonomyDep = Annotated[Taxonomy, Depends(_taxonomy)]
SenderDep = Annotated[str, Depends(_within_quota)]
KeyDep = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=MAX_KEY, description="the same key and body again are the same request"),
]
