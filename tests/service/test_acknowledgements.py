"""Receipts in dispatch: mailed once, marked as a machine's, with nowhere to come back to, and never taken for a reply."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import col, select, update

from schemas.acknowledgements_decided import AcknowledgementDecided
from schemas.acknowledgements_dispatched import AcknowledgementDispatched
from schemas.values import Person
from services.dispatch import delivery_readiness, handlers, mail_accounts
from services.dispatch.tables import DeliveryRow
from services.intake.mail import mail_kind, mail_reader
from services.intake.mail.mail_kind import Ours
from services.runtime import clock
from services.runtime.database import Database
from services.runtime.outbox import OutboxRow
from services.runtime.settings import Settings
from tests.harness.mail_server import MailServer, text_of
from tests.service.dispatch_desk import Desk, a_reply, database, desk, office

__all__ = ["database", "desk", "office"]


def a_receipt(**change: Any) -> AcknowledgementDecided:
    values = {
        "acknowledgement_id": uuid4(),
        "request_id": uuid4(),
        "agency": "springfield",
        "decided_by": "ada@city.example",
        "decided_at": clock.now(),
        "good_until": clock.now() + timedelta(days=1),
        "language": "en",
        "subject": "We have your message",
        "body": "Hello,\n\nwe have your message.",
        "recipient": Person(email="ana@example.org"),
        "answers_mail": "<her-mail@example.org>",
        "references": ["<before@example.org>"],
    }
    return AcknowledgementDecided.model_validate({**values, **change})


async def gets(desk: Desk, receipt: AcknowledgementDecided) -> None:
    await handlers.on_acknowledgement_decided(receipt, desk.database, desk.worker.wake)


async def told_of(desk: Desk) -> list[AcknowledgementDispatched]:
    async with desk.database.reading() as session:
        rows = (await session.exec(select(OutboxRow).order_by(col(OutboxRow.id)))).all()
    assert {row.topic for row in rows} <= {AcknowledgementDispatched.topic}, "a receipt was told of as a reply"
    return [AcknowledgementDispatched.model_validate_json(row.value) for row in rows]


async def test_a_receipt_is_mailed_once_however_often_its_event_comes(desk: Desk, office: MailServer) -> None:
    receipt = a_receipt()
    for _ in range(2):
        await gets(desk, receipt)
    await desk.works()
    await gets(desk, receipt)
    await desk.works()

    [mail] = office.mails
    assert text_of(mail).strip() == receipt.body
    assert (mail["To"], mail["Message-ID"]) == ("ana@example.org", f"<{receipt.acknowledgement_id}@city.example>")
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-replied", "All")
    assert (mail["In-Reply-To"], mail["References"]) == ("<her-mail@example.org>", "<before@example.org> <her-mail@example.org>")
    first, again = await told_of(desk)
    assert first == again
    assert (first.outcome, first.channel, first.request_id) == ("delivered", "smtp", receipt.request_id)


async def test_a_receipt_has_no_return_path_and_asks_for_no_word_of_its_delivery(database: Database) -> None:
    async with MailServer().on_this_loop(notifies=True) as office:
        settings = Settings(smtp_url=office.url, mail_from="city@city.example")
        desk = Desk(database, mail_accounts.accounts(settings).default.mailer)
        await gets(desk, a_receipt())
        await desk.works()
        assert (office.senders, office.asked) == (["<>"], ["NOTIFY=NEVER"])
        await desk.gets(a_reply())
        await desk.works()
        assert office.senders == ["<>", "city@city.example"]


async def test_our_own_receipt_is_known_again_as_ours(desk: Desk, office: MailServer) -> None:
    await gets(desk, a_receipt())
    await desk.works()
    mail = mail_reader.read(office.taken[0])
    assert mail_kind.of(mail, Ours(domains=("city.example",))) == "own"
    assert mail_kind.of(mail) == "reply"  # anybody else sees a machine's


async def test_a_receipt_in_doubt_is_never_sent_again(desk: Desk, office: MailServer) -> None:
    receipt = a_receipt()
    await gets(desk, receipt)
    async with desk.database.transaction() as session:
        row = await session.get(DeliveryRow, receipt.acknowledgement_id)
        assert row
        row.state, row.attempts, row.leased_until = "transmitting", 1, clock.now() - timedelta(seconds=1)
    await desk.works()
    await gets(desk, receipt)
    await desk.works()
    assert office.taken == []
    assert {told.outcome for told in await told_of(desk)} == {"uncertain"}


async def test_a_receipt_that_comes_too_late_is_not_sent(desk: Desk, office: MailServer) -> None:
    await gets(desk, a_receipt(good_until=clock.now()))
    await desk.works()
    [told] = await told_of(desk)
    assert (told.outcome, told.detail, office.connections) == ("failed", "it was too late for a receipt", 0)


async def test_what_a_server_can_not_take_now_is_tried_again(desk: Desk, office: MailServer) -> None:
    office.says("RCPT", "451 greylisted")
    await gets(desk, a_receipt())
    await desk.works()
    assert await told_of(desk) == []
    assert await delivery_readiness.ready(desk.database, "reply")() is None  # readiness is a matter of replies
    async with desk.database.transaction() as session:
        await session.exec(update(DeliveryRow).values(next_attempt_at=clock.now()))
    await desk.works()
    [told] = await told_of(desk)
    assert (told.outcome, told.attempts, len(office.taken)) == ("delivered", 2, 1)


@pytest.mark.parametrize("forged", ["a" * 400 + "@x", "<a@b>\r\nBcc: everybody@example.org"])
async def test_a_hostile_message_id_adds_nothing_to_the_mail(desk: Desk, office: MailServer, forged: str) -> None:
    await gets(desk, a_receipt(answers_mail=forged))
    await desk.works()
    [mail] = office.mails
    assert (mail["Bcc"], mail["In-Reply-To"]) == (None, None)
