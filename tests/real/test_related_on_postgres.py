"""Cases that belong together on PostgreSQL: citizens' contacts are looked up by their key, links from both sides."""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa

from services.review.cases import case_state, store
from services.review.cases.related import contact_store, link_store
from services.review.cases.related.case_links import CaseLink, LinkKind
from services.review.cases.related.contact_keys import contact_keys
from services.runtime.database import Database
from tests.case_builders import a_case_to_decide, a_new_case, received

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


async def test_contacts_are_kept_once_and_looked_up_by_their_key_among_many(database: Database) -> None:
    case = a_case_to_decide()
    async with database.transaction() as session:
        connection = await session.connection()
        many = sa.text(
            "insert into review_citizen_contacts select decode(md5((n % 20000)::text), 'hex'), now() - n * interval '1 minute',"
            " gen_random_uuid() from generate_series(1, 50000) n"
        )
        await connection.execute(many)
        await connection.execute(sa.text("analyze review_citizen_contacts"))
        for _ in range(2):
            await contact_store.keep(session, case)
    async with database.reading() as session:
        keys = contact_keys(case)
        assert await contact_store.newest_with(session, keys, UUID(int=1), 10) == [case.request_id]
        assert await contact_store.newest_with(session, keys, case.request_id, 10) == []
        statement = sa.text(
            "explain select request_id from review_citizen_contacts where contact = decode(md5('7'), 'hex')"
            " order by received_at desc, request_id desc limit 201"
        )
        plan = "\n".join((await (await session.connection()).execute(statement)).scalars())
    assert "review_citizen_contacts_pkey" in plan
    assert "Seq Scan" not in plan


async def test_links_are_kept_once_and_read_and_removed_from_both_sides(database: Database) -> None:
    first, second, third = (UUID(int=number) for number in (1, 2, 3))
    follows, split = CaseLink(second, first, LinkKind.FOLLOWS), CaseLink(third, first, LinkKind.SPLIT)
    async with database.transaction() as session:
        assert await link_store.add(session, [follows, split], "anna@city.example", NOW)
        assert not await link_store.add(session, [follows], "ben@city.example", NOW)
        assert set(await link_store.of_case(session, first)) == {follows, split}
        assert await link_store.of_case(session, second) == [follows]
        assert not await link_store.remove(session, first, third)  # one letter stays one letter
        assert await link_store.remove(session, first, second)
        assert await link_store.of_case(session, first) == [split]


async def test_a_thread_is_joined_by_indexes_alone_among_many_mails_whichever_message_comes_first(database: Database) -> None:
    first, later, reply = UUID(int=11), UUID(int=12), UUID(int=13)
    before = a_new_case()
    async with database.transaction() as session:
        connection = await session.connection()
        many = sa.text(
            "insert into review_mail_ids select decode(md5((n % 20000)::text), 'hex'), n % 2 = 0, gen_random_uuid()"
            " from generate_series(1, 50000) n"
        )
        await connection.execute(many)
        await connection.execute(sa.text("analyze review_mail_ids"))
        for number, changes in (
            (reply, {"references": ["<a@mail.example>"], "automatic": "reply"}),
            (later, {"references": ["<a@mail.example>"], "message_id": "<b@mail.example>"}),
            (first, {"message_id": "<a@mail.example>"}),
        ):
            message = received(request_id=str(number), **changes)
            case = case_state.with_request(before.model_copy(update={"request_id": number}), message, NOW)
            await store.save(session, case, None)
            await link_store.keep_thread(session, message, "parvis", NOW)
    async with database.reading() as session:
        links = {(link.request_id, link.other, link.kind) for link in await link_store.of_case(session, first)}
        assert links == {(later, first, LinkKind.FOLLOWS), (reply, first, LinkKind.MACHINE)}
        assert await link_store.followed_by(session, first) == [later]
        statement = sa.text("explain select request_id from review_mail_ids where mail = decode(md5('7'), 'hex') and answered limit 20")
        plan = "\n".join((await (await session.connection()).execute(statement)).scalars())
    assert "review_mail_ids_pkey" in plan
    assert "Seq Scan" not in plan
