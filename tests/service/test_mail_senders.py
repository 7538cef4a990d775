"""Each agency's replies leave in its own name, by its own server, signed by its own key, and ask that server for word of a failure."""

from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import dkim
import pytest
from pydantic import SecretStr

from services.cli import preflight
from services.dispatch import mail_accounts
from services.domain import mail_senders
from services.domain.mail_senders import InvalidSenders
from services.domain.reply_tokens import request_in
from services.review.cases.deciding import recipient
from services.runtime.database import Database
from services.runtime.errors import InvalidInput, ParvisError
from services.runtime.settings import Settings
from tests.harness.mail_server import MailServer, text_of
from tests.service.dispatch_desk import CITY, Desk, a_reply, database, desk, office
from tests.unit.test_dkim import ED, file_of, record_of

__all__ = ["database", "desk", "office"]


def settings_with(folder: Path, text: str, **values: object) -> Settings:
    (folder / "senders.yaml").write_text(text)
    return Settings(data_dir=folder, mail_senders=folder / "senders.yaml", **values)  # type: ignore[arg-type]


async def sent_for(agencies: tuple[str, ...], settings: Settings, database: Database) -> None:
    desk = Desk(database, mail_accounts.accounts(settings).default.mailer, accounts=mail_accounts.accounts(settings))
    for agency in agencies:
        await desk.gets(a_reply(agency=agency, request_id=UUID(int=7)))
    await desk.works()


async def test_each_agency_has_its_own_sender_server_and_address_for_answers(
    database: Database, office: MailServer, tmp_path: Path
) -> None:
    async with MailServer().on_this_loop() as elsewhere:
        file = f"""
springfield:
  from: Springfield Town Hall <no-reply@springfield.example>
  reply_to: answers+@springfield.example
  smtp_url: {elsewhere.url}
shelbyville:
  html: false
"""
        settings = settings_with(tmp_path, file, smtp_url=SecretStr(office.url), mail_from="City <no-reply@city.example>")
        await sent_for(("springfield", "shelbyville", "ogdenville"), settings, database)
        [springfield] = elsewhere.mails
    by_html = {mail.is_multipart(): mail for mail in office.mails}
    assert str(springfield["From"]) == "Springfield Town Hall <no-reply@springfield.example>"
    assert request_in(str(springfield["Reply-To"])) == [UUID(int=7)]
    assert str(springfield["Message-ID"]).endswith("@springfield.example>")
    assert springfield.is_multipart()
    assert [str(mail["From"]) for mail in by_html.values()] == ["City <no-reply@city.example>"] * 2
    assert {text_of(mail) for mail in (springfield, *by_html.values())} == {text_of(springfield)}


async def test_a_signature_of_the_agencys_key_leaves_as_it_was_made(database: Database, office: MailServer, tmp_path: Path) -> None:
    file = (
        f'"*":\n  from: city@mail.city.example\n  dkim: {{selector: parvis, domain: city.example, key_file: "{file_of(ED, tmp_path)}"}}\n'
    )
    await sent_for(("springfield",), settings_with(tmp_path, file, smtp_url=SecretStr(office.url)), database)

    def dns(name: bytes, timeout: int = 5) -> bytes:  # noqa: ARG001 - dkimpy's
        return record_of(ED) if name == b"parvis._domainkey.city.example." else b""

    assert dkim.verify(office.taken[0], dnsfunc=dns)


async def test_word_of_a_failure_is_asked_for_where_the_server_gives_it(database: Database) -> None:
    async with MailServer().on_this_loop(notifies=True) as office:
        settings = Settings(smtp_url=SecretStr(office.url), mail_from="city@city.example")
        desk = Desk(database, mail_accounts.accounts(settings).default.mailer)
        reply = a_reply(recipient={"email": "ana+lamp=1@example.org"})
        await desk.gets(reply)
        await desk.works()
    assert office.asked == ["RET=HDRS", f"ENVID={reply.decision_id}", "NOTIFY=FAILURE,DELAY", "ORCPT=rfc822;ana+2Blamp+3D1@example.org"]
    assert len(office.taken) == 1


async def test_a_server_that_gives_no_word_is_asked_for_none(desk: Desk, office: MailServer) -> None:
    await desk.gets(a_reply())
    await desk.works()  # it would refuse a mail with such options
    assert ([told.outcome for told in await desk.said()], office.asked) == (["delivered"], [])


async def test_a_persons_reply_says_of_no_machine_that_it_wrote_it_and_asks_for_no_notice_of_absence(
    desk: Desk, office: MailServer
) -> None:
    await desk.gets(a_reply())
    await desk.works()
    [mail] = office.mails
    assert (mail["Auto-Submitted"], mail["Precedence"], mail["X-Auto-Response-Suppress"]) == (None, None, "OOF, AutoReply")


async def test_after_a_bounce_another_address_gets_a_new_mail_of_the_same_thread(desk: Desk, office: MailServer) -> None:
    first = a_reply(answers_mail="<lamp@mail.example>", references=["<first@mail.example>"])
    again = (
        first.model_copy(update={"decision_id": UUID(int=8), "recipient": first.recipient.model_copy(update={"email": "b@example.org"})})
        if first.recipient
        else first
    )
    for reply in (first, again):
        await desk.gets(reply)
    await desk.works()

    def thread(mail: EmailMessage) -> tuple[str, str]:
        return str(mail["In-Reply-To"]), str(mail["References"])

    assert {str(mail["Message-ID"]) for mail in office.mails} == {f"<{reply.decision_id}@{CITY.domain}>" for reply in (first, again)}
    assert {thread(mail) for mail in office.mails} == {("<lamp@mail.example>", "<first@mail.example> <lamp@mail.example>")}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("springfield:\n  from: nobody\n", "springfield.from: an address has one @"),
        ("springfield:\n  from: añá@city.example\n", "springfield.from: only ASCII"),
        ("springfield:\n  reply_to: +@city.example\n", "springfield.reply_to: something has to stand before the plus"),
        (f"springfield:\n  reply_to: {'a' * 40}+@city.example\n", "springfield.reply_to: the part before the @ is longer"),
        (
            "springfield:\n  sender: a@city.example\n",
            "springfield.sender: there is no such field: use from, reply_to, smtp_url, html, dkim",
        ),
        ("springfield:\n  dkim: {selector: a}\n", "springfield.dkim.key_file: Field required"),
        ("springfield:\n  dkim: {selector: a b, key_file: x}\n", "springfield.dkim.selector: "),
        ("springfield: a@city.example\n", "springfield: write its fields below it"),
        ("Not An Agency:\n  html: false\n", "Not An Agency: no agency can have this code"),
        ("- springfield\n", "senders.yaml: file: "),
        ("springfield: [\n  hunter2", "senders.yaml is not YAML, line 2"),
        ("springfield:\n  smtp_url: http://user:hunter2@mail.example\n", "springfield.smtp_url can't be read: give smtp://"),
        (
            "springfield:\n  from: a@city.example\n  dkim: {selector: a, key_file: /nowhere.pem}\n",
            "springfield.dkim.key_file: /nowhere.pem can't be read",
        ),
        (
            "springfield:\n  from: a@city.example\n  dkim: {selector: a, key_file: x, domain: other.example}\n",
            "springfield.dkim.domain: other.example is not",
        ),
    ],
    ids=range(14),
)
def test_a_file_that_no_mail_can_be_sent_by_is_refused_at_start_with_agency_and_field(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ParvisError) as refused:
        preflight.check(settings_with(tmp_path, text), ["dispatch"])
    assert named in str(refused.value)
    assert "senders.yaml" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_file_that_is_not_there_is_named_to_review_as_well(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"^PARVIS_MAIL_SENDERS: .*nowhere\.yaml can't be read"):
        preflight.check(Settings(data_dir=tmp_path, mail_senders=tmp_path / "nowhere.yaml"), ["review"])


def test_no_agencys_own_address_is_answered(tmp_path: Path) -> None:
    file = "springfield:\n  from: Springfield <no-reply@springfield.example>\n  reply_to: answers+@springfield.example\n"
    settings = settings_with(tmp_path, file)
    own = mail_senders.addresses("City <city@city.example>", "", settings.mail_senders)
    for email in ("city@city.example", "no-reply@springfield.example", "Answers+abc@Springfield.example"):
        doubt = recipient.doubt_about(email, own)
        assert doubt is not None
        assert doubt.kind is recipient.Doubt.OWN_SENDER
    assert recipient.doubt_about("ana@springfield.example", own) is None
    with pytest.raises(InvalidSenders):
        mail_senders.read(tmp_path)
