"""Words being written and who has a case open, on PostgreSQL: overlapping requests leave the newest text, and leases end."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from services.review.cases.live import presence_store
from services.review.cases.writing import text_store
from services.review.cases.writing.written_text import WrittenText
from services.runtime import clock
from services.runtime.database import Database

REQUEST, DRAFT = uuid4(), uuid4()


def text(sequence: int, words: str = "") -> WrittenText:
    return WrittenText("anna@city.example", DRAFT, "body", "page-a", sequence, words or f"text {sequence}", clock.now())


async def test_of_requests_that_overlap_the_newest_stands_and_what_was_used_stays_used(database: Database) -> None:
    async def keeps(written: WrittenText) -> None:
        async with database.transaction() as session:
            await text_store.keep(session, REQUEST, [written])

    await asyncio.gather(*(keeps(text(number)) for number in (3, 9, 1, 7, 5, 2, 8)))
    async with database.reading() as session:
        assert [kept.text for kept in await text_store.texts_of(session, REQUEST)] == ["text 9"]
    async with database.transaction() as session:
        await text_store.mark_used(session, REQUEST, "anna@city.example", [(DRAFT, "body")], "page-a", clock.now())
    await asyncio.gather(*(keeps(text(number)) for number in (9, 4)))
    await keeps(replace(text(12), page="page-b", base_page="page-a", base=9))
    async with database.reading() as session:
        assert [kept.text for kept in await text_store.texts_of(session, REQUEST)] == ["text 12"]


async def test_words_of_cases_that_are_gone_are_forgotten(database: Database) -> None:
    async with database.transaction() as session:
        await text_store.keep(session, REQUEST, [text(1)])
    later = clock.now() + text_store.KEPT_AFTER_THE_END + timedelta(days=1)
    async with database.transaction() as session:
        assert await text_store.forget_old(session, clock.now(), 100) == 0
        assert await text_store.forget_old(session, later, 100) == 1


async def test_leases_are_seen_by_all_and_end(database: Database) -> None:
    now = clock.now()
    for email, writes in (("anna@city.example", False), ("ben@city.example", True)):
        row = presence_store.lease(REQUEST, email, "p", now, writing=writes)
        await asyncio.gather(*(presence_store.visit(database, row, now) for _ in range(3)))
    async with database.reading() as session:
        there = (await presence_store.present(session, [REQUEST], now))[REQUEST]
        later = await presence_store.present(session, [REQUEST], now + presence_store.LEASE + timedelta(seconds=1))
    assert [(present.email, present.writes) for present in there] == [("ben@city.example", True), ("anna@city.example", False)]
    assert later == {}
