"""Accounts, contacts and addresses in the forms that people really write them: nothing of them stays readable."""

import re

import pytest
from stdnum import iban

from services.domain.placeholders import restore, values
from services.triage.redaction import redact
from services.triage.redaction.national_identifiers import iban_lengths
from tests.harness.redaction_assertions import hidden, shown


def _an_iban(country: str, length: int) -> str:
    """Twenty-odd digits with the check digits that the country's accounts have."""
    account = ("12345678901234567890123456789012")[: length - 4]
    return country + iban.calc_check_digits(f"{country}00{account}") + account


@pytest.mark.parametrize("country", sorted(iban_lengths()))
def test_an_account_of_every_country_is_hidden_whole(country: str) -> None:
    account = _an_iban(country, iban_lengths()[country])
    spaced = " ".join(account[at : at + 4] for at in range(0, len(account), 4))
    for written in (account, spaced, account.lower(), spaced.lower()):
        seen = hidden(f"Please pay to {written} by Friday.")
        assert not re.search(r"\d{3}", seen), seen
        assert seen.endswith("by Friday.")


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
    assert secret.lower() not in hidden(text, language=language).lower()


@pytest.mark.parametrize(
    ("language", "text", "meant"),
    [
        ("en", "insta idakestrel", "idakestrel"), ("en", "my insta handle idakestrel", "idakestrel"),
        ("en", "INSTA: IDAKESTREL", "IDAKESTREL"), ("en", "insta: @ida", "ida"), ("en", "Instagram - ida_k", "ida_k"),
        ("en", "snap ida.k", "ida.k"), ("en", "signal: ida.kestrel.77", "ida.kestrel.77"), ("en", "signal idak.77", "idak.77"),
        ("en", "my telegram is ida_k", "ida_k"), ("en", "tiktok @ida.k", "ida.k"), ("en", "discord ida#1234", "ida 1234"),
        ("fr", "mon pseudo discord est ida#1234", "ida 1234"), ("fr", "ajoutez-moi sur snap ida_kestrel", "ida_kestrel"),
        ("fr", "whatsapp 06 12 34 56 78", "06 78"), ("en", "skype live:ida.kestrel", "ida.kestrel"),
        ("en", "bsky ida.bsky.social", "ida.bsky.social"), ("en", "find me on mastodon @ida@social.example", "ida social"),
        ("en", "write to @ida:matrix.example", "ida matrix"), ("en", "reddit u/idakestrel", "idakestrel"),
        ("en", "github.com/idak", "idak"), ("en", "linkedin.com/in/ida", "ida"), ("en", "my username is idakestrel", "idakestrel"),
    ],
)  # fmt: skip
def test_what_a_network_knows_somebody_by_is_hidden(language: str, text: str, meant: str) -> None:
    assert not shown(text, meant, language)


@pytest.mark.parametrize(
    "text",
    ["The signal is weak here.", "I saw it on facebook yesterday.", "Signal failure on the line, and the teams meeting is off.",
     "My facebook is blocked.", "The door handle is loose.", "whatsapp group for parents", "a snap election", "See facebook.com/help.",
     "my login is impossible", "telegram messages arrive late", "username and password"],
)  # fmt: skip
def test_a_network_that_is_only_talked_about_stays_readable(text: str) -> None:
    assert hidden(text) == text


@pytest.mark.parametrize(
    ("language", "text", "meant"),
    [
        ("en", "&lt;b&gt;Ida&lt;/b&gt; Kestrel wrote", "Ida Kestrel b"), ("en", "call&#160;07911&#160;123456", "07911 123456"),
        ("en", "07911<br>123456 is my phone", "07911 123456"), ("en", "I live at 12&#x20;Elm&#x20;Street", "12 Elm"),
        ("en", "mailto:ida%2Ekestrel%40example.org", "ida kestrel"), ("en", "ida&commat;example.org", "ida"),
        ("en", "write to ida&amp;#64;example.org", "ida"), ("en", "by Ida%20Kestrel", "Ida Kestrel"),
        ("fr", "par Th%C3%A9o%20Kestrel", "Th o Kestrel"), ("en", "https://www.gov.example/find?q=ida%20kestrel", "ida kestrel"),
        ("fr", "tel ０６ １２ ３４ ５６ ７８", "０６ ７８"), ("en", "my name is I\u00adda Kes\u200btrel", "I da Kes trel"),
        ("fr", "jean (at) dupont [dot] fr", "jean dupont"), ("fr", "jean AT dupont DOT fr", "jean dupont"),
        ("en", "jean<at>dupont<dot>fr", "jean dupont"), ("en", "jean _at_ dupont _dot_ fr", "jean dupont"),
        ("en", "jean -at- dupont -dot- fr", "jean dupont"), ("fr", "jean (arobase) dupont (point) fr", "jean dupont"),
    ],
)  # fmt: skip
def test_markup_and_signs_between_the_parts_of_a_detail_hide_nothing_from_us(language: str, text: str, meant: str) -> None:
    assert not shown(text, meant, language)


@pytest.mark.parametrize(
    "text", ["<b>Ida</b> Kestrel wrote", "<p><b><i>Ida</i></b> Kestrel wrote</p>", "Ida <b>Kestrel</b> wrote", "<b>Ida Kestrel</b> wrote"]
)
def test_no_half_of_a_tag_is_left_beside_a_placeholder_and_the_text_can_be_put_back(text: str) -> None:
    redacted = redact(None, text, None, "en")
    tags = re.findall(r"<(/?)([a-z]+)>", redacted.body)
    assert sorted(tag for closing, tag in tags if not closing) == sorted(tag for closing, tag in tags if closing), redacted.body
    assert restore(redacted.body, values(None, text, redacted)) == text


@pytest.mark.parametrize(
    ("language", "text", "meant"),
    [
        ("fr", "tel 06 12 34 56 78/79", "06 79"), ("fr", "06 12 34 56 78 ou 79", "06 79"), ("en", "07911 123456 or 123457", "123457"),
        ("en", "02079460958 ext. 12", "12"), ("en", "020 7946 0958 EXT 12", "12"), ("en", "020 7946 0958, extension number 12", "12"),
        ("fr", "01 42 34 56 78 (poste 12)", "12"), ("fr", "06 12 34 56 78, poste no 12", "12"), ("en", "020 7946 0958 x12", "x12 12"),
        ("en", "tel:+44-20-7946-0958;ext=12", "12 0958"), ("en", "+33 (0)6 12 34 56 78", "33 0 06 78"),
        ("en", "00 33 (0) 6 12 34 56 78", "33 12"), ("en", "0033612345678", "0033612345678"), ("en", "tel:+33612345678", "33612345678"),
        ("en", "Tel.: 030/901820 Durchwahl 23", "23"), ("en", "1-202-555-0143 ext.12", "12 0143"),
    ],
)  # fmt: skip
def test_a_telephone_number_is_hidden_with_all_that_leads_on_from_it(language: str, text: str, meant: str) -> None:
    assert not shown(text, meant, language)


def test_what_is_counted_after_a_telephone_number_stays_readable() -> None:
    assert hidden("Ring 07911 123456 or 999, or 12 neighbours") == "Ring [PHONE_1] or 999, or 12 neighbours"
