"""What a citizen typed is text in a mail and nothing else, whatever it looks like, on every Python that is supported."""

import dataclasses
import sys
from datetime import UTC, datetime
from email import message_from_string
from email.message import EmailMessage
from email.policy import compat32, default
from typing import Any
from uuid import UUID

import pytest
from aiosmtplib.email import quote_address
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas import invisible_characters
from schemas.replies_decided import ReplyDecided
from schemas.values import Person
from services.dispatch import mail_integrity, mail_message
from services.dispatch.mail_integrity import UnsafeMail
from services.dispatch.mail_message import Mail
from services.domain import reply_tokens
from services.domain.mail_addresses import UnusableAddress

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
CITY = mail_message.Sender("City Hall", "no-reply@city.example")
FIELDS = [
    *("From", "To", "Subject", "Date", "Message-ID", "X-Auto-Response-Suppress"),
    *("MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
]
INJECTION = "=?utf-8?q?A=0D=0ABcc=3A_evil=40x=2Eexample?="


def a_mail(sent_by: mail_message.Sender = CITY, *, name: str | None = "Ana", email: str = "ana@example.org", **change: Any) -> Mail:
    values = {
        "decision_id": UUID(int=7),
        "request_id": UUID(int=1),
        "decision": "approved",
        "decided_by": "anna@city.example",
        "decided_at": NOON,
        "subject": "Your street lamp",
        "body": "We mend it on Monday.",
    }
    recipient = Person.model_construct(name=name, email=email)
    return mail_message.compose(
        ReplyDecided.model_validate({**values, **change}).model_copy(update={"recipient": recipient}), sent_by=sent_by, now=NOON
    )


def read(mail: Mail) -> EmailMessage:
    return message_from_string(mail.content.decode(), _class=EmailMessage, policy=default)


def field_names(mail: Mail) -> list[str]:
    """By the bytes alone."""
    head = mail.content.partition(b"\r\n\r\n")[0]
    return [line.partition(b":")[0].decode() for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")]


def without_spaces(text: str) -> str:
    """Python puts a space between two encoded words of a name, where RFC 2047 has none."""
    return "".join(text.split())


def the_letter(mail: Mail) -> mail_integrity.Letter:
    return mail_integrity.Letter(
        "City Hall", "no-reply@city.example", "Ana", "ana@example.org", "Your street lamp", mail.message_id, "We mend it on Monday.\n"
    )


HOSTILE = [
    INJECTION,
    "=?utf-8?b?QQ0KQmNjOiBldmlsQHguZXhhbXBsZQ==?=",
    "A =?utf-8?q?B?= =?utf-8?q?=0D=0ABcc=3A_evil=40x=2Eexample?= C",
    "=?utf-8?q?=22=3Cevil=40x=2Eexample=3E=2C?=",
    "=?x",
    "Ana\r\nBcc: evil@x.example",
    "Ana\nBcc: evil@x.example",
    "Ana\rBcc: evil@x.example",
    "Ana\x85Bcc: evil@x.example",
    "Ana\u2028Bcc: evil@x.example",
    "Ana\u2029\x0b\x0c\x1c\x1d\x1eBcc: evil@x.example",
    'Ana" <evil@x.example>, "B',
    "evil@x.example, Ana",
    "undisclosed: evil@x.example;",
    "Ana (evil@x.example)",
    "Ana \\",
    '\\"',
    "'Ana'",
    ",;:<>()[]@",
    "\0Ana\x7f",
    "\u202eanA",
    "A" * 300,
    "漢" * 300,
    "👩‍👩‍👧‍👦" * 60,
    "Ö" + " x" * 150,
    "",
]  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_is_typed_as_a_name_or_a_subject_is_read_back_as_that_text_and_as_no_other_field(typed: str) -> None:
    mail = a_mail(name=typed, subject=typed)
    shown = invisible_characters.one_line(typed)
    assert field_names(mail) == FIELDS
    assert mail.recipient == "ana@example.org"
    [to] = read(mail)["To"].addresses
    assert (without_spaces(to.display_name), to.addr_spec) == (without_spaces(shown), "ana@example.org")
    assert str(read(mail)["Subject"]) == shown
    assert max(map(len, mail.content.split(b"\r\n"))) <= 998


SIGNS = ["=?", "?=", "=?utf-8?q?", "=?us-ascii?b?", "=0D=0A", "\r\n", "\n ", "\r", "\x85", "\u2028", "Bcc: ", *'<>"\\,;:']
WORDS = st.lists(
    st.one_of(
        st.sampled_from(HOSTILE),
        st.sampled_from(SIGNS),
        st.text(max_size=80),
    ),
    max_size=8,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(name=WORDS, subject=WORDS, body=WORDS, language=WORDS, sender_name=WORDS, decided_by=WORDS)
@example(name=INJECTION, subject=INJECTION, body=INJECTION, language=INJECTION, sender_name=INJECTION, decided_by=INJECTION)
def test_whatever_is_typed_a_mail_has_the_expected_fields_and_the_one_recipient(
    name: str, subject: str, body: str, language: str, sender_name: str, decided_by: str
) -> None:
    sent_by = mail_message.Sender(sender_name, "no-reply@city.example")
    mail = a_mail(sent_by, name=name, subject=subject, body=body, language=language, decided_by=f"x{decided_by}")
    assert [name for name in field_names(mail) if name != "Content-Language"] == FIELDS
    assert mail.recipient == "ana@example.org"
    parsed = read(mail)
    assert [address.addr_spec for address in parsed["To"].addresses] == ["ana@example.org"]
    assert [address.addr_spec for address in parsed["From"].addresses] == ["no-reply@city.example"]
    assert message_from_string(mail.content.decode(), policy=compat32).keys() == parsed.keys()


@settings(max_examples=300, deadline=None)
@given(local=WORDS, domain=WORDS)
@example(local="=?utf-8?q?evil=40x=2Eexample?=", domain="example.org")
@example(local="a: b@c;", domain="example.org")
@example(local='"a b"', domain="example.org")
@example(local="a(evil)", domain="example.org")
@example(local="a", domain="example.org\r\nRCPT TO:<evil@x.example>")
@example(local="a", domain="example.org> <evil@x.example")
def test_an_address_goes_to_exactly_one_recipient_or_to_nobody(local: str, domain: str) -> None:
    email = f"{local}@{domain}"
    try:
        mail = a_mail(email=email)
    except UnusableAddress:
        return
    assert [address.addr_spec for address in read(mail)["To"].addresses] == [mail.recipient]
    assert quote_address(mail.recipient) == f"<{mail.recipient}>", "what the mail server is told"
    assert not any(c.isspace() or c in '<>,;:"()[]\\' for c in mail.recipient)


@pytest.mark.parametrize(
    "evil",
    [
        b"Bcc: evil@x.example\r\n",
        b"bcc: evil@x.example\r\n",
        b"To: evil@x.example\r\n",
        b"X-Other: 1\r\n",
        b"Resent-To: evil@x.example\r\n",
    ],
)
def test_finished_bytes_with_any_other_field_are_refused(evil: bytes) -> None:
    mail = a_mail()
    letter = the_letter(mail)
    mail_integrity.check(mail.content, FIELDS, letter)
    with pytest.raises(UnsafeMail):
        mail_integrity.check(evil + mail.content, FIELDS, letter)
    with pytest.raises(UnsafeMail):
        mail_integrity.check(evil + mail.content, [evil.partition(b":")[0].decode(), *FIELDS[1:]], letter)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"Ana" <ana@', b'"Ana" <evil@x.example>, <ana@'),
        (b"<ana@example.org>", b"<evil@example.org>"),
        (b'"Ana"', b'"Eve"'),
        (b"Your street lamp", b"Your street"),
        (b"Your street lamp", b"Your =?utf-8?q?A=0D=0ABcc=3A_evil=40x=2Eexample?="),
        (b"on Monday", b"on Tuesday"),
        (b"lamp\r\n", b"lamp\n"),
        (b"text/plain", b"multipart/mixed"),
        (b"MIME-Version: 1.0\r\n", b""),
    ],
)
def test_finished_bytes_that_read_otherwise_are_refused(before: bytes, after: bytes) -> None:
    mail = a_mail()
    letter = the_letter(mail)
    assert before in mail.content
    with pytest.raises(UnsafeMail):
        mail_integrity.check(mail.content.replace(before, after, 1), FIELDS, letter)


def test_a_mail_says_from_whom_to_whom_in_what_language_and_reads_as_it_was_written() -> None:
    body = "Bonjour,\n.un point\nFrom here: é à 漢\n" + "long " * 400
    mail = a_mail(language="fr", body=body, subject="Éclairage " * 20)
    parsed = read(mail)
    assert mail.content.isascii()
    assert max(map(len, mail.content.split(b"\r\n"))) <= 78
    assert parsed.get_content().replace("\r\n", "\n").rstrip("\n") == body.rstrip("\n")
    assert (str(parsed["From"]), str(parsed["To"]), parsed["Content-Language"]) == (
        "City Hall <no-reply@city.example>",
        "Ana <ana@example.org>",
        "fr",
    )
    assert str(parsed["Message-ID"]) == mail.message_id == f"<{UUID(int=7)}@city.example>"
    assert parsed["Auto-Submitted"] is None


def test_a_text_with_every_way_to_end_a_line_has_lines_and_nothing_that_turns_it_round() -> None:
    mail = a_mail(body="one\r\ntwo\rthree\x85four\u2028five\u202e six\x00\x1b\n\n\n")
    assert read(mail).get_content().replace("\r\n", "\n") == "one\ntwo\nthree\nfour\nfive six\n"


def test_a_plain_subject_is_plain_in_the_bytes_and_a_long_one_is_folded_between_words() -> None:
    content = a_mail(subject="Re: the lamp on Elm Street " * 9).content
    assert b"\r\nSubject: Re: the lamp on Elm Street Re: the lamp" in content
    assert max(map(len, content.split(b"\r\n"))) <= 78


def test_an_address_in_letters_of_its_own_goes_out_as_it_is_and_reads_as_one() -> None:
    mail = a_mail(name="Añá", email="añá@bücher.example")
    assert mail.recipient == "añá@xn--bcher-kva.example"
    assert [address.addr_spec for address in read(mail)["To"].addresses] == [mail.recipient]


@pytest.mark.parametrize(
    "setting", ["", "City Hall", "no-reply", "City <@x>", "City <a@>", "City <a@b@c.example>", "a: b@c.example;", "x <a b@c.example>"]
)
def test_a_sender_without_an_address_is_refused_at_once(setting: str) -> None:
    with pytest.raises(mail_message.UnusableSetting):
        mail_message.sender(setting)


def test_a_sender_is_a_name_as_it_was_written_and_an_address_as_servers_want_it() -> None:
    assert mail_message.sender('"Rathaus, Weiß" <post@weiß-gärten.example>') == mail_message.Sender(
        "Rathaus, Weiß", "post@xn--wei-grten-i1a1d.example"
    )
    assert mail_message.sender(f"{INJECTION} <post@city.example>").name == INJECTION


ANSWERED = "<lamp-1@mail.example>"
THREAD = ["<first@mail.example>", "<reply@city.example>"]


def test_a_reply_stands_in_the_thread_of_the_citizens_mail() -> None:
    mail = read(a_mail(answers_mail=ANSWERED, references=THREAD))
    assert mail["In-Reply-To"] == ANSWERED
    assert mail["References"].split() == [*THREAD, ANSWERED]
    assert mail["Subject"] == "Your street lamp"


def test_a_reply_to_no_mail_stands_in_no_thread() -> None:
    assert field_names(a_mail(references=THREAD)) == FIELDS


@pytest.mark.parametrize(
    "typed",
    [
        "<a@b>\r\nBcc: evil@x.example",
        "a b",
        "<>",
        "<a@b> <c@d>",
        "=?utf-8?q?=0D=0ABcc=3A_evil=40x=2Eexample?=",
        "<ö@x.example>",
        "<" + "a" * 401 + ">",
        "\0",
    ],
    ids=range(8),
)
def test_an_id_that_may_not_stand_in_a_mail_is_left_out_of_it(typed: str) -> None:
    assert field_names(a_mail(answers_mail=typed)) == FIELDS
    assert read(a_mail(answers_mail=ANSWERED, references=[*THREAD, typed]))["References"].split() == [*THREAD, ANSWERED]


def test_of_a_long_thread_the_first_and_the_newest_mails_are_named_on_lines_that_servers_take() -> None:
    ids = [f"<{'a' * 380}-{number}@m.example>" for number in range(50)]
    mail = a_mail(answers_mail=ANSWERED, references=ids)
    assert read(mail)["References"].split() == [ids[0], *ids[-19:], ANSWERED]
    assert max(map(len, mail.content.split(b"\r\n"))) < 500


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"In-Reply-To: <lamp-1@", b"In-Reply-To: <lamp-2@"),
        (b"References: <first@", b"References: <other@"),
        (b"<answers@city", b"<evil@city"),
        (b"<answers@city.example>", b"<answers@city.example>, <evil@x.example>"),
        (b"Reply-To:", b"Reply-to:"),
    ],
)
def test_a_mail_in_another_thread_or_with_another_address_for_answers_is_refused(before: bytes, after: bytes) -> None:
    mail = a_mail(
        mail_message.sender("City Hall <no-reply@city.example>", "answers@city.example"), answers_mail=ANSWERED, references=THREAD
    )
    letter = dataclasses.replace(the_letter(mail), reply_to="answers@city.example", thread=(*THREAD, ANSWERED))
    mail_integrity.check(mail.content, field_names(mail), letter)
    assert before in mail.content
    with pytest.raises(UnsafeMail):
        mail_integrity.check(mail.content.replace(before, after, 1), field_names(mail), letter)


def test_answers_go_where_they_are_read_and_bring_the_case_along() -> None:
    case = UUID(int=1)
    [plain] = read(a_mail(mail_message.sender("City Hall <no-reply@city.example>", "answers@city.example")))["Reply-To"].addresses
    assert (plain.display_name, plain.addr_spec) == ("City Hall", "answers@city.example")
    mail = read(a_mail(mail_message.sender("City Hall <no-reply@city.example>", "answers+@city.example"), request_id=case))
    assert reply_tokens.request_in(str(mail["Reply-To"])) == [case]
    assert mail["Reply-To"].addresses[0].domain == "city.example"


@pytest.mark.parametrize("setting", ["City Hall", "añá@city.example", f"{'a' * 38}+@city.example", "Answers <answers@city.example>"])
def test_an_address_for_answers_that_none_would_reach_is_refused_at_once(setting: str) -> None:
    with pytest.raises(mail_message.UnusableSetting, match="PARVIS_MAIL_REPLY_TO"):
        mail_message.sender("city@city.example", setting)


def test_this_python_is_one_that_is_supported() -> None:
    assert sys.version_info[:2] >= (3, 11), "Parvis says so in pyproject.toml"
