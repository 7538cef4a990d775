"""Accounts, contacts and addresses in the forms that people really write them: nothing of them stays readable."""

import re

import pytest
from stdnum import iban

from services.triage.redaction import redact
from services.triage.redaction.national_identifiers import iban_lengths


def hidden(text: str, language: str = "en") -> str:
    return redact(None, text, None, language).body


def _an_iban(country: str, length: int) -> str:
    """Twenty-odd digits with the check digits that the country's accounts have."""
    account = ("12345678901234567890123456789012")[: length - 4]
    return country + iban.calc_check_digits(f"{country}00{account}") + account


@pytest.mark.parametrize("country", sorted(iban_lengths()))
def test_an_account_of_every_country_is_hidden_whole(country: str) -> None:
    account = _an_iban(country, iban_lengths()[country])
    spaced = " ".join(account[at : at + 4] for at in range(0, len(account), 4))
    for written in (account, spaced, account.lower()):
        shown = hidden(f"Please pay to {written} by Friday.")
        assert not re.search(r"\d{3}", shown), shown
        assert shown.endswith("by Friday.")


@pytest.mark.parametrize(
    "account", ["LV56KQWZH9T2B8X3K7Q4W", "LV80BANK0000435195001", "GI75NWBK000000007099453", "MT84MALT011000012345MTLCAST001S"]
)
def test_an_account_with_many_letters_is_hidden_as_well(account: str) -> None:
    assert iban.is_valid(account)
    spaced = " ".join(account[at : at + 4] for at in range(0, len(account), 4))
    for written in (account, spaced, account.lower()):
        assert account[6:10].lower() not in hidden(f"Please pay to {written} by Friday.").replace(" ", "").lower()


def test_the_countries_are_the_librarys_own() -> None:
    assert len(iban_lengths()) >= 89


@pytest.mark.parametrize(
    ("language", "text", "secret"),
    [
        ("en", "write to ida%40example.org please", "ida"),
        ("en", "write to ida.kestrel%40mail.example.org", "kestrel"),
        ("en", "<b>Ida</b> Kestrel lives at 12&nbsp;Elm&nbsp;Street.", "Elm"),
        ("en", "I live at 12&#160;Elm&#160;Street.", "Elm"),
        ("en", "my number is 030 / 901820-23", "901820"),
        ("en", "call 030/901820-0 ext. 4471 in the morning", "4471"),
        ("fr", "mon numéro : 06 12 34 56 78/79", "34 56"),
        ("fr", "appelez le 01 23 45 67 89 poste 412", "412"),
        ("en", "skype: ida.kestrel", "kestrel"),
        ("en", "find me on instagram.com/idakestrel", "idakestrel"),
        ("en", "I am t.me/ida_kestrel there", "kestrel"),
        ("en", "my page is facebook.com/ida.kestrel.9", "kestrel"),
        ("fr", "jean point dupont arobase gmail point com", "dupont"),
        ("en", "it is jane dot doe at gmail dot com", "doe"),
    ],
)
def test_a_contact_is_hidden_in_whatever_form_it_is_written(language: str, text: str, secret: str) -> None:
    assert secret.lower() not in hidden(text, language).lower()
