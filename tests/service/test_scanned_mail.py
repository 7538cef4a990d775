"""A mail whose file is infected can't be refused any more: it is taken, and marked."""

import base64
import json
from datetime import timedelta
from unittest.mock import AsyncMock
from uuid import uuid4

import pytest

from services.intake.mail.taking import Came, MailTaker
from services.runtime import clock
from services.runtime.database import Database
from services.runtime.file_scanner import file_scanner
from services.runtime.file_store import FileStore
from services.runtime.worker_process import WorkerProcess
from tests.harness.clamd import EICAR, THREAT, scanner_double
from tests.service.test_mail_in import a_mail, database, files, incoming, journal, reader

__all__ = ["database", "files", "reader"]


async def test_a_mail_with_a_virus_is_taken_with_the_file_and_the_original_blocked(
    database: Database, files: FileStore, reader: WorkerProcess
) -> None:
    async with scanner_double() as clamd:
        taker = MailTaker(database, incoming(files, file_scanner(clamd.url)), reader, timedelta(minutes=2))
        await taker.take(a_mail(attached=EICAR), Came("belrive", "lmtp", clock.now(), 100))
        await taker.take(a_mail(attached=b"%PDF-1.7", message_id="<2@x>"), Came("belrive", "lmtp", clock.now(), 100))
    taker = MailTaker(database, incoming(files, file_scanner(clamd.url)), reader, timedelta(minutes=2))
    await taker.take(a_mail(attached=EICAR, message_id="<3@x>"), Came("belrive", "lmtp", clock.now(), 100))

    infected, clean, while_away = await journal(database)
    assert [(file.scan, file.threat) for file in infected.files] == [("infected", THREAT)] * 2
    assert [file.scan for file in clean.files] == ["clean"] * 2
    assert [file.scan for file in while_away.files] == ["not_scanned"] * 2, "mail is taken while the scanner is away"
    for request in (infected, clean, while_away):
        for file in request.files:
            assert await files.get("belrive", file.sha256 or ""), "nothing is lost"


async def test_a_mail_that_is_taken_with_its_original_alone_is_no_better_for_it(
    database: Database, files: FileStore, reader: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = {"request_id": str(uuid4()), "channel": "pigeon", "body": "The lamp is out."}
    monkeypatch.setattr(reader, "ask", AsyncMock(return_value=[json.dumps(value).encode(), b"[]", base64.b64encode(EICAR)]))
    raw = a_mail(attached=EICAR)
    assert EICAR not in raw, "the scanner sees it in the file alone"
    async with scanner_double() as clamd:
        taker = MailTaker(database, incoming(files, file_scanner(clamd.url)), reader, timedelta(minutes=2))
        await taker.take(raw, Came("belrive", "lmtp", clock.now(), 100))
    [request] = await journal(database)
    assert [(file.name, file.scan, file.threat) for file in request.files] == [("original.eml", "infected", THREAT)]
