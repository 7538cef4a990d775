"""Renews the lease of a running attempt, so that leases can be short and a killed process's work is free soon."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta

from services.runtime import clock

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=15)
RENEW_SECONDS = 3.0  # several times within a lease: one look that the database is slow to answer costs nothing

Renew = Callable[[datetime], Awaitable[bool]]


@contextlib.asynccontextmanager
async def renewed(renew: Renew) -> AsyncIterator[None]:
    """Renews the lease while the block runs. An attempt that lost it is stopped by its fencing number before it transmits or records."""
    renewing = asyncio.create_task(_renew(renew))
    try:
        yield
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)


async def _renew(renew: Renew) -> None:
    held = True
    while held:
        await asyncio.sleep(RENEW_SECONDS)
        try:
            held = await renew(clock.now() + LEASE)
        except Exception as error:  # the database is away: others can't take anything meanwhile either
            log.warning("dispatch: a lease could not be renewed (%s), trying again", type(error).__name__, exc_info=error)
