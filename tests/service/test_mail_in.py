"""Mail that is handed over by LMTP or SMTP is in the journal before it is answered that it is taken, once, with all that came along."""

import asyncio
import contextlib
import hashlib
import json
import smtplib
from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from unittest.mock import AsyncMock
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import aiosmtplib
import pytest
from aiosmtplib import SMTPConnectResponseError, SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused
from sqlmodel import SQLModel, col, select

from schemas.replies_decided import ReplyDecided
from schemas.replies_dispatched import ReplyDispatched
from schemas.requests_received import RequestReceived
from services.intake import acceptance, store
from services.intake.acceptance import Caller, Sent
from services.intake.incoming_files import IncomingFiles
from services.intake.mail import mail_receiver
from services.intake.mail.mail_kind import Ours
from services.intake.mail.mail_worker import Setup
from services.intake.mail.mailboxes import MailSources, Receiver
from services.intake.mail.taking import Came, MailTaker
from services.intake.tables import AgencyRow, JournalRow, StatusRow
from services.runtime import clock
from services.runtime.database import Database
from services.runtime.file_scanner import FileScanner
from services.runtime.file_store import FileStore, file_store
from services.runtime.outbox import OutboxRow
from services.runtime.worker_process import WorkerEnded, WorkerProcess
from tests.harness.waiting import until_async

SOURCES = MailSources.model_validate(
    {
        "received": [
            {"agency": "belrive", "addresses": ["info@belrive.example"]},
            {"agency": "ostwald", "addresses": ["*@ostwald.example"]},
        ],
        "receiver": {"listen": "smtp://127.0.0.1:0", "most_bytes": 1_000_000},
    }
)
OURS = Ours(("info@belrive.example",), ("belrive.example",))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    async with database.transaction() as session:
        for agency in ("belrive", "ostwald"):
            await store.add_agency(session, agency, agency, clock.now())
    yield database
    await database.close()


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return file_store("", tmp_path)


def incoming(files: FileStore, scanner: FileScanner | None = None) -> IncomingFiles:
    return IncomingFiles(lambda: files, scanner)


@pytest.fixture
async def reader() -> AsyncIterator[WorkerProcess]:
    async with WorkerProcess("services.intake.mail.mail_worker", Setup("WARNING", OURS), bare=True).running() as reader:
        yield reader


@pytest.fixture
async def office(database: Database, files: FileStore, reader: WorkerProcess) -> AsyncIterator[aiosmtplib.SMTP]:
    """The agency's own mail server, connected."""
    taker = MailTaker(database, incoming(files), reader, timedelta(minutes=2))
    async with (
        mail_receiver.receiving(SOURCES, taker) as (host, port),
        aiosmtplib.SMTP(hostname=host, port=port, start_tls=False) as client,
    ):
        yield client


def a_mail(words: str = "The lamp is out.", *, attached: bytes = b"", message_id: str = "<1@mail.example.org>") -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "Ines Marlow <ines@example.org>"
    mail["To"] = "info@belrive.example"
    mail["Subject"] = "Lamp"
    mail["Message-ID"] = message_id
    mail.set_content(words)
    if attached:
        mail.add_attachment(attached, maintype="application", subtype="pdf", filename="form.pdf")
    return mail.as_bytes()


async def journal(database: Database) -> list[RequestReceived]:
    async with database.reading() as session:
        rows = (await session.exec(select(JournalRow).order_by(col(JournalRow.accepted_at)))).all()
    return [RequestReceived.model_validate_json(row.event) for row in rows]


async def events(database: Database) -> list[str]:
    async with database.reading() as session:
        return [row.value for row in (await session.exec(select(OutboxRow).order_by(col(OutboxRow.id)))).all()]


async def test_a_mail_is_a_request_with_its_files_and_its_original(office: aiosmtplib.SMTP, database: Database, files: FileStore) -> None:
    form = b"%PDF-1.7 " + bytes(700_000 // 2)
    mail = a_mail(attached=form)
    await office.sendmail("ines@example.org", ["info@belrive.example"], mail)

    [request] = await journal(database)
    assert (request.agency, request.channel, request.subject, request.body) == ("belrive", "email", "Lamp", "The lamp is out.")
    assert request.citizen
    assert (request.citizen.name, request.citizen.email) == ("Ines Marlow", "ines@example.org")
    assert next((file.name, file.size, file.stored, file.content) for file in request.files) == ("form.pdf", len(form), True, None)
    kept = request.files[0].sha256 or ""
    assert await files.get("belrive", kept) == form
    assert await files.get("ostwald", kept) is None, "another agency has no such file"
    original = await files.get("belrive", request.files[-1].sha256 or "")
    assert original
    assert original.endswith(mail), "byte for byte, below what the envelope said"


async def test_a_mail_that_is_handed_over_again_is_the_same_request(office: aiosmtplib.SMTP, database: Database) -> None:
    for _ in range(3):
        await office.sendmail("ines@example.org", ["info@belrive.example"], a_mail())
    assert len(await journal(database)) == 1
    await office.sendmail("mallory@example.org", ["info@belrive.example"], a_mail("Another matter under the same id."))
    assert [request.body for request in await journal(database)] == ["The lamp is out.", "Another matter under the same id."]


async def test_a_mail_to_two_agencies_is_a_request_of_each(office: aiosmtplib.SMTP, database: Database) -> None:
    await office.sendmail("ines@example.org", ["info@belrive.example", "anybody@ostwald.example"], a_mail())
    assert sorted(request.agency for request in await journal(database)) == ["belrive", "ostwald"]


async def test_a_mail_server_that_delivers_by_lmtp_is_answered_for_each_recipient(
    database: Database, files: FileStore, reader: WorkerProcess
) -> None:
    by_lmtp = SOURCES.model_copy(update={"receiver": Receiver(listen="lmtp://127.0.0.1:0")})
    taker = MailTaker(database, incoming(files), reader, timedelta(minutes=2))
    recipients = ["info@belrive.example", "nobody@belrive.example", "x@ostwald.example", "y@ostwald.example"]

    def delivers(host: str, port: int) -> tuple[list[int], list[int]]:
        with smtplib.LMTP(host, port) as client:
            client.ehlo_or_helo_if_needed()
            client.mail("ines@example.org")
            accepted = [client.rcpt(recipient)[0] for recipient in recipients]
            return accepted, [client.data(a_mail())[0], *(client.getreply()[0] for code in accepted[1:] if code == 250)]

    async with mail_receiver.receiving(by_lmtp, taker) as (host, port):
        answers = await asyncio.to_thread(delivers, host, port)

    assert answers == ([250, 550, 250, 250], [250, 250, 250])
    assert sorted(request.agency for request in await journal(database)) == ["belrive", "ostwald"]


async def test_nobody_is_relayed_for(office: aiosmtplib.SMTP, database: Database) -> None:
    with pytest.raises(SMTPRecipientsRefused, match="no agency receives mail"):
        await office.sendmail("ines@example.org", ["somebody@elsewhere.example"], a_mail())
    assert await journal(database) == []


async def test_a_mail_that_is_too_large_is_refused_at_once(office: aiosmtplib.SMTP, database: Database) -> None:
    with pytest.raises(SMTPSenderRefused) as refused:
        await office.sendmail("ines@example.org", ["info@belrive.example"], a_mail() + b"y" * 1_200_000)
    assert refused.value.code == 552
    assert await journal(database) == []


async def test_while_it_cannot_be_kept_the_server_is_to_send_it_again(office: aiosmtplib.SMTP, database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("alter table intake_journal rename to away")
    with pytest.raises(SMTPDataError) as refused:
        await office.sendmail("ines@example.org", ["info@belrive.example"], a_mail())
    assert refused.value.code == 451
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("alter table away rename to intake_journal")
    await office.sendmail("ines@example.org", ["info@belrive.example"], a_mail())
    assert len(await journal(database)) == 1


@pytest.mark.parametrize("fault", [OSError("connect call failed"), RuntimeError("Ines wrote this")], ids=["away", "bug"])
async def test_a_fault_of_ours_never_sends_a_mail_back_to_its_citizen(
    office: aiosmtplib.SMTP, database: Database, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    """A database that is away may say so by an error of the driver's own, or of the network."""
    with monkeypatch.context() as broken:
        broken.setattr(store, "contents", AsyncMock(side_effect=fault))
        with pytest.raises(SMTPDataError) as refused:
            await office.sendmail("ines@example.org", ["info@belrive.example"], a_mail())
    assert refused.value.code == 451
    assert "Ines" not in refused.value.message
    await office.sendmail("ines@example.org", ["info@belrive.example"], a_mail())
    assert len(await journal(database)) == 1


async def test_a_mail_with_a_line_that_is_longer_than_it_may_be_is_taken(office: aiosmtplib.SMTP, database: Database) -> None:
    await office.sendmail(
        "ines@example.org", ["info@belrive.example"], b"Message-ID: <long@example.org>\r\n\r\n" + b"word " * 2_000 + b"\r\n"
    )
    [request] = await journal(database)
    assert len(request.body) > 9_000


async def test_no_agency_is_told_to_which_other_one_a_mail_went(office: aiosmtplib.SMTP, database: Database, files: FileStore) -> None:
    await office.sendmail("ines@example.org", ["info@belrive.example", "whistle@ostwald.example"], a_mail())
    of_belrive = next(request for request in await journal(database) if request.agency == "belrive")
    original = await files.get("belrive", of_belrive.files[-1].sha256 or "")
    assert b"whistle@ostwald.example" not in (original or b"")


async def test_a_mail_that_comes_by_two_ways_at_once_is_one_request(
    office: aiosmtplib.SMTP, database: Database, files: FileStore, reader: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither sees the other's before it writes its own."""
    await office.sendmail("ines@example.org", ["info@belrive.example"], a_mail())
    taker = MailTaker(database, incoming(files), reader, timedelta(minutes=2))
    with monkeypatch.context() as at_once:
        at_once.setattr(taker, "_is_taken", AsyncMock(side_effect=[False, True]))
        await taker.take(a_mail(), Came("belrive", "imap", clock.now(), 1))
    assert len(await journal(database)) == 1


async def test_what_is_no_request_is_logged_without_the_citizens_words(
    database: Database, files: FileStore, reader: WorkerProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    value = {"request_id": str(uuid5(NAMESPACE_URL, "a mail")), "channel": "Ines lives in Mill Lane", "body": "The lamp is out."}
    monkeypatch.setattr(reader, "ask", AsyncMock(return_value=[json.dumps(value).encode(), b"[]"]))
    taker = MailTaker(database, incoming(files), reader, timedelta(minutes=2))
    await taker.take(a_mail(), Came("belrive", "imap", clock.now(), 1))
    [request] = await journal(database)
    assert request.body.startswith("This mail could not be read here")
    assert "Mill Lane" not in caplog.text + request.body


async def test_what_was_put_by_one_that_was_killed_is_flushed_by_the_next(files: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await files.put("belrive", b"A form.")
    flushed: list[Path] = []
    monkeypatch.setattr("services.runtime.file_store._flush", flushed.append)
    await files.put("belrive", b"A form.")
    assert [path.read_bytes() for path in flushed] == [b"A form."]


async def test_a_mail_that_ends_its_reader_is_taken_with_its_original_alone(
    office: aiosmtplib.SMTP, database: Database, files: FileStore, reader: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ends(_question: object, _seconds: float, _stuck: float) -> list[bytes]:
        raise WorkerEnded

    monkeypatch.setattr(reader, "ask", ends)
    await office.sendmail("ines@example.org", ["info@belrive.example"], a_mail("What ends readers."))
    [request] = await journal(database)
    assert request.body.startswith("This mail could not be read here")
    original = await files.get("belrive", request.files[0].sha256 or "")
    assert original
    assert b"What ends readers." in original


def a_bounce(decision_id: UUID) -> bytes:
    """As Postfix writes it (RFC 3464)."""
    returned = f"Message-ID: <{decision_id}@belrive.example>\r\nFrom: info@belrive.example\r\nSubject: Re: Lamp\r\n"
    lines = [
        "From: MAILER-DAEMON@mail.example.org (Mail Delivery System)",
        "To: info@belrive.example",
        "Subject: Undelivered Mail Returned to Sender",
        "Auto-Submitted: auto-replied",
        "Message-ID: <bounce@mail.example.org>",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        "I could not deliver your message.",
        "--b",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mail.example.org",
        "",
        "Final-Recipient: rfc822; ines@example.org",
        "Action: failed",
        "Status: 5.1.1",
        "Diagnostic-Code: smtp; 550 5.1.1 <ines@example.org>: user ines unknown (ines@example.org)",
        "",
        "--b",
        "Content-Type: text/rfc822-headers",
        "",
    ]
    return ("\r\n".join(lines) + "\r\n" + returned + "\r\n--b--\r\n").encode()


async def replied(database: Database, agency: str) -> ReplyDecided:
    """A reply of the agency's that was decided."""
    decided = ReplyDecided(
        request_id=uuid4(),
        decision_id=uuid4(),
        agency=agency,
        decision="approved",
        decided_by="anna@belrive.example",
        decided_at=clock.now(),
    )
    async with database.transaction() as session:
        await store.begin(session, [decided.request_id], agency, clock.now())
        row = await session.get(StatusRow, (decided.request_id, agency))
        assert row
        row.decision_id, row.state = decided.decision_id, "sent"
    return decided


async def test_a_reply_that_comes_back_is_told_with_the_reason_and_no_address(office: aiosmtplib.SMTP, database: Database) -> None:
    decided = await replied(database, "belrive")

    await office.sendmail("", ["info@belrive.example"], a_bounce(decided.decision_id))

    told = [ReplyDispatched.model_validate_json(event) for event in await events(database) if '"returned":true' in event]
    assert [(event.request_id, event.decision_id, event.outcome, event.agency) for event in told] == [
        (decided.request_id, decided.decision_id, "failed", "belrive")
    ]
    assert "5.1.1" in told[0].detail
    assert "ines" not in told[0].model_dump_json()
    [request] = await journal(database)
    assert request.automatic == "bounce", "and the mail itself is kept as a machine's"


@pytest.mark.parametrize("whose", ["ostwald", "nobody"])
async def test_who_forges_a_bounce_of_what_is_not_theirs_tells_nothing(office: aiosmtplib.SMTP, database: Database, whose: str) -> None:
    decision_id = (await replied(database, "ostwald")).decision_id if whose == "ostwald" else uuid4()
    await office.sendmail("", ["info@belrive.example"], a_bounce(decision_id))
    assert [event for event in await events(database) if '"returned":true' in event] == []
    assert len(await journal(database)) == 1


async def test_mail_of_an_agency_that_nobody_has_added_waits_until_somebody_does(office: aiosmtplib.SMTP, database: Database) -> None:
    async with database.transaction() as session:
        agency = await session.get(AgencyRow, "belrive")
        await session.delete(agency)
    with pytest.raises(SMTPDataError) as refused:
        await office.sendmail("ines@example.org", ["info@belrive.example"], a_mail())
    assert refused.value.code == 451
    async with database.transaction() as session:
        await store.add_agency(session, "belrive", "Belrive", clock.now())
    await office.sendmail("ines@example.org", ["info@belrive.example"], a_mail())
    assert len(await journal(database)) == 1


async def test_a_server_that_opens_too_many_connections_is_to_come_again(
    database: Database, files: FileStore, reader: WorkerProcess
) -> None:
    taker = MailTaker(database, incoming(files), reader, timedelta(minutes=2))
    async with mail_receiver.receiving(SOURCES, taker) as (host, port), contextlib.AsyncExitStack() as stack:
        clients = [aiosmtplib.SMTP(hostname=host, port=port, start_tls=False) for _ in range(mail_receiver.MOST_CONNECTIONS)]
        for client in clients:
            await stack.enter_async_context(client)
        with pytest.raises(SMTPConnectResponseError) as refused:
            await aiosmtplib.SMTP(hostname=host, port=port, start_tls=False).connect()
        assert refused.value.code == 421
        await clients[0].quit()
        await until_async(lambda: _connects(host, port), "there is room again")


async def _connects(host: str, port: int) -> bool:
    client = aiosmtplib.SMTP(hostname=host, port=port, start_tls=False)
    try:
        await client.connect()
    except SMTPConnectResponseError:
        return False
    await client.quit()
    return True


async def test_who_hands_over_by_http_can_claim_no_file_in_the_store(database: Database) -> None:
    file = {"name": "plan.pdf", "size": 9, "sha256": hashlib.sha256(b"their file").hexdigest(), "stored": True}
    sent = {"channel": "web", "body": "The lamp is out.", "files": [file]}
    await acceptance.accept(database, Caller("belrive", "/v1/requests"), [Sent(sent)], timedelta(minutes=2))
    [request] = await journal(database)
    assert [file.stored for file in request.files] == [False]
