"""A message is acknowledged where a named person has decided that, once, and what became of the receipt stands in its case."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import col, select

from schemas.acknowledgements_decided import AcknowledgementDecided
from schemas.acknowledgements_dispatched import AcknowledgementDispatched
from services.review.audit import store as audit
from services.review.cases.acknowledgements import acknowledgement_store, acknowledging
from services.review.cases.acknowledgements.acknowledgement import MOST_A_DAY, Acknowledging
from services.review.cases.acknowledgements.acknowledgement_tables import AcknowledgementRow
from services.runtime import clock
from services.runtime.outbox import OutboxRow
from tests.pages.city import ADA, ANNA, Browser, City


async def switches(city: City, *, active: bool = True, agency: str = "city") -> None:
    async with city.commands.database.transaction() as session:
        await acknowledgement_store.keep(session, Acknowledging(agency, "The City", active, {}, ADA.email, clock.now()))


async def receipts(city: City) -> list[AcknowledgementDecided]:
    """Those that wait to leave."""
    async with city.commands.database.reading() as session:
        rows = select(OutboxRow).where(col(OutboxRow.topic) == AcknowledgementDecided.topic).order_by(col(OutboxRow.id))
        return [AcknowledgementDecided.model_validate_json(row.value) for row in (await session.exec(rows)).all()]


async def tells(city: City, decided: AcknowledgementDecided, outcome: str = "delivered", detail: str = "250 OK") -> None:
    told = AcknowledgementDispatched.model_validate(
        {
            "request_id": decided.request_id,
            "acknowledgement_id": decided.acknowledgement_id,
            "outcome": outcome,
            "channel": "smtp",
            "attempts": 1,
            "detail": detail,
            "dispatched_at": clock.now(),
        }
    )
    async with city.commands.database.transaction() as session:
        await acknowledging.conclude(session, told, clock.now())


async def logged(city: City, request_id: UUID) -> list[str]:
    async with city.commands.database.reading() as session:
        return [entry.action for entry in await audit.of_request(session, request_id)]


async def receives(city: City, **request: Any) -> UUID:
    return await city.receives(request={"citizen": {"email": f"{uuid4().hex}@example.org"}} | request)


async def test_nothing_is_acknowledged_before_somebody_has_decided_that(city: City) -> None:
    await receives(city)
    assert await receipts(city) == []
    await switches(city, active=False)
    await receives(city)
    await switches(city, agency="another-city")
    await receives(city)
    assert await receipts(city) == []


async def test_a_message_is_acknowledged_once_in_the_name_of_who_decided_it(city: City) -> None:
    await switches(city)
    lamp = await receives(city, message_id="<hers@example.org>")
    [decided] = await receipts(city)
    assert (decided.request_id, decided.decided_by, decided.answers_mail) == (lamp, ADA.email, "<hers@example.org>")
    assert (await city.case(lamp)).version == 2  # what is acknowledged is not answered
    assert (await logged(city, lamp))[-1] == "acknowledge"


async def test_who_writes_again_gets_none_whether_they_answer_our_receipt_or_name_their_case(city: City) -> None:
    await switches(city)
    lamp = await receives(city, message_id="<hers@example.org>")
    [decided] = await receipts(city)
    for follow_up in (
        {"references": [f"<{decided.acknowledgement_id}@city.example>"]},
        {"references": ["<hers@example.org>"]},
        {"in_reply_to": str(lamp)},
        {"subject": f"Re: my lamp {lamp}"},
    ):
        await receives(city, **follow_up)
    assert len(await receipts(city)) == 1


async def test_an_answer_to_a_receipt_joins_the_case(city: City, anna: Browser) -> None:
    await switches(city)
    lamp = await receives(city)
    [decided] = await receipts(city)
    answer = await receives(city, body="It is two lamps now.", references=[f"<{decided.acknowledgement_id}@city.example>"])
    assert str(answer) in (await anna.opens(f"/cases/{lamp}")).text


async def test_two_machines_that_face_each_other_stop(city: City) -> None:
    await switches(city)
    for _ in range(MOST_A_DAY + 5):  # one that says of itself nothing at all, and opens a thread each time
        await receives(city, citizen={"email": f"robot+{uuid4().hex}@example.org"})
    assert len(await receipts(city)) == MOST_A_DAY


async def test_an_automatic_reply_gets_none(city: City) -> None:
    await switches(city)
    await city.receives(request={"automatic": "reply"}, automatic="reply", urgency="low")
    await city.receives(hours_ago=25)
    assert await receipts(city) == []


async def test_what_became_of_it_stands_in_the_case_and_changes_nothing_of_it(city: City, anna: Browser) -> None:
    await switches(city)
    lamp = await receives(city, citizen={"email": "ines.marlow@example.org"})
    before = await city.case(lamp)
    [decided] = await receipts(city)
    for _ in range(2):
        await tells(city, decided)
    assert await city.case(lamp) == before
    assert (await logged(city, lamp)).count("acknowledged") == 1
    page = (await anna.opens(f"/cases/{lamp}")).text
    assert "Receipt mailed" in page
    assert "i…@example.org" in page
    answer = (await anna.opens(f"/api/v1/cases/{lamp}")).json()
    assert answer["acknowledgement"]["outcome"] == "delivered"
    assert answer["acknowledgement"]["decided_by"] == ADA.email
    assert answer["deliveries"] == []


async def test_one_that_could_not_be_mailed_says_why_and_the_case_goes_on(city: City, anna: Browser) -> None:
    await switches(city)
    lamp = await receives(city, citizen={"email": "ines.marlow@example.org"})
    await city.drafts(lamp)
    [decided] = await receipts(city)
    await tells(city, decided, "failed", "550 no such user: ines.marlow@example.org")
    async with city.commands.database.reading() as session:
        assert not any("ines" in str(entry.detail) for entry in await audit.of_request(session, lamp))
    page = (await anna.opens(f"/cases/{lamp}")).text
    assert "Receipt could not be mailed" in page
    assert "550 no such user" in page
    assert (await city.approves(ANNA, lamp)).state == "approved"


async def test_what_is_switched_off_is_not_published_again_as_long_as_it_could_be_mailed(city: City) -> None:
    await switches(city)
    await receives(city)
    [decided] = await receipts(city)
    await switches(city, active=False)
    for hours, published in ((1, []), (25, [decided])):  # later than a day dispatch mails none, and tells that
        async with city.commands.database.transaction() as session:
            for row in (await session.exec(select(OutboxRow))).all():
                await session.delete(row)
            await acknowledging.publish_overdue(session, decided.good_until - timedelta(hours=24 - hours), "review", timedelta(minutes=2))
        assert await receipts(city) == published


async def test_whom_a_receipt_went_to_is_kept_for_a_day(city: City) -> None:
    await switches(city)
    for _ in range(2):
        await receives(city)
    async with city.commands.database.transaction() as session:
        old, new = (await session.exec(select(AcknowledgementRow))).all()
        old.decided_at -= timedelta(hours=25)
        session.add(old)
    await city.commands.forget_what_is_old()
    async with city.commands.database.reading() as session:
        kept = {row.acknowledgement_id: row.mailbox for row in (await session.exec(select(AcknowledgementRow))).all()}
    assert (kept[old.acknowledgement_id], kept[new.acknowledgement_id]) == (None, new.mailbox)


async def test_one_that_nobody_has_told_of_is_published_again_until_somebody_does(city: City) -> None:
    await switches(city)
    await receives(city)
    [decided] = await receipts(city)
    later = clock.now() + timedelta(hours=1)
    async with city.commands.database.transaction() as session:
        for row in (await session.exec(select(OutboxRow))).all():
            await session.delete(row)  # it has left
        assert await acknowledging.publish_overdue(session, later, "review", timedelta(minutes=2)) == 1
    assert await receipts(city) == [decided]
    await tells(city, decided)
    async with city.commands.database.transaction() as session:
        assert await acknowledging.publish_overdue(session, later + timedelta(days=9), "review", timedelta(minutes=2)) == 0
