"""The chain of the audit log on PostgreSQL: two sealers, a server that cuts them off, and hands that change what was sealed."""

import asyncio
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from services.review.audit import anchors, chain_store, store
from services.review.audit.anchors import Anchor, AnchorKey
from services.review.audit.sealer import AT_ONCE, Sealer
from services.review.audit.store import Entry
from services.review.audit.verification import Verified, verify
from services.runtime import clock
from services.runtime.database import Database
from tests.harness.postgres import Postgres

KEY = AnchorKey("a key that lies elsewhere, thirty-two characters")
EVERY = timedelta(0)


async def does_things(database: Database, count: int) -> None:
    async with database.transaction() as session:
        for number in range(count):
            at = clock.now() - timedelta(minutes=10)
            await store.add(session, Entry(at, f"anna{number}@city.example", "approve", None, {"draft": number, "note": "é"}))


async def verified(database: Database, *elsewhere: Anchor) -> Verified:
    async with database.reading() as session:
        return await verify(session, clock.now(), elsewhere=elsewhere, trusted=[KEY.public])


def kinds(answer: Verified) -> set[str]:
    return {fault.kind for fault in answer.faults}


def changes(url: str, *statements: str) -> None:
    """As somebody does who has the server itself: no trigger stops them."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        for statement in statements:
            assert connection.execute(statement).rowcount


async def test_two_processes_that_seal_at_once_while_a_third_writes_seal_each_entry_once(
    postgres: Postgres,  # noqa: ARG001 - marks it
    database: Database,
) -> None:
    await does_things(database, 2 * AT_ONCE + 7)
    other = Database(database.url)
    sealers = [Sealer(on, KEY, None, EVERY) for on in (database, other)]

    async def writes() -> None:
        for _ in range(20):
            await does_things(database, 10)

    sealed = await asyncio.gather(*(sealer.seal_all() for sealer in sealers), writes())
    last = await sealers[0].seal_all(thorough=True)
    await asyncio.gather(*(sealer.anchor() for sealer in sealers))
    await other.close()

    answer = await verified(database)
    assert sum(number or 0 for number in sealed) + last == answer.entries == 2 * AT_ONCE + 7 + 200
    assert answer.faults == ()


async def test_a_server_that_dies_while_entries_are_sealed_leaves_none_half_sealed(postgres: Postgres, database: Database) -> None:
    await does_things(database, 20)

    async def seals_and_is_cut_off() -> None:
        async with database.transaction() as session:
            numbers = await chain_store.unsealed(session, AT_ONCE, thorough=False)
            assert await chain_store.seal(session, numbers, clock.now()) == 20
            await session.flush()
            postgres.cut_connections()

    with pytest.raises(sa.exc.DBAPIError):
        await seals_and_is_cut_off()
    assert (await verified(database)).entries == 0

    await Sealer(database, KEY, None, EVERY).seal_all()  # and this one dies before it sets its anchor
    await Sealer(database, KEY, None, EVERY).anchor()

    answer = await verified(database)
    assert (answer.entries, answer.anchors, answer.faults) == (20, 1, ())


async def test_an_entry_that_is_committed_late_is_sealed_after_those_with_greater_numbers(
    postgres: Postgres,  # noqa: ARG001 - marks it
    database: Database,
) -> None:
    sealer = Sealer(database, KEY, None, EVERY)
    async with database.transaction() as late:
        await store.add(late, Entry(clock.now(), "ben@city.example", "approve"))
        await late.flush()
        await does_things(database, 5)
        assert await sealer.seal_all() == 5
    assert await sealer.seal_all() == 1
    await sealer.anchor()

    assert (await verified(database)).faults == ()


TAMPERED = {
    "another actor": (("update review_audit set actor = 'eve' where id = 3",), {"changed"}),
    "another detail": (("update review_audit set detail = '{\"draft\": 99}' where id = 3",), {"changed"}),
    "an entry is gone": (("delete from review_audit where id = 3",), {"missing"}),
    "an entry and its seal are gone": (
        ("delete from review_audit where id = 3", "delete from review_audit_seals where entry_id = 3"),
        {"gap"},
    ),
    "another hash": (("update review_audit_seals set hash = repeat('0', 64) where sequence = 3",), {"changed"}),
    "a seal of another time": (("update review_audit_seals set sealed_at = sealed_at - interval '1 day' where sequence = 3",), {"changed"}),
    "a seal is of another entry": (("update review_audit_seals set entry_id = 99 where sequence = 3",), {"missing"}),
    "the last entries are gone": (
        ("delete from review_audit where id > 6", "delete from review_audit_seals where sequence > 6"),
        {"head", "anchor"},
    ),
    "the last entries are gone, and the head says so": (
        (
            "delete from review_audit where id > 6",
            "delete from review_audit_seals where sequence > 6",
            "update review_audit_chain set sequence = 6, hash = (select hash from review_audit_seals where sequence = 6)",
        ),
        {"anchor"},
    ),
}


@pytest.mark.parametrize("name", TAMPERED)
async def test_what_somebody_with_the_server_itself_changes_is_found(
    postgres: Postgres,  # noqa: ARG001 - marks it
    database: Database,
    database_url: str,
    name: str,
) -> None:
    statements, expected = TAMPERED[name]
    await does_things(database, 8)
    sealer = Sealer(database, KEY, None, EVERY)
    await sealer.seal_all()
    await sealer.anchor()
    assert (await verified(database)).faults == ()

    changes(database_url, *statements)

    assert expected <= kinds(await verified(database))


async def test_a_log_that_was_set_back_whole_to_a_former_end_is_found_by_the_anchor_kept_elsewhere(
    postgres: Postgres,  # noqa: ARG001 - marks it
    database: Database,
    database_url: str,
    tmp_path: Path,
) -> None:
    file = tmp_path / "anchors.jsonl"
    sealer = Sealer(database, KEY, file, EVERY)
    for count in (6, 2):
        await does_things(database, count)
        await sealer.seal_all()
        await sealer.anchor()
    kept = [anchors.read(line) for line in file.read_text().splitlines()]
    assert (await verified(database, *kept)).faults == ()

    changes(
        database_url,
        "delete from review_audit where id > 6",
        "delete from review_audit_seals where sequence > 6",
        "delete from review_audit_anchors where sequence > 6",
        "update review_audit_chain set anchors = 1, sequence = 6, hash = (select hash from review_audit_seals where sequence = 6)",
    )

    assert (await verified(database)).faults == ()
    assert kinds(await verified(database, *kept)) == {"anchor"}
