"""A receipt on arrival, from the citizen's mail to the citizen's mailbox: once, never to a machine, never before somebody decided it."""

import json
import re
import smtplib
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.builders import a_citizen, a_request
from tests.harness.mail_server import MailServer, text_of
from tests.harness.ports import free_port
from tests.harness.running_stack import Agency, Caseworker, Installation, add_agency, add_caseworker
from tests.harness.waiting import until
from tests.journeys.conftest import Begin

pytestmark = [pytest.mark.journey, pytest.mark.timeout(3600)]

ADA = "ada@belrive.example"
INFO = "info@belrive.example"
MOST_A_DAY = 3


def fresh(name: str, **changes: Any) -> dict[str, Any]:
    """A request of just now; `received_at` is intake's to fill in."""
    request = a_request(citizen=a_citizen(name), **changes)
    return {field: value for field, value in request.items() if field != "received_at"}


def a_mail(sender: str, **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, INFO, "Street lamp out on Elm Street"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("The street lamp outside 12 Elm Street has been out for a week. When will it be repaired?")
    return mail


class Town:
    """One installation with its people, its mail in and its mail out."""

    def __init__(self, running: Installation, out: MailServer, port: int) -> None:
        self.running, self.out, self.port = running, out, port
        self.agency: Agency = add_agency(running)
        self.anna: Caseworker = add_caseworker(running)
        running.prints("people", "add", ADA, "--role", "admin")

    def acknowledges(self, *options: str) -> str:
        return self.running.prints("agencies", "acknowledge", "belrive", *options)

    def sends(self, request: dict[str, Any]) -> str:
        assert self.agency.sends(request).status_code == 202
        return str(request["request_id"])

    def mails(self, mail: EmailMessage) -> None:
        with smtplib.SMTP("127.0.0.1", self.port, timeout=60) as server:
            server.send_message(mail)

    def case_from(self, email: str, count: int = 1) -> dict[str, Any]:
        """The newest case of whoever has that address, once there are so many of theirs and each is sorted."""

        def there() -> list[dict[str, Any]] | None:
            lines = [line for line in self.anna.queue(q=email) if line["category"]]
            return lines if len(lines) >= count else None

        lines = until(there, f"{count} cases of {email} are sorted")
        newest = self.anna.case(max(lines, key=lambda line: str(line["received_at"]))["request_id"])
        assert newest
        return newest

    def receipt_of(self, email: str) -> EmailMessage:
        until(lambda: self.out.to(email), f"a receipt for {email}")
        [mail] = self.out.to(email)
        return mail

    def everything_before_is_done(self, name: str) -> None:
        """Somebody who wrote last has their receipt: what came before had its turn."""
        citizen = fresh(name)
        self.sends(citizen)
        self.receipt_of(citizen["citizen"]["email"])


def test_a_receipt_from_the_citizens_mail_to_their_mailbox(begin: Begin, tmp_path: Path) -> None:
    port = free_port()
    sources = {"received": [{"agency": "belrive", "addresses": [INFO]}], "receiver": {"listen": f"smtp://127.0.0.1:{port}"}}
    (tmp_path / "mailboxes.yaml").write_text(json.dumps(sources))
    with MailServer() as out:
        running = begin(
            PARVIS_SMTP_URL=out.url,
            PARVIS_MAIL_FROM="Belrive <no-reply@belrive.example>",
            PARVIS_MAIL_REPLY_TO="info+@belrive.example",
            PARVIS_MAILBOXES=str(tmp_path / "mailboxes.yaml"),
            PARVIS_RECONCILE_SECONDS="5",
        )
        town = Town(running, out, port)
        _nothing_is_sent_before_somebody_has_decided_that(town)
        _switched_on_by_who_has_seen_the_words(town)
        _by_http_once_whatever_is_killed(town)
        _by_mail_in_its_thread(town)
        _never_to_a_machine(town)
        town.acknowledges("--off")
        silent = fresh("Silent Again")
        town.anna.sees(town.sends(silent), "awaiting_approval", "needs_triage")
        assert out.to(silent["citizen"]["email"]) == []


def _nothing_is_sent_before_somebody_has_decided_that(town: Town) -> None:
    early = fresh("Early Bird")
    town.anna.sees(town.sends(early), "awaiting_approval", "needs_triage")
    refused = town.running.run("agencies", "acknowledge", "belrive", "--on")
    assert refused.returncode != 0
    assert "--by" in refused.stderr
    assert town.acknowledges() == "off"
    assert town.out.taken == []


def _switched_on_by_who_has_seen_the_words(town: Town) -> None:
    unseen = town.running.run("agencies", "acknowledge", "belrive", "--on", "--by", ADA)
    assert (unseen.returncode != 0, town.acknowledges()) == (True, "off")
    assert "We have received your message." in unseen.stderr
    [seen] = re.findall(r"--seen\s+([0-9a-f]{16})", unseen.stderr)
    assert town.acknowledges("--on", "--by", ADA, "--seen", seen).startswith(f"on, by {ADA}")


def _by_http_once_whatever_is_killed(town: Town) -> None:
    hugo = fresh("Hugo Terrel")
    number = town.sends(hugo)
    mail = town.receipt_of("hugo.terrel@example.org")
    assert (mail["Auto-Submitted"], number in text_of(mail)) == ("auto-replied", True)
    case = until(lambda: _told(town, number), "what became of the receipt stands in its case")
    assert (case["acknowledgement"]["outcome"], case["acknowledgement"]["decided_by"]) == ("delivered", ADA)
    assert (case["deliveries"], case["state"] in ("awaiting_approval", "needs_triage")) == ([], True)
    assert town.agency.asks(number)["state"] not in ("sent", "approved")

    while_dispatch_is_dead = fresh("Karin Folk")
    town.running.kill_service("dispatch")
    town.sends(while_dispatch_is_dead)
    town.running.kill()  # the embedded broker forgets what nobody has read yet
    town.running.start()
    town.sends(hugo)  # as a publisher does who got no answer
    town.receipt_of("karin.folk@example.org")
    assert town.anna.approves(town.anna.brings_to_approval(number)).status_code == 200
    town.anna.sees(number, "sent")
    assert [mail["Auto-Submitted"] for mail in town.out.to("hugo.terrel@example.org")] == ["auto-replied", None]
    spans = {span["name"] for span in town.anna.gets(f"traces/{case['trace_id']}")["spans"]}
    assert {"acknowledge", "deliver"} <= spans


def _told(town: Town, number: str) -> dict[str, Any] | None:
    case = town.anna.case(number)
    return case if case and case["acknowledgement"] and case["acknowledgement"]["outcome"] else None


def _by_mail_in_its_thread(town: Town) -> None:
    town.mails(a_mail("Ines Marlow <ines@example.org>", Message_ID="<first@example.org>"))
    receipt = town.receipt_of("ines@example.org")
    assert receipt["In-Reply-To"] == "<first@example.org>"
    first = town.case_from("ines@example.org")

    town.mails(a_mail("ines@example.org", Message_ID="<second@example.org>", In_Reply_To=str(receipt["Message-ID"])))
    second = town.case_from("ines@example.org", 2)
    related = town.anna.gets(f"cases/{second['request_id']}/related")
    assert first["request_id"] in json.dumps(related)
    town.everything_before_is_done("Last Of Mails")
    assert len(town.out.to("ines@example.org")) == 1


def _never_to_a_machine(town: Town) -> None:
    town.mails(a_mail("away@example.org", Auto_Submitted="auto-replied"))
    town.mails(a_mail("list@example.org", List_Id="<news.example.org>"))
    for number in range(MOST_A_DAY + 2):  # says nothing of itself, and opens a thread each time that it is written to
        town.mails(a_mail("robot@example.org", Message_ID=f"<{number}@robot.example.org>"))
        town.case_from("robot@example.org", number + 1)
    town.everything_before_is_done("Last Of All")
    assert (town.out.to("away@example.org"), town.out.to("list@example.org")) == ([], [])
    assert len(town.out.to("robot@example.org")) == MOST_A_DAY
