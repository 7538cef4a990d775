"""Decided replies against a real mail server that takes, refuses, drops and hangs."""

import asyncio
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from sqlmodel import select, update

from schemas.replies_decided import ReplyDecided
from schemas.replies_dispatched import ReplyDispatched
from schemas.values import Person
from services.dispatch import handlers, smtp, store
from services.dispatch.file_mailer import FileMailer
from services.dispatch.tables import DeliveryRow
from services.runtime import clock, telemetry
from services.runtime.database import Database
from services.runtime.errors import InvalidRecord
from services.runtime.outbox import OutboxRow
from tests.harness.mail_server import MailServer
from tests.service.dispatch_desk import CITY, Desk, a_reply, database, desk, office

__all__ = ["database", "desk", "office"]


async def test_an_approved_reply_is_mailed_once_however_often_it_is_told(desk: Desk, office: MailServer) -> None:
    reply = a_reply()
    await desk.gets(reply)
    await desk.gets(reply)
    await desk.works()
    await desk.gets(reply)
    await desk.works()

    [mail] = [message_from_bytes(m, policy=default) for m in office.taken]
    assert mail["Message-ID"] == f"<{reply.decision_id}@city.example>"
    assert mail.get_content().replace("\r\n", "\n").strip() == reply.body
    first, again = await desk.said()
    assert first == again
    assert (first.outcome, first.channel, first.attempts, first.detail) == ("delivered", "smtp", 1, "250 OK queued as 42")
    assert (await desk.row(reply)).state == "delivered"


@pytest.mark.parametrize("decision", ["rejected", "closed"])
async def test_a_decision_against_a_reply_sends_nothing(desk: Desk, office: MailServer, decision: str) -> None:
    await desk.gets(a_reply(decision=decision, subject=None, body=None, reason="spam"))
    await desk.works()
    assert (office.connections, await desk.said()) == (0, [])


async def test_an_approval_without_a_text_can_never_work(desk: Desk) -> None:
    with pytest.raises(InvalidRecord):
        await desk.gets(a_reply(body=None))


async def test_without_an_address_a_person_passes_it_on(desk: Desk, office: MailServer) -> None:
    await desk.gets(a_reply(recipient=Person(phone="555")))
    await desk.works()
    [told] = await desk.said()
    assert (told.outcome, told.channel, office.connections) == ("manual", "none", 0)


async def test_the_undo_window_is_kept(desk: Desk, office: MailServer) -> None:
    await desk.gets(a_reply(send_after=clock.now() + timedelta(hours=1)))
    await desk.works()
    assert office.connections == 0


@pytest.mark.parametrize(("step", "answer"), [("MAIL", "550 not from you"), ("RCPT", "550 no such user"), ("DATA", "554 spam")])
async def test_a_refusal_is_final_and_quotes_the_server(desk: Desk, office: MailServer, step: str, answer: str) -> None:
    office.says(step, answer)
    await desk.gets(a_reply())
    await desk.works()
    [told] = await desk.said()
    assert (told.outcome, told.detail, told.attempts, office.taken) == ("failed", answer, 1, [])


@pytest.mark.parametrize(
    ("step", "answer", "detail"),
    [
        ("RCPT", "550 5.1.1 <ana@example.org>: rejected", "550 5.1.1 <[address]>: rejected"),
        ("RCPT", "550 ana has no mailbox here", "550 [address] has no mailbox here"),
        ("DATA", "554 ana@example.org wants none of it", "554 [address] wants none of it"),
    ],
)
async def test_what_the_server_says_of_the_citizen_goes_no_further(
    desk: Desk, office: MailServer, step: str, answer: str, detail: str
) -> None:
    reply = a_reply()
    office.says(step, answer)
    await desk.gets(reply)
    await desk.works()
    [told] = await desk.said()
    assert (told.detail, (await desk.row(reply)).detail) == (detail, detail)


@pytest.mark.parametrize(
    ("step", "answer"),
    [("MAIL", "421 going down"), ("RCPT", "450 greylisted"), ("RCPT", "drop"), ("DATA", "451 try later"), ("DATA", "421 going down")],
)
async def test_what_was_certainly_not_taken_is_tried_again(desk: Desk, office: MailServer, step: str, answer: str) -> None:
    reply = a_reply()
    office.says(step, answer)
    await desk.gets(reply)
    await desk.works()
    row = await desk.row(reply)
    assert (row.state, row.attempts, row.finished_at, await desk.said()) == ("pending", 1, None, [])

    await desk.waits_for_the_next_attempt()
    await desk.works()
    [told] = await desk.said()
    assert (told.outcome, told.attempts, len(office.taken)) == ("delivered", 2, 1)


async def test_after_the_last_attempt_it_has_failed(desk: Desk, office: MailServer) -> None:
    office.says("RCPT", "450 a", "450 b", "450 c")
    await desk.gets(a_reply())
    for _ in range(4):
        await desk.works()
        await desk.waits_for_the_next_attempt()
    [told] = await desk.said()
    assert (told.outcome, told.attempts, told.detail) == ("failed", 3, "given up after 3 attempts: 450 c")


async def test_a_server_that_is_not_there_is_tried_again(database: Database, unused_tcp_port: int) -> None:
    desk = Desk(database, smtp.SmtpMailer(smtp.server(f"smtp://127.0.0.1:{unused_tcp_port}"), CITY))
    reply = a_reply()
    await desk.gets(reply)
    await desk.works()
    assert (await desk.row(reply)).state == "pending"


async def test_a_server_that_hangs_before_the_text_is_tried_again(desk: Desk, office: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "COMMAND_SECONDS", 0.2)
    reply = a_reply()
    office.says("RCPT", "hang")
    await desk.gets(reply)
    await desk.works()
    row = await desk.row(reply)
    assert (row.state, row.detail) == ("pending", "the server did not answer in time")


async def test_name_and_password_are_what_was_meant_by_the_address(database: Database, office: MailServer) -> None:
    asked: list[tuple[bytes | None, bytes | None]] = []

    def knows(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: LoginPassword) -> AuthResult:
        asked.append((login.login, login.password))
        return AuthResult(success=login.password == b"p/w:d", handled=False)

    def made() -> SMTP:
        return SMTP(office, authenticator=knows, auth_require_tls=False)

    server = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for password in ("p%2Fw%3Ad", "wrong"):
        desk = Desk(database, smtp.SmtpMailer(smtp.server(f"smtp://city%40hall:{password}@127.0.0.1:{port}"), CITY))
        reply = a_reply()
        await desk.gets(reply)
        await desk.works()
    server.close()
    assert asked[0] == (b"city@hall", b"p/w:d")
    assert len(office.taken) == 1
    assert (await desk.row(reply)).state == "pending"  # a wrong password is the admin's to mend, and no letter's fault


@pytest.mark.parametrize("answer", ["drop", "nonsense"])
async def test_no_clear_answer_to_the_text_is_a_doubt_and_never_a_second_mail(desk: Desk, office: MailServer, answer: str) -> None:
    reply = a_reply()
    office.says("DATA", answer)
    await desk.gets(reply)
    for _ in range(3):
        await desk.works()
        await desk.waits_for_the_next_attempt()
    [told] = await desk.said()
    assert (told.outcome, len(office.taken)) == ("uncertain", 1)
    assert f"<{reply.decision_id}@city.example>" in told.detail


async def test_a_server_that_hangs_after_the_text_is_a_doubt(desk: Desk, office: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "ANSWER_SECONDS", 0.05)
    office.says("DATA", "hang")
    await desk.gets(a_reply())
    await desk.works()
    assert [told.outcome for told in await desk.said()] == ["uncertain"]


async def test_killed_before_the_text_it_is_tried_again(desk: Desk, office: MailServer) -> None:
    reply = a_reply()
    await desk.gets(reply)
    await desk.dies(reply, "sending")
    await desk.works()
    [told] = await desk.said()
    assert (told.outcome, told.attempts, len(office.taken)) == ("delivered", 2, 1)


async def test_killed_during_the_text_it_is_a_doubt_and_never_a_second_mail(desk: Desk, office: MailServer) -> None:
    reply = a_reply()
    await desk.gets(reply)
    await desk.dies(reply, "transmitting")
    await desk.works()
    await desk.works()
    [told] = await desk.said()
    assert (told.outcome, office.connections) == ("uncertain", 0)
    assert "Message-ID" in told.detail


async def test_killed_before_every_text_it_has_failed_in_the_end(desk: Desk, office: MailServer) -> None:
    reply = a_reply()
    await desk.gets(reply)
    await desk.dies(reply, "sending")
    async with desk.database.transaction() as session:
        await session.exec(update(DeliveryRow).values(attempts=3))
    await desk.works()
    assert ([told.outcome for told in await desk.said()], office.connections) == (["failed"], 0)


async def test_an_attempt_that_was_overtaken_sends_nothing(desk: Desk, office: MailServer) -> None:
    reply = a_reply()
    await desk.gets(reply)
    [slow] = await desk.deliveries.claim(1)
    await desk.dies(reply, "sending")
    await desk.works()
    await desk.deliveries.deliver(slow)
    assert (len(office.taken), [told.outcome for told in await desk.said()]) == (1, ["delivered"])


async def test_a_lease_that_holds_is_nobody_elses(desk: Desk) -> None:
    await desk.gets(a_reply())
    assert len(await desk.deliveries.claim(5)) == 1
    assert await desk.deliveries.claim(5) == []


async def test_a_doubt_gives_way_to_an_answer_that_comes_late(desk: Desk, office: MailServer) -> None:
    reply = a_reply()
    office.says("DATA", "hang")
    await desk.gets(reply)
    [slow] = await desk.deliveries.claim(1)
    sending = asyncio.create_task(desk.deliveries.deliver(slow))
    await office.took.wait()
    await desk.dies(reply, "transmitting")
    assert await desk.deliveries.claim(1) == []
    office.hangs.set()
    await sending
    assert [told.outcome for told in await desk.said()] == ["uncertain", "delivered"]
    assert len(office.taken) == 1


async def test_many_replies_go_out_side_by_side_each_once(desk: Desk, office: MailServer) -> None:
    replies = [a_reply() for _ in range(30)]
    for reply in replies:
        await desk.gets(reply)
    await desk.works()
    while len(office.taken) < len(replies):
        await desk.works()
    ids = [str(message_from_bytes(m, policy=default)["Message-ID"]) for m in office.taken]
    assert sorted(ids) == sorted(f"<{r.decision_id}@city.example>" for r in replies)


async def test_an_address_that_the_server_cannot_take_has_failed(desk: Desk) -> None:
    await desk.gets(a_reply(recipient=Person(email="añá@example.org")))
    await desk.works()
    [told] = await desk.said()
    assert (told.outcome, told.detail) == ("failed", "the server takes no address with such characters")


async def test_without_a_server_each_reply_is_a_file_and_twice_is_the_same_file(database: Database, tmp_path: Path) -> None:
    desk = Desk(database, FileMailer(tmp_path / "mail"))
    reply = a_reply()
    await desk.gets(reply)
    await desk.works()
    await desk.dies(reply, "sending")  # killed after the file, before the record
    await desk.works()

    [file] = list((tmp_path / "mail").iterdir())
    assert file.name == f"{reply.decision_id}.eml"
    assert str(message_from_bytes(file.read_bytes(), policy=default)["To"]) == "Ana <ana@example.org>"
    assert [(t.outcome, t.channel) for t in await desk.said()] == [("delivered", "file")] * 2


async def test_the_delivery_continues_the_trace_of_its_decision(desk: Desk) -> None:
    reply = a_reply()
    theirs = "0af7651916cd43dd8448eb211c80319c"
    with telemetry.request_span("decide", reply.request_id, parent={"traceparent": f"00-{theirs}-b7ad6b7169203331-01"}):
        await desk.gets(reply)
    await desk.works()
    async with desk.database.reading() as session:
        [row] = (await session.exec(select(OutboxRow))).all()
    assert row.headers["traceparent"].split("-")[1] == theirs


async def test_at_start_the_only_process_ends_the_leases_of_its_last_life(desk: Desk, office: MailServer) -> None:
    await desk.gets(a_reply())
    await desk.deliveries.claim(1)
    async with desk.database.transaction() as session:
        await store.release(session, clock.now())
    await desk.works()
    assert len(office.taken) == 1


def _returned(reply: ReplyDecided) -> ReplyDispatched:
    return ReplyDispatched(
        request_id=reply.request_id,
        decision_id=reply.decision_id,
        outcome="failed",
        channel="smtp",
        attempts=1,
        detail="5.1.1",
        returned=True,
    )


async def test_a_mail_that_came_back_is_told_as_such_to_whoever_asks_again(desk: Desk, office: MailServer) -> None:
    reply = a_reply()
    await desk.gets(reply)
    await desk.works()
    await handlers.on_reply_returned(_returned(reply), desk.database)
    await desk.gets(reply)
    await desk.works()
    first, again = await desk.said()
    assert (first.outcome, first.returned) == ("delivered", False)
    assert (again.outcome, again.returned, again.detail, again.channel) == ("failed", True, "5.1.1", "smtp")
    assert len(office.taken) == 1


async def test_a_mail_that_comes_back_before_its_server_answered_is_not_told_as_delivered(desk: Desk, office: MailServer) -> None:
    reply = a_reply()
    office.says("DATA", "hang")
    await desk.gets(reply)
    [slow] = await desk.deliveries.claim(1)
    sending = asyncio.create_task(desk.deliveries.deliver(slow))
    await office.took.wait()
    await handlers.on_reply_returned(_returned(reply), desk.database)
    office.hangs.set()
    await sending
    assert ((await desk.row(reply)).state, await desk.said()) == ("returned", [])


async def test_a_delivery_that_is_told_or_a_mail_that_was_never_sent_changes_no_record(desk: Desk) -> None:
    waiting, sent = a_reply(send_after=clock.now() + timedelta(hours=1)), a_reply()
    for reply in (waiting, sent):
        await desk.gets(reply)
    await desk.works()
    await handlers.on_reply_returned(_returned(waiting), desk.database)
    await handlers.on_reply_returned((await desk.said())[0], desk.database)
    assert ((await desk.row(waiting)).state, (await desk.row(sent)).state) == ("pending", "delivered")
