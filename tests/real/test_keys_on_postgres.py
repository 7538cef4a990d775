"""Keys of an agency on PostgreSQL, where two administrators act at once."""

import asyncio
from datetime import timedelta

import pytest

from services.intake import api_keys
from services.local import agency_provisioning
from services.review.agencies import store
from services.runtime import clock
from services.runtime.database import Database
from services.runtime.errors import InvalidInput


async def an_agency(database: Database) -> None:
    async with database.transaction() as session:
        await agency_provisioning.add(session, "belrive", "Belrive", clock.now())


async def replaces(database: Database, may_end: asyncio.Event, has_key: asyncio.Event) -> None:
    """One administrator replaces the key, and is slow to finish."""
    now = clock.now()
    async with database.transaction() as session:
        await agency_provisioning.replace_key(session, "belrive", now, now + timedelta(days=7))
        has_key.set()
        await may_end.wait()


async def test_who_revokes_everything_while_a_key_is_replaced_revokes_the_new_one_too(database: Database) -> None:
    await an_agency(database)
    may_end, has_key = asyncio.Event(), asyncio.Event()
    replacing = asyncio.create_task(replaces(database, may_end, has_key))
    await has_key.wait()

    async def revokes() -> int:
        async with database.transaction() as session:
            return await agency_provisioning.revoke(session, "belrive", clock.now())

    revoking = asyncio.create_task(revokes())
    done, _ = await asyncio.wait([revoking], timeout=0.5)
    may_end.set()
    await replacing

    assert (not done, await revoking) == (True, 2)
    async with database.reading() as session:
        assert await api_keys.good(session, clock.now()) == []
        standing = await store.standing(session, "belrive", clock.now())
    assert standing
    assert (standing.revoked, standing.signing_keys) == (True, ())


async def test_of_two_who_replace_one_key_the_second_is_told_that_it_is_replaced(database: Database) -> None:
    await an_agency(database)
    may_end, has_key = asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(replaces(database, may_end, has_key))
    await has_key.wait()
    async with database.reading() as session:
        [former] = await api_keys.good(session, clock.now())

    async def second() -> None:
        now = clock.now()
        async with database.transaction() as session:
            await agency_provisioning.replace_key(session, "belrive", now, now + timedelta(days=7), prefix=former.prefix)

    late = asyncio.create_task(second())
    await asyncio.wait([late], timeout=0.5)
    may_end.set()
    await first

    with pytest.raises(InvalidInput, match="just replaced"):
        await late
    async with database.reading() as session:
        assert len(await api_keys.good(session, clock.now())) == 2
