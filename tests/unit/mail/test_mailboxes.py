"""The file of mailboxes: what it says, and what is wrong with one that can't be used."""

from pathlib import Path

import pytest

from services.intake.mail import mailboxes
from services.intake.mail.mailboxes import InvalidMailboxes, MailSources

GOOD = """
mailboxes:
  - agency: belrive
    imap: imaps://mail.belrive.example/INBOX
    user: info@belrive.example
    password_file: {secret}
    since: 2026-03-01
  - agency: montclair
    imap: imaps://outlook.example:1993/Letters%20in
    user: help@montclair.example
    oauth2:
      token_url: https://login.example/token
      client_id: parvis
      client_secret_file: {secret}
      scope: mail
received:
  - agency: ostwald
    addresses: [info@ostwald.example, "*@help.ostwald.example"]
receiver:
  listen: lmtp://127.0.0.1:2424
"""


def read(folder: Path, text: str) -> MailSources:
    secret = folder / "secret"
    secret.write_text("mellon\n")
    path = folder / "mailboxes.yaml"
    path.write_text(text.replace("{secret}", str(secret)))
    return mailboxes.read(path)


def test_mailboxes_and_addresses_are_read(tmp_path: Path) -> None:
    sources = read(tmp_path, GOOD)
    belrive, montclair = sources.mailboxes
    assert (belrive.host, belrive.port, belrive.tls, belrive.folder) == ("mail.belrive.example", 993, True, "INBOX")
    assert belrive.password().get_secret_value() == "mellon"
    assert (montclair.port, montclair.folder) == (1993, "Letters in")
    assert (sources.receiver.protocol, sources.receiver.host, sources.receiver.port) == ("lmtp", "127.0.0.1", 2424)


@pytest.mark.parametrize(
    ("address", "agency"),
    [
        ("info@ostwald.example", "ostwald"),
        ("Info@OSTWALD.example", "ostwald"),
        ("info+abcdef@ostwald.example", "ostwald"),
        ("anything@help.ostwald.example", "ostwald"),
        ("anything@ostwald.example", None),
        ("info@ostwald.example.evil.example", None),
        ("info@belrive.example", None),
        ("", None),
        ("@", None),
    ],
)
def test_mail_is_received_for_named_addresses_alone(tmp_path: Path, address: str, agency: str | None) -> None:
    assert read(tmp_path, GOOD).agency_of(address) == agency


@pytest.mark.parametrize(
    ("instead", "of", "told"),
    [
        ("imap://mail.belrive.example/INBOX", "imaps://mail.belrive.example/INBOX", "0.imap: a password would travel in the clear"),
        ("https://mail.belrive.example", "imaps://mail.belrive.example/INBOX", "mailboxes.0.imap: give imaps://host/FOLDER"),
        ("imaps://me:secret@mail.belrive.example", "imaps://mail.belrive.example/INBOX", "the user has a line of its own"),
        ("Belrive City", "belrive", "mailboxes.0.agency"),
        ("http://login.example/token", "https://login.example/token", "mailboxes.1.oauth2: token_url"),
        ("pass_word_file", "password_file", "mailboxes.0.pass_word_file"),
        ("2026-13-01", "2026-03-01", "month must be in 1..12"),
        ("everybody", "info@ostwald.example", "received.0.addresses: 'everybody' is no address"),
        ("pop3://127.0.0.1:110", "lmtp://127.0.0.1:2424", "receiver.listen: give lmtp://"),
        ("  - agency: [", "  - agency: belrive", "is no YAML"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, instead: str, of: str, told: str) -> None:
    with pytest.raises(InvalidMailboxes) as refused:
        read(tmp_path, GOOD.replace(of, instead, 1))
    assert told in refused.value.detail
    assert "mailboxes.yaml" in refused.value.detail
    assert "secret@" not in refused.value.detail


@pytest.mark.parametrize("text", ["", "mailboxes: []", "[]", "mailboxes: 7"])
def test_a_file_without_any_mailbox_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidMailboxes, match="mailboxes"):
        read(tmp_path, text)


def test_a_mailbox_that_stands_there_twice_is_refused(tmp_path: Path) -> None:
    twice = GOOD.replace("imaps://outlook.example:1993/Letters%20in", "imaps://mail.belrive.example")
    twice = twice.replace("help@montclair", "info@belrive")
    with pytest.raises(InvalidMailboxes, match="stands there twice"):
        read(tmp_path, twice)


def test_a_secret_that_is_missing_is_named_and_one_way_in_is_enough(tmp_path: Path) -> None:
    [belrive, _] = read(tmp_path, GOOD).mailboxes
    (tmp_path / "secret").unlink()
    with pytest.raises(InvalidMailboxes, match="secret"):
        belrive.password()
    with pytest.raises(InvalidMailboxes, match="one of them"):
        read(tmp_path, GOOD.replace("    since:", "    oauth2: {token_file: /tmp/x}\n    since:"))
