"""Files go with a reply as they were decided on, byte for byte, or the reply does not go."""

import hashlib
import json
import os
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import compat32, default

import pytest

from schemas.replies_decided import ReplyAttachment, ReplyDecided
from services.dispatch import mail_message, rules
from services.dispatch.mail_accounts import MailAccount
from services.dispatch.mail_delivery import Deliveries
from services.dispatch.mail_integrity import UnsafeMail
from services.dispatch.rules import Delivery, Result
from services.runtime import clock
from services.runtime.errors import InvalidInput
from services.runtime.file_store import FileStore
from tests.harness.mail_server import MailServer
from tests.service.dispatch_desk import Desk, a_reply, database, desk, office

__all__ = ["database", "desk", "office"]

FORM = b"%PDF-1.7\n" + os.urandom(200_000)
NAMES = [
    "form.pdf",
    "Änderung der Anschrift.pdf",
    "Formulaire d’inscription à la bibliothèque municipale, avec toutes les pièces à joindre, édition de l’année 2026.pdf",
    'a"b\\c;d=e.pdf',
    "=?utf-8?b?aGk=?=.pdf",
    "50%.pdf",
    "x" * 110 + ".pdf",
    "表格.pdf",
    "-- .pdf",
]


def attached(content: bytes, name: str = "form.pdf", media_type: str = "application/pdf") -> ReplyAttachment:
    return ReplyAttachment(name=name, media_type=media_type, sha256=hashlib.sha256(content).hexdigest(), size=len(content))


def files_of(raw: bytes) -> list[tuple[str | None, str, bytes]]:
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    assert mail.get_content_type() == "multipart/mixed"
    contents = [part.get_payload(decode=True) for part in mail.iter_attachments()]
    return [
        (part.get_filename(), part.get_content_type(), content)
        for part, content in zip(mail.iter_attachments(), contents, strict=True)
        if isinstance(content, bytes)
    ]


async def test_files_arrive_byte_for_byte_beside_the_text(desk: Desk, office: MailServer) -> None:
    note = b"\r\n.\r\nFrom here\n--=_\n"
    reply = a_reply(agency="city", attachments=[attached(FORM), attached(note, "note.txt", "text/plain")])
    store = desk.deliveries._store()
    for content in (FORM, note):
        await store.put("city", content)
    await desk.gets(reply)
    await desk.works()

    [raw] = office.taken
    assert files_of(raw) == [("form.pdf", "application/pdf", FORM), ("note.txt", "text/plain", note)]
    body = message_from_bytes(raw, policy=default).get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n").strip() == reply.body


@pytest.mark.parametrize("damage", ["missing", "another agency's", "changed"])
async def test_a_reply_never_goes_without_a_file_or_with_another(desk: Desk, office: MailServer, damage: str) -> None:
    reply = a_reply(agency="city", attachments=[attached(FORM)])
    store = desk.deliveries._store()
    if damage == "another agency's":
        await store.put("nyon", FORM)
    if damage == "changed":
        digest = await store.put("city", FORM)
        [kept] = desk.data.rglob(digest)
        kept.write_bytes(FORM[:-1] + b"!")
    await desk.gets(reply)
    await desk.works()
    assert ((await desk.row(reply)).state, office.connections) == ("pending", 0)
    assert "form.pdf that goes with the reply is not in the store" in (await desk.row(reply)).detail

    if damage == "missing":  # it comes back before the tries are over
        await store.put("city", FORM)
        await desk.waits_for_the_next_attempt()
        await desk.works()
        assert files_of(office.taken[0]) == [("form.pdf", "application/pdf", FORM)]
        return
    for _ in range(2):
        await desk.waits_for_the_next_attempt()
        await desk.works()
    [event] = await desk.said()
    assert (event.outcome, office.connections) == ("failed", 0)
    assert "form.pdf" in (event.detail or "")


@pytest.mark.parametrize("fault", [InvalidInput("PARVIS_FILES_URL is no store"), PermissionError("not yours")])
async def test_a_store_that_can_not_be_opened_is_told_and_tried_again(
    desk: Desk, office: MailServer, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    reply = a_reply(agency="city", attachments=[attached(FORM)])
    await desk.deliveries._store().put("city", FORM)
    open_store, away = desk.deliveries._store, True

    def opened() -> FileStore:
        if away:
            raise fault
        return open_store()

    monkeypatch.setattr(desk.deliveries, "_store", opened)
    await desk.gets(reply)
    await desk.works()
    row = await desk.row(reply)
    assert (row.state, office.connections) == ("pending", 0)
    assert "PARVIS_FILES_URL" in row.detail or "the store of files can't be opened (PermissionError)" in row.detail
    away = False
    await desk.waits_for_the_next_attempt()
    await desk.works()
    assert files_of(office.taken[0]) == [("form.pdf", "application/pdf", FORM)]


async def test_mails_with_files_are_composed_and_sent_one_at_a_time(
    desk: Desk, office: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes many times the size of its files, and the service has little memory."""
    await desk.deliveries._store().put("city", FORM)
    under_way, most = 0, 0
    mailed = Deliveries._mailed

    async def counted(deliveries: Deliveries, delivery: Delivery, event: ReplyDecided, account: MailAccount) -> Result:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        try:
            return await mailed(deliveries, delivery, event, account)
        finally:
            under_way -= 1

    monkeypatch.setattr(Deliveries, "_mailed", counted)
    for _ in range(4):
        await desk.gets(a_reply(agency="city", attachments=[attached(FORM)]))
    await desk.works()
    assert (len(office.taken), most) == (4, 1)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("html", [False, True])
def test_a_hostile_name_is_one_name_and_nothing_else(name: str, html: bool) -> None:  # noqa: FBT001
    sender = mail_message.Sender("City Hall", "no-reply@city.example", html=html)
    mail = mail_message.compose(a_reply(attachments=[attached(FORM, name)]), sent_by=sender, now=clock.now(), files=[FORM])
    assert files_of(mail.content) == [(name, "application/pdf", FORM)]
    head = mail.content.split(b"Content-Disposition: ")[1].partition(b"\r\n\r\n")[0]
    assert all(len(line) <= 78 for line in head.split(b"\r\n"))
    old = message_from_bytes(mail.content, policy=compat32)
    assert [part.get_filename() for part in old.walk()].count(None) == len([*old.walk()]) - 1, "older programs see one file as well"


def test_a_mail_whose_file_is_another_is_not_sent() -> None:
    sender = mail_message.Sender("City Hall", "no-reply@city.example")
    with pytest.raises(UnsafeMail, match=r"form\.pdf is not the one"):
        mail_message.compose(a_reply(attachments=[attached(FORM)]), sent_by=sender, now=clock.now(), files=[FORM + b"!"])


def test_the_webhook_names_the_files() -> None:
    [file] = json.loads(rules.payload(a_reply(attachments=[attached(FORM)])))["attachments"]
    assert file == {"name": "form.pdf", "media_type": "application/pdf", "sha256": hashlib.sha256(FORM).hexdigest(), "size": len(FORM)}
    assert "attachments" not in json.loads(rules.payload(a_reply()))
