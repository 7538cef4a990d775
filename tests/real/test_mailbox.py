"""A citizen writes to the agency's mailbox, and the answer goes back into the same thread: real Dovecot, real SMTP, all services."""

from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness.imap_server import PASSWORD, ImapServer
from tests.harness.mail_server import MailServer
from tests.harness.running_stack import Caseworker, Installation, add_agency, add_caseworker
from tests.harness.waiting import until
from tests.journeys.conftest import begin_in, environment, settings

pytestmark = [pytest.mark.journey, pytest.mark.imap]

__all__ = ["environment", "settings"]

INBOX = "info@belrive.example"


def a_mail(
    number: int = 1, *, body: str = "The street lamp in front of my house has been out for a week.", attached: bytes = b"", **headers: str
) -> bytes:
    """As a mail program writes it."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "Ines Marlow <ines@example.org>"
    mail["To"] = INBOX
    mail["Subject"] = "Street lamp"
    mail["Date"] = "Mon, 02 Mar 2026 08:00:00 +0100"
    mail["Message-ID"] = f"<{number}@mail.example.org>"
    for keyword, value in headers.items():
        del mail[keyword.replace("_", "-")]
        mail[keyword.replace("_", "-")] = value
    mail.set_content(body)
    if attached:
        mail.add_attachment(attached, maintype="video", subtype="mp4", filename="lamp.mp4")
    return mail.as_bytes()


@pytest.fixture(scope="module")
def imap() -> Iterator[ImapServer]:
    with ImapServer() as server:
        yield server


@pytest.fixture(scope="module")
def office() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


def mailboxes_file(folder: Path, imap: ImapServer, **further: Any) -> Path:
    """The agency's one mailbox."""
    (folder / "password").write_text(PASSWORD + "\n")
    mailbox = {
        "agency": "belrive",
        "imap": f"imap://127.0.0.1:{imap.port}/INBOX",
        "user": INBOX,
        "password_file": str(folder / "password"),
        **further,
    }
    path = folder / "mailboxes.yaml"
    path.write_text(yaml.safe_dump({"mailboxes": [mailbox]}))
    return path


@pytest.fixture(scope="module")
def parvis(
    tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str], imap: ImapServer, office: MailServer
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("mailbox")
    for begin in begin_in(folder, settings):
        installation = begin(
            PARVIS_MAILBOXES=str(mailboxes_file(folder, imap)), PARVIS_SMTP_URL=office.url, PARVIS_MAIL_FROM=f"City of Belrive <{INBOX}>"
        )
        add_agency(installation)
        yield installation


@pytest.fixture(scope="module")
def anna(parvis: Installation) -> Caseworker:
    return add_caseworker(parvis)


def cases_about(anna: Caseworker, words: str) -> list[dict[str, Any]]:
    """Every case whose subject has the words."""
    return [case for case in anna.queue() if words in case["subject"]]


def more_cases_about(anna: Caseworker, words: str, number: int) -> list[dict[str, Any]] | None:
    """The cases whose subject has the words, once there are more than so many."""
    cases = cases_about(anna, words)
    return cases if len(cases) > number else None


def the_case(anna: Caseworker, words: str) -> str:
    """The one case whose subject has the words, once it is there."""
    [case] = until(lambda: cases_about(anna, words), f"a case about {words}")
    return str(case["request_id"])


def mails_about(office: MailServer, words: str) -> list[EmailMessage]:
    """What was mailed under that subject."""
    mails = [message_from_bytes(raw, policy=default) for raw in office.taken]
    return [mail for mail in mails if words in mail["Subject"]]


def test_a_mail_becomes_a_case_and_its_answer_goes_into_the_thread(imap: ImapServer, office: MailServer, anna: Caseworker) -> None:
    film = b"film" * 2_000_000  # eight times what Kafka takes
    imap.delivers(INBOX, a_mail(1, Subject="Lamp in Mill Lane", References="<0@mail.example.org>", attached=film))

    case = anna.sees(the_case(anna, "Lamp in Mill Lane"), "awaiting_approval", "needs_triage")
    assert case["request"]["channel"] == "email"
    citizen = case["request"]["citizen"]
    assert (citizen["name"], citizen["email"]) == ("Ines Marlow", "ines@example.org")
    assert case["request"]["message_id"] == "<1@mail.example.org>"
    assert [file["name"] for file in case["request"]["files"]] == ["lamp.mp4", "original.eml"]
    assert anna.downloads(f"cases/{case['request_id']}/files/0") == film
    until(lambda: any(b"$ParvisTaken" in flags for flags in imap.marked(INBOX).values()), "the mail is marked")

    approved = anna.approves(anna.brings_to_approval(case["request_id"]))
    assert approved.status_code == 200, approved.text
    [reply] = until(lambda: mails_about(office, "Lamp in Mill Lane"), "the reply is mailed")
    assert reply["In-Reply-To"] == "<1@mail.example.org>"
    assert reply["References"].split() == ["<0@mail.example.org>", "<1@mail.example.org>"]

    imap.delivers(
        INBOX,
        a_mail(2, Subject="Re: Lamp in Mill Lane: still dark", In_Reply_To=reply["Message-ID"], body="It is still dark. Please help."),
    )
    follow_up = the_case(anna, "still dark")
    related = anna.gets(f"cases/{follow_up}/related")
    assert [follows["request_id"] for follows in related["follows"]] == [case["request_id"]]


def a_bounce_of(reply: EmailMessage) -> bytes:
    """What the citizen's mail server writes when it can't deliver after all (RFC 3464)."""
    report = EmailMessage(policy=SMTP)
    report["From"] = "Mail Delivery System <MAILER-DAEMON@mail.example.org>"
    report["To"] = INBOX
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report["Auto-Submitted"] = "auto-replied"
    report["Message-ID"] = "<bounce@mail.example.org>"
    parts = (
        ("text/plain", "I could not deliver your message."),
        (
            "message/delivery-status",
            (
                "Reporting-MTA: dns; mail.example.org\r\n\r\nFinal-Recipient: rfc822; ines@example.org\r\n"
                "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user here"
            ),
        ),
        ("text/rfc822-headers", f"Message-ID: {reply['Message-ID']}\r\nSubject: {reply['Subject']}"),
    )
    body = "".join(f"--edge\r\nContent-Type: {media_type}\r\n\r\n{text}\r\n" for media_type, text in parts) + "--edge--\r\n"
    head = report.as_bytes().removesuffix(b"\r\n")
    return (
        head + b'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="edge"\r\n\r\n' + body.encode()
    )


def test_a_reply_that_comes_back_brings_its_case_back(imap: ImapServer, office: MailServer, anna: Caseworker) -> None:
    imap.delivers(INBOX, a_mail(50, Subject="Crossing in Weir Street"))
    case = anna.brings_to_approval(the_case(anna, "Weir Street"))
    assert anna.approves(case).status_code == 200
    anna.sees(case["request_id"], "sent")
    [reply] = mails_about(office, "Weir Street")

    imap.delivers(INBOX, a_bounce_of(reply))

    back = anna.sees(case["request_id"], "delivery_failed")
    assert any("no such user here" in delivery["detail"] for delivery in back["deliveries"])
    machine = the_case(anna, "Undelivered Mail")
    assert anna.sees(machine, "closed")["drafts"] == []


def test_what_is_killed_between_the_journal_and_the_mark_takes_each_mail_once(
    parvis: Installation, imap: ImapServer, anna: Caseworker
) -> None:
    """Mails come in by tens while the process that takes them is killed again and again."""
    numbers = range(100, 160)
    taken: list[dict[str, Any]] = []
    for first in range(0, len(numbers), 20):
        imap.delivers(INBOX, *(a_mail(n, Subject=f"Pothole number {n}") for n in numbers[first : first + 20]))
        before = len(taken)
        taken = until(partial(more_cases_about, anna, "Pothole number", before), "some are taken")
        parvis.kill_service("mail-in")

    until(lambda: len({case["subject"] for case in cases_about(anna, "Pothole number")}) == len(numbers), "every mail is a case")
    until(lambda: all(b"$ParvisTaken" in flags for flags in imap.marked(INBOX).values()), "every mail is marked")
    assert len(cases_about(anna, "Pothole number")) == len(numbers), "and none is two"


def test_a_mail_that_is_put_back_or_comes_twice_is_one_case(imap: ImapServer, anna: Caseworker) -> None:
    imap.delivers(INBOX, a_mail(200, Subject="Bin in Kiln Road"), a_mail(200, Subject="Bin in Kiln Road"))
    the_case(anna, "Bin in Kiln Road")
    until(lambda: all(b"$ParvisTaken" in flags for flags in imap.marked(INBOX).values()), "both are marked")

    with imap.opens(INBOX) as client:
        client.remove_flags(client.search(["SUBJECT", "Kiln Road"]), [b"$ParvisTaken"])
    until(lambda: all(b"$ParvisTaken" in flags for flags in imap.marked(INBOX).values()), "they are marked again")
    assert len(cases_about(anna, "Bin in Kiln Road")) == 1


def test_nobodys_mail_is_read_or_deleted(imap: ImapServer, anna: Caseworker) -> None:
    imap.delivers(INBOX, a_mail(300, Subject="Bench in the park"))
    the_case(anna, "Bench in the park")
    with imap.opens(INBOX) as client:
        [uid] = client.search(["SUBJECT", "Bench in the park"])
        flags = client.get_flags([uid])[uid]
    assert b"\\Seen" not in flags
    assert b"\\Deleted" not in flags


def test_a_mailbox_is_tried_before_anything_is_taken(parvis: Installation, imap: ImapServer, tmp_path: Path) -> None:
    good = mailboxes_file(tmp_path, imap, user="other@belrive.example")
    imap.delivers("other@belrive.example", a_mail(400), a_mail(401))
    said = parvis.prints("mailboxes", "check", good)
    assert "other@belrive.example" in said
    assert "2 to be taken; what is taken gets the keyword $ParvisTaken; the server tells at once what comes" in said
    assert not any(b"$ParvisTaken" in flags for flags in imap.marked("other@belrive.example").values())

    (tmp_path / "password").write_text("wrong")
    refused = parvis.run("mailboxes", "check", good)
    assert refused.returncode == 1
    assert "the server refuses to sign in" in refused.stderr
    assert "wrong" not in refused.stderr
