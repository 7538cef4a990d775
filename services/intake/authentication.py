"""Authenticates an agency by its API key, before anything that it sent is read."""

import logging
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from services.domain import agency_signing_key
from services.domain.agency_keys import Key, KeyScope
from services.intake import api_keys
from services.runtime import clock, publisher_keys
from services.runtime.client_address import client_address
from services.runtime.database import Database
from services.runtime.errors import NotAllowed, NotSignedIn
from services.runtime.line_budget import Budget

log = logging.getLogger(__name__)

SCHEME = HTTPBearer(auto_error=False, description="the agency's key, which begins with `pk_`")
"""Says in the OpenAPI document how a key is sent; `identify` reads it."""


class KeyNeeded(NotSignedIn):
    """No key, an unknown one, or a revoked one: the answer does not say which."""

    title = "A valid API key is needed"


class KeyNotFor(NotAllowed):
    """The key is good, and not for this."""

    title = "The key is not for this"


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


DatabaseDep = Annotated[Database, Depends(_database)]


@dataclass(frozen=True)
class Identified:
    """Whose key it is, and the key."""

    agency: str
    token: str


def bearer(request: Request) -> str:
    """The token of `Authorization: Bearer`; empty where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def identify(request: Request, database: Database, token: str, scope: KeyScope, how: str) -> Identified:
    """The agency whose key it is, where the key is for that. Raises KeyNeeded, with `how` it is sent, and KeyNotFor."""
    key = None
    if token:
        async with database.reading() as session:
            key = await api_keys.key_of(session, token, clock.now())
    if not key:
        _note_refusal(request, token)
        raise KeyNeeded(how)
    await _note_use(database, key, token)
    if not key.terms.allows(scope):
        raise KeyNotFor(f"this key is for {' and '.join(key.terms.scopes)} alone, and this needs {scope}: use another key of the agency")
    if key.terms.allows(KeyScope.SEND):
        await _keep_signing_key(request, database, key.agency, token)
    return Identified(key.agency, token)


HOW = "send the agency's key, as Authorization: Bearer pk_..."


async def _sender(request: Request, database: DatabaseDep, _: Annotated[object, Depends(SCHEME)]) -> Identified:
    return await identify(request, database, bearer(request), KeyScope.SEND, HOW)


async def _reader(request: Request, database: DatabaseDep, _: Annotated[object, Depends(SCHEME)]) -> str:
    return (await identify(request, database, bearer(request), KeyScope.READ, HOW)).agency


IdentifiedDep = Annotated[Identified, Depends(_sender)]
"""Who hands over requests."""
ReaderDep = Annotated[str, Depends(_reader)]
"""The agency that sees its requests."""


async def _note_use(database: Database, key: Key, token: str) -> None:
    """By the day: whether an old key is still in use is seen without a write for each request."""
    today = clock.now().date()
    if key.used_on != today:
        async with database.transaction() as session:
            await api_keys.note_use(session, token, today)


async def _keep_signing_key(request: Request, database: Database, agency: str, token: str) -> None:
    """Of a key that was issued before there were signatures, only now is known what verifies them; once in a process's life."""
    kept: set[str] = request.app.state.signing_keys_kept
    signing_key = agency_signing_key.signing_key(token)
    if signing_key not in kept:
        async with database.reading() as session:
            is_kept = await publisher_keys.is_kept(session, signing_key)
        if not is_kept:
            async with database.transaction() as session:
                # Asked once more, since the key may have been revoked meanwhile: what verifies it must not outlive it.
                key = await api_keys.key_of(session, token, clock.now(), lock=True)
                if not key:
                    return
                await publisher_keys.keep(session, agency, signing_key, key.prefix, key.terms.expires_at)
        kept.add(signing_key)


def _note_refusal(request: Request, token: str) -> None:
    """A line in the log: from where, and nothing of what was sent as a key. Never without end."""
    refusals: Budget = request.app.state.refused_keys
    left_out = refusals.take(clock.now())
    if left_out is not None:
        address = client_address(request, request.app.state.trusted_proxies)
        kind = "unknown" if token or "authorization" in request.headers else "missing"
        log.warning("key refused: %s, from %s (%d before were not logged)", kind, address, left_out)
