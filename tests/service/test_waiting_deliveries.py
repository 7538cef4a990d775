"""What waits after an attempt says why, in words of ours alone, and goes out as soon as its server is back."""

import logging
from datetime import timedelta

import pytest
from sqlmodel import update

from services.dispatch import delivery_readiness, smtp, store, waiting_store
from services.dispatch.mail_accounts import MailAccount, MailAccounts
from services.dispatch.tables import DeliveryRow
from services.domain.waiting_deliveries import WaitingDelivery
from services.runtime import clock
from services.runtime.database import Database
from services.runtime.errors import NotFound
from tests.harness.mail_server import MailServer
from tests.service.dispatch_desk import CITY, Desk, a_reply, database, desk, office

__all__ = ["database", "desk", "office"]


async def waiting(desk: Desk, *agencies: str) -> list[WaitingDelivery]:
    async with desk.database.reading() as session:
        return await waiting_store.waiting(session, agencies=agencies)


@pytest.mark.parametrize(
    ("step", "answer", "reason"),
    [("MAIL", "421 closing", "busy"), ("RCPT", "451 greylisted", "busy"), ("RCPT", "drop", "dropped")],
)
async def test_what_waits_says_why_without_the_servers_words(
    desk: Desk, office: MailServer, caplog: pytest.LogCaptureFixture, step: str, answer: str, reason: str
) -> None:
    office.says(step, answer)
    reply = a_reply()
    with caplog.at_level(logging.INFO):
        await desk.gets(reply)
        await desk.works()
    [delivery] = await waiting(desk)
    assert (delivery.work, delivery.request_id, delivery.attempts, delivery.reason) == ("reply", reply.request_id, 1, reason)
    [line] = [record for record in caplog.records if "waits" in record.getMessage()]
    assert line.levelno == logging.WARNING
    assert all(
        word in line.getMessage() for word in (str(reply.request_id), reason, delivery.next_attempt_at.isoformat(timespec="seconds"))
    )
    assert "greylisted" not in caplog.text


async def test_a_server_that_is_not_there_can_not_be_reached(database: Database, unused_tcp_port: int) -> None:
    desk = Desk(database, smtp.SmtpMailer(smtp.server(f"smtp://127.0.0.1:{unused_tcp_port}"), CITY))
    await desk.gets(a_reply())
    await desk.works()
    [delivery] = await waiting(desk)
    assert delivery.reason == "unreachable"
    assert await delivery_readiness.ready(database, "reply")() == (
        "the mail server (the server can't be reached; a reply waits and is tried again)"
    )


async def long_ago(desk: Desk, attempts: int = 1) -> None:
    """The last attempts were made before this minute."""
    async with desk.database.transaction() as session:
        row = update(DeliveryRow).values(updated_at=clock.now() - timedelta(minutes=2), attempts=attempts)
        await session.exec(row)


async def two_wait_and_one_goes_out(desk: Desk, office: MailServer, attempts: int = 1) -> None:
    office.says("RCPT", "drop", "drop")
    for _ in range(2):
        await desk.gets(a_reply())
    await desk.works()
    assert len(await waiting(desk)) == 2
    await long_ago(desk, attempts)
    await desk.gets(a_reply())
    await desk.works()


async def test_one_mail_that_goes_out_takes_those_along_that_waited_for_the_server(desk: Desk, office: MailServer) -> None:
    await two_wait_and_one_goes_out(desk, office)
    assert (await waiting(desk), len(office.taken)) == ([], 3)


async def test_the_last_tries_keep_their_pauses_whatever_else_goes_out(desk: Desk, office: MailServer) -> None:
    await two_wait_and_one_goes_out(desk, office, attempts=2)  # of three
    assert (len(await waiting(desk)), len(office.taken)) == (2, 1)


async def test_a_mail_of_another_server_is_not_tried_earlier(database: Database, office: MailServer, unused_tcp_port: int) -> None:
    away = MailAccount(CITY, smtp.SmtpMailer(smtp.server(f"smtp://127.0.0.1:{unused_tcp_port}"), CITY))
    here = MailAccount(CITY, smtp.SmtpMailer(smtp.server(f"smtp://127.0.0.1:{office.port}"), CITY))
    desk = Desk(database, here.mailer, attempts=8, accounts=MailAccounts(here, {"shelbyville": away}))
    await desk.gets(a_reply(agency="shelbyville"))
    await desk.works()
    await long_ago(desk)
    for _ in range(3):
        await desk.gets(a_reply())
        await desk.works()
    [delivery] = await waiting(desk)
    assert (delivery.agency, delivery.attempts, len(office.taken)) == ("shelbyville", 1, 3)


async def test_what_a_server_asks_of_one_mail_does_not_make_it_away(desk: Desk, office: MailServer) -> None:
    office.says("RCPT", "451 greylisted")
    await desk.gets(a_reply())
    await desk.works()
    assert len(await waiting(desk)) == 1
    assert await delivery_readiness.ready(desk.database, "reply")() is None


async def test_a_mail_that_came_back_meanwhile_waits_for_nothing(desk: Desk, office: MailServer) -> None:
    office.says("RCPT", "drop")
    reply = a_reply()
    await desk.gets(reply)
    await desk.works()
    async with desk.database.transaction() as session:
        await session.exec(update(DeliveryRow).values(state="transmitting", attempts=2))
        assert await store.mark_returned(session, reply.decision_id, "it came back", clock.now())
    assert await waiting(desk) == []
    assert await delivery_readiness.ready(desk.database, "reply")() is None


async def test_whoever_runs_parvis_can_try_at_once(desk: Desk, office: MailServer) -> None:
    office.says("RCPT", "451 greylisted")
    reply = a_reply()
    await desk.gets(reply)
    await desk.works()
    async with desk.database.transaction() as session:
        with pytest.raises(NotFound):
            await waiting_store.try_now(session, clock.now(), reply.decision_id, agencies=["elsewhere"])
        assert await waiting_store.try_now(session, clock.now() - timedelta(seconds=1), reply.decision_id) == 1
    await desk.works()
    assert (await waiting(desk), len(office.taken)) == ([], 1)


async def test_what_waits_is_seen_by_its_own_agency(desk: Desk, office: MailServer) -> None:
    office.says("RCPT", "451 greylisted")
    await desk.gets(a_reply())
    await desk.works()
    assert len(await waiting(desk, "springfield")) == 1
    assert await waiting(desk, "elsewhere") == []
