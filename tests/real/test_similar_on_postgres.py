"""Near-duplicates on PostgreSQL: the same tables, and a lookup that reads the key and not the table."""

import random
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col

from services.domain import fingerprints
from services.review.cases.near_duplicates import store as near_duplicates
from services.review.cases.near_duplicates.tables import FingerprintBandRow
from services.runtime.database import Database, lines
from services.triage.fingerprint import fingerprint

LETTER = "The lamp on Elm Street has been out for a week, the pavement is dark and my mother fell there yesterday evening."


async def test_what_was_kept_is_found_among_others_and_once(database: Database) -> None:
    chance = random.Random(3)
    async with database.transaction() as session:
        for number in range(2, 60):
            other = fingerprints.write([chance.randrange(1 << 16) for _ in range(fingerprints.SLOTS)])
            await near_duplicates.keep(session, UUID(int=number), other)
        for _ in range(2):
            await near_duplicates.keep(session, UUID(int=1), fingerprint(None, LETTER))
        await near_duplicates.keep(session, UUID(int=99), fingerprint(None, LETTER + " Please!"))
    async with database.reading() as session:
        assert [neighbour.request_id.int for neighbour in await near_duplicates.near(session, UUID(int=99))] == [1]
        assert len(await lines(session, sa.select(FingerprintBandRow).where(col(FingerprintBandRow.number) == 59))) == fingerprints.BANDS


@pytest.mark.parametrize("value", [7, -1], ids=["few have it", "a campaign has it"])
async def test_a_band_is_looked_up_by_its_key(database: Database, value: int) -> None:
    async with database.transaction() as session:
        connection = await session.connection()
        for rows in ("select n % 5000, n from generate_series(1, 50000) n", "select -1, n from generate_series(50001, 70000) n"):
            await connection.execute(sa.text(f"insert into review_fingerprint_bands {rows}"))
        await connection.execute(sa.text("analyze review_fingerprint_bands"))
        statement = sa.text("explain select number from review_fingerprint_bands where value = :value order by number desc limit 200")
        plan = "\n".join((await connection.execute(statement, {"value": value})).scalars())
    assert "review_fingerprint_bands_pkey" in plan
    assert "Seq Scan" not in plan
