"""The list of an agency's requests on PostgreSQL: parts of events are read as JSON, pages follow each other by an index."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from services.intake import acceptance, listing_store
from services.intake.acceptance import Accepted, Caller, Sent
from services.intake.listing import Filters
from services.intake.tables import StatusRow
from services.runtime.database import Database

PLACED: dict[str, object] = {
    "channel": "open311",
    "body": "The lamp on Elm Street is out \U0001f4a1 \\u0000",
    "location": {"latitude": 49.1193, "longitude": 6.1757, "address": "12 Elm Street"},
    "attachments": [{"url": "https://photos.example/lamp.jpg"}],
    "metadata": {"open311_address_id": "545483"},
}
BARE: dict[str, object] = {"channel": "web", "body": "A letter"}


async def accepted(database: Database, *values: dict[str, object]) -> list[UUID]:
    sent = [Sent(value, chosen_category="street_lighting") for value in values]
    outcomes = await acceptance.accept(database, Caller("springfield"), sent, timedelta(minutes=2))
    return [outcome.request_id for outcome in outcomes if isinstance(outcome, Accepted)]


async def test_what_the_journal_has_is_shown_without_its_files_and_its_sender(database: Database) -> None:
    placed, bare = await accepted(database, PLACED, BARE)
    async with database.reading() as session:
        reports = await listing_store.reports(session, "springfield", [placed, bare])
    full = reports[placed]
    assert (full.body, full.latitude, full.longitude, full.address) == (PLACED["body"], 49.1193, 6.1757, "12 Elm Street")
    assert (full.address_id, full.media_url) == ("545483", "https://photos.example/lamp.jpg")
    assert (reports[bare].body, reports[bare].latitude, reports[bare].media_url) == ("A letter", None, None)


async def test_pages_follow_each_other_and_are_filtered(database: Database) -> None:
    for _ in range(5):
        await accepted(database, BARE)
    async with database.reading() as session:
        everything = await listing_store.requests_of(session, "springfield", Filters(), limit=10)
        first = await listing_store.requests_of(session, "springfield", Filters(), limit=2)
        rest = await listing_store.requests_of(session, "springfield", Filters(), limit=10, after=first[-1].place)
        chosen = await listing_store.requests_of(session, "springfield", Filters(categories=("street_lighting",)), limit=10, offset=1)
        none = await listing_store.requests_of(session, "springfield", Filters(categories=()), limit=10)
        rows = (await session.exec(select(sa.func.count()).select_from(StatusRow).where(col(StatusRow.agency) == "springfield"))).one()
    assert [entry.request_id for entry in first + rest] == [entry.request_id for entry in everything]
    assert (len(everything), rows, len(chosen), none) == (5, 5, 4, [])
    assert [entry.accepted_at for entry in everything] == sorted((entry.accepted_at for entry in everything), reverse=True)
