"""How a reply goes out, and when to try again."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from schemas.replies_decided import ReplyDecided
from schemas.values import Person
from services.dispatch import mail_message, rules, smtp
from services.dispatch.rules import Result
from services.domain import mail_addresses

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
CITY = mail_message.Sender("City Hall", "no-reply@city.example")
SECOND = timedelta(seconds=1)


def a_reply(**change: Any) -> ReplyDecided:
    said = {
        "decision_id": UUID(int=7),
        "request_id": UUID(int=1),
        "decision": "approved",
        "decided_by": "anna@city.example",
        "decided_at": NOON,
        "subject": "Your street lamp",
        "body": "We mend it on Monday.",
        "recipient": Person(name="Ana", email="ana@example.org"),
    }
    return ReplyDecided.model_validate({**said, **change})


@pytest.mark.parametrize(
    ("recipient", "has_webhook", "way"),
    [
        (Person(email="ana@example.org"), False, "mail"),
        (Person(email="ana@example.org"), True, "mail"),
        (Person(phone="555"), True, "webhook"),
        (Person(phone="555"), False, "manual"),
        (None, True, "webhook"),
        (None, False, "manual"),
    ],
)
def test_mail_where_there_is_an_address_else_the_webhook_else_a_person(recipient: Person | None, has_webhook: bool, way: str) -> None:  # noqa: FBT001
    assert rules.route(recipient, has_webhook=has_webhook) == way


def test_pauses_double_up_to_an_hour_and_end_with_the_last_attempt() -> None:
    pauses = [rules.next_attempt(n, 1000, NOON, 120 * SECOND) for n in (1, 2, 3, 5, 6, 13, 900)]
    assert [p and (p - NOON).total_seconds() for p in pauses] == [120, 240, 480, 1920, 3600, 3600, 3600]
    assert rules.next_attempt(8, 8, NOON, SECOND) is None


def test_after_the_last_attempt_it_has_failed_and_says_why() -> None:
    end = rules.verdict(Result("later", "451 busy"), 8, 8, NOON, SECOND)
    assert (end.state, end.detail) == ("failed", "given up after 8 attempts: 451 busy")


def test_a_servers_words_become_one_short_line() -> None:
    line = rules.one_line("550 no\r\nsuch\x1b[31m user " + "x" * 1000)
    assert line.startswith("550 no such [31m user xxx")
    assert len(line) == rules.LONGEST_DETAIL


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("5.1.1 <jane.doe+lamp@example.org>: rejected", "5.1.1 <[address]>: rejected"),
        ("Jane.Doe@EXAMPLE.org: user unknown, see postmaster@relay.example.", "[address]: user unknown, see [address]"),
        ('no such user "jane.doe+lamp"', 'no such user "[address]"'),
        ("mailbox JANE.DOE is full", "mailbox [address] is full"),
        ("SRS0=x=example.org=jane.doe@relay.example refused", "[address] refused"),
        ('"jane doe"@[192.0.2.1] is not here', "[address] is not here"),
        ("janes.doery is somebody else", "janes.doery is somebody else"),
        ("2.0.0 OK queued as 42", "2.0.0 OK queued as 42"),
    ],
)
def test_a_servers_words_name_no_citizen(words: str, shown: str) -> None:
    assert mail_addresses.without_addresses(words, "jane.doe+lamp@example.org") == shown


def test_of_an_error_that_is_nobodys_answer_only_the_kind_is_told() -> None:
    result = smtp._not_sent(RuntimeError("jane.doe@example.org broke it"), "jane.doe@example.org")
    assert result == Result("later", "the mail could not be handed to the server (RuntimeError)")


@pytest.mark.parametrize("setting", ["", "City Hall", "no-reply", "City <@x>", "City <a@>"])
def test_a_sender_without_an_address_is_refused_at_once(setting: str) -> None:
    with pytest.raises(mail_message.UnusableSetting):
        mail_message.sender(setting)


def test_a_mail_servers_address_is_taken_apart() -> None:
    there = smtp.server("smtp://city%40hall:p%2Fw%3Ad@mail.example:2525")
    assert (there.host, there.port, there.tls, there.user) == ("mail.example", 2525, False, "city@hall")
    assert there.password is not None
    assert there.password.get_secret_value() == "p/w:d"
    assert (smtp.server("smtps://mail.example").port, smtp.server("smtp://mail.example").port) == (465, 25)
    assert smtp.server("smtp://u:p@mail.example").port == 587


@pytest.mark.parametrize(
    "url", ["mail.example:25", "http://mail.example", "smtp://", "smtp://mail.example:x", "smtp://u:s3cret@mail.example/path"]
)
def test_an_address_that_makes_no_sense_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(mail_message.UnusableSetting) as refused:
        smtp.server(url)
    assert "s3cret" not in refused.value.detail
    assert "PARVIS_SMTP_URL" in refused.value.detail


def test_a_password_leaves_this_machine_only_under_tls() -> None:
    assert smtp.server("smtp://u:p@mail.example").start_tls is True
    assert smtp.server("smtp://mail.example").start_tls is None
    assert smtp.server("smtp://u:p@localhost").start_tls is False
    assert smtp.server("smtps://u:p@mail.example").tls


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 360), (0.5, 480), (1.0, 600)])
def test_mails_that_failed_together_do_not_come_back_together(chance: float, seconds: int) -> None:
    verdict = rules.verdict(rules.Result("later"), 3, 8, NOON, 120 * SECOND, lambda: chance)
    assert verdict.next_attempt_at == NOON + seconds * SECOND
