"""Tasks that run beside a test as they run beside a service."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from services.runtime.database import Database

IDLE_SECONDS = 60.0


@asynccontextmanager
async def running_beside(database: Database, coroutine: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Runs it until the block ends, then stops it as a service does: between two transactions, and waits for its end.

    A task that is cancelled in the middle of one and not waited for can leave a connection that never closes.
    """
    task = asyncio.create_task(coroutine)
    try:
        yield
    finally:
        await database.idle(IDLE_SECONDS)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
