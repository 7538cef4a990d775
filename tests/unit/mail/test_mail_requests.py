"""A mail becomes one request, however often and by whatever mailbox it comes."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

from schemas.attached_files import MOST_FILES
from schemas.requests_received import RequestReceived
from services.domain import reply_tokens
from services.intake.mail import mail_reader, mail_requests, reading
from services.intake.mail.mail_kind import NOBODY
from services.intake.rules import accept

NOW = datetime(2026, 3, 2, 8, 5, tzinfo=UTC)
CASE = UUID("4a1f6f38-37d3-4f0e-9a52-7e6e8f5b1a11")


def a_mail(body: str = "The lamp is out.", **headers: str) -> bytes:
    fields = {
        "From": "Jane Doe <jane.doe@example.org>",
        "To": "info@city.example",
        "Subject": "Lamp",
        "Date": "Mon, 02 Mar 2026 08:00:00 +0000",
        "Message-ID": "<one@example.org>",
    }
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    return "\r\n".join([*(f"{name}: {value}" for name, value in fields.items()), "", body, ""]).encode()


def request(raw: bytes, agency: str = "belrive") -> RequestReceived:
    return accept(mail_requests.request_of(mail_reader.read(raw), agency, NOW), agency, NOW, CASE)


def test_a_mail_becomes_a_request_that_is_taken_as_it_is() -> None:
    taken = request(a_mail())
    assert (taken.channel, taken.subject, taken.body) == ("email", "Lamp", "The lamp is out.")
    assert taken.citizen
    assert (taken.citizen.name, taken.citizen.email) == ("Jane Doe", "jane.doe@example.org")
    assert taken.message_id == "<one@example.org>"
    assert taken.dropped == []


def test_the_same_mail_by_two_mailboxes_is_one_request() -> None:
    first = a_mail(Received="from a by b; Mon, 2 Mar 2026 08:00:01 +0000")
    second = a_mail(Received="from a by c; Mon, 2 Mar 2026 08:00:09 +0000", Delivered_To="office@city.example").replace(b"\r\n", b"\n")
    assert request(first) == request(second)


def test_another_mail_under_the_same_message_id_is_another_request() -> None:
    assert request(a_mail()).request_id != request(a_mail("Send the money to me.")).request_id


def test_a_mail_to_two_agencies_is_a_request_of_each() -> None:
    assert request(a_mail()).request_id != request(a_mail(), "arcen").request_id


def test_an_answer_finds_its_case_by_the_tag_in_our_address() -> None:
    tag = reply_tokens.token_of(CASE)
    assert request(a_mail(To=f"City <info+{tag}@city.example>")).in_reply_to == CASE
    assert request(a_mail(Delivered_To=f"info+{CASE}@city.example")).in_reply_to == CASE
    assert request(a_mail(To="info+newsletter@city.example")).in_reply_to is None


def test_an_answer_finds_its_case_by_the_id_in_its_subject() -> None:
    assert request(a_mail(Subject=f"AW: Lamp [{reply_tokens.token_of(CASE)}]")).in_reply_to == CASE
    assert request(a_mail(Subject=f"Re: Lamp ({CASE})")).in_reply_to == CASE


def test_a_tag_in_somebody_elses_address_says_nothing() -> None:
    mail = mail_reader.read(a_mail(To=f"list+{CASE}@elsewhere.example"))
    assert mail_requests.case_of(mail, ["info@city.example"]) is None


def test_a_mail_without_anything_to_read_is_still_a_request() -> None:
    assert request(a_mail("")).body == "This mail has neither text nor files."


def test_files_beyond_what_travels_are_named_without_their_bytes() -> None:
    big = "\r\n".join(["QUJD" * 19] * 10_000)
    raw = a_mail(
        f'--b\r\nContent-Type: text/plain\r\n\r\nsee\r\n--b\r\nContent-Type: application/zip; name="big.bin"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{big}\r\n--b--",
        Content_Type="multipart/mixed; boundary=b",
    )
    file = request(raw).files[0]
    assert (file.name, file.size, file.content) == ("big.bin", 570_000, None)
    assert file.sha256


def test_of_more_files_than_a_request_has_the_rest_is_counted() -> None:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "jane.doe@example.org"
    for number in range(MOST_FILES):
        mail.add_attachment(b"%d" % number, maintype="application", subtype="octet-stream", filename=f"{number}.bin")
    raw = mail.as_bytes()
    value = reading.read(raw, "belrive", NOW, len(raw), NOBODY).value
    taken = accept(value, "belrive", NOW, CASE)
    assert len(taken.files) == MOST_FILES, "one of them is the original"
    assert "1 more files" in taken.metadata["mail_remarks"]
