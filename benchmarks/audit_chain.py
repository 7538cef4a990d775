"""Measures how many entries of the audit log a second are written, sealed and verified: `python -m benchmarks.audit_chain`.

With `[--entries 20000]`. On SQLite and on PostgreSQL, which is started and stopped here. Beside them stand the same rows put into a table
without triggers, chain or index, which is as fast as this machine writes at all. Entries are written twenty in a transaction: alone, and
while a sealer works.
"""

import argparse
import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

from services.migrations.upgrade import upgrade
from services.review.audit import store
from services.review.audit.anchors import AnchorKey
from services.review.audit.sealer import Sealer
from services.review.audit.store import Entry
from services.review.audit.tables import AuditRow
from services.review.audit.verification import verify
from services.runtime import clock
from services.runtime.database import Database
from services.runtime.settings import Settings
from tests.harness.postgres import Postgres

AT_ONCE = 20
KEY = AnchorKey("a key of the benchmark alone, thirty-two characters")
BARE = sa.Table(
    "bench_bare", sa.MetaData(), *(sa.Column(column.name, column.type) for column in AuditRow.__table__.columns if column.name != "id")  # type: ignore[attr-defined]  # sqlmodel's
)  # fmt: skip


def an_entry(number: int) -> Entry:
    detail = {"draft_id": str(uuid4()), "state": ["awaiting_approval", "approved"], "reason": f"as the {number}th before"}
    return Entry(clock.now(), f"person{number % 40}@city.example", "approve", uuid4(), detail)


async def written(database: Database, count: int) -> None:
    """Entries as every transaction leaves them."""
    for first in range(0, count, AT_ONCE):
        async with database.transaction() as session:
            for number in range(first, first + AT_ONCE):
                await store.add(session, an_entry(number))


async def written_bare(database: Database, count: int) -> None:
    """The same rows in a table that nothing protects."""
    for first in range(0, count, AT_ONCE):
        entries = [an_entry(number) for number in range(first, first + AT_ONCE)]
        async with database.transaction() as session:
            names = ("at", "actor", "action", "request_id", "detail")
            rows = [{name: getattr(entry, name) for name in names} for entry in entries]
            await (await session.connection()).execute(sa.insert(BARE), rows)


async def written_and_sealed(database: Database, sealer: Sealer, count: int) -> None:
    """Until all is written, a sealer seals what is there."""
    sealing = asyncio.create_task(sealer.run())
    await written(database, count)
    sealing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await sealing


async def rate(work: Callable[[], Awaitable[object]], count: int) -> float:
    """Entries a second."""
    started = time.perf_counter()
    await work()
    return count / (time.perf_counter() - started)


async def measured(url: str, count: int) -> AsyncIterator[tuple[str, float]]:
    database = Database(url)
    sealer = Sealer(database, KEY, None, timedelta(hours=1))
    async with database.transaction() as session:
        await (await session.connection()).run_sync(BARE.metadata.create_all)
    for work in (written_bare, written):  # the first transactions of a process are slow
        await work(database, 10 * AT_ONCE)
    await sealer.seal_all()
    yield "rows without a log", await rate(lambda: written_bare(database, count), count)
    yield "entries", await rate(lambda: written(database, count), count)
    yield "sealed", await rate(sealer.seal_all, count)
    yield "entries while a sealer works", await rate(lambda: written_and_sealed(database, sealer, count), count)
    await sealer.seal_all(thorough=True)
    await sealer.anchor(at_once=True)

    async def looks() -> None:
        async with database.reading() as session:
            answer = await verify(session, clock.now(), trusted=[KEY.public])
        assert (answer.entries, answer.faults) == (2 * count + 10 * AT_ONCE, ())

    yield "verified", await rate(looks, 2 * count)
    await database.close()


async def printed(name: str, url: str, count: int) -> None:
    print(f"{name}, {count:,} entries, {AT_ONCE} in a transaction; load {os.getloadavg()[0]:.1f}")
    async for what, a_second in measured(url, count):
        print(f"  {what:30} {a_second:10,.0f} a second", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=20_000)
    options = parser.parse_args()
    count = max(options.entries // AT_ONCE, 1) * AT_ONCE
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'log.db'}"
        upgrade(url)
        asyncio.run(printed("SQLite", url, count))
    # Both flush each transaction to disk as they do where people work: else the comparison would be of their memories.
    with Postgres({"fsync": "on"}) as server, server.database() as name:
        url = Settings(database_url=server.url(name)).database
        upgrade(url)
        asyncio.run(printed("PostgreSQL", url, count))
    return 0


if __name__ == "__main__":
    sys.exit(main())
