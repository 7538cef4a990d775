"""Numbers, contacts, dates and addresses are hidden by their shape or by what announces them."""

from collections.abc import Callable

import pytest

from services.domain.placeholders import PLACEHOLDER
from tests.harness.redaction_assertions import hidden, shown


@pytest.mark.parametrize(
    ("language", "text", "seen"),
    [
        ("en", "write to j_k.88+x@mail.example.co.uk.", "write to [EMAIL_1]."),
        ("en", "john dot smith at example dot org", "[EMAIL_1]"),
        ("fr", "claire chez exemple point fr", "[EMAIL_1]"),
        ("en", "john (at) example (dot) org", "[EMAIL_1]"),
        ("en", "john[at]example.org", "[EMAIL_1]"),
        ("fr", "jean arobase exemple point fr", "[EMAIL_1]"),
        ("en", "ask @marybelle_k there", "ask [ID_1] there"),
        ("en", "see https://www.facebook.com/darren.hope.71.", "see [URL_1]."),
        ("en", "call (202) 555-0143 now", "call [PHONE_1] now"),
        ("fr", "tel 06-12-34-56-78", "tel [PHONE_1]"),
        ("en", "07700 900123 is in no operator's table", "[PHONE_1] is in no operator's table"),
        ("fr", "zéro six douze trente-quatre cinquante-six soixante-dix-huit", "[PHONE_1]"),
        ("en", "oh seven nine double one one two three four five six", "[PHONE_1]"),
        ("en", "phone 0 7 9 1 1 1 2 3 4 5 6", "phone [PHONE_1]"),
        ("en", "my phone is 555 0199", "my phone is [PHONE_1]"),
        ("fr", "IBAN FR76 3000 6000 0112 3456 7890 189 merci", "IBAN [IBAN_1] merci"),
        ("en", "to gb29nwbk60161331926819", "to [IBAN_1]"),
        ("en", "card 4111-1111-1111-1111", "card [CARD_1]"),
        ("en", "born on 12 June 1957", "born on [BIRTHDATE_1]"),
        ("fr", "née à Lyon le 12/06/1957", "née à Lyon le [BIRTHDATE_1]"),
        ("en", "DOB: 1957-06-12", "DOB: [BIRTHDATE_1]"),
        ("fr", "immatriculée AB-123-CD", "immatriculée [PLATE_1]"),
        ("en", "a van, KX21 ABC, parks here", "a van, [PLATE_1], parks here"),
        ("fr", "dossier n° H2024-55821", "dossier n° [ID_1]"),
        ("en", "my account number is 31926819", "my account number is [ID_1]"),
        ("fr", "numéro d'allocataire : 1234567", "numéro d'allocataire : [ID_1]"),
        ("en", "I live at Flat 3, 18 Chapel Row since May", "I live at [ADDRESS_1] since May"),
        ("fr", "au 14 bis, avenue du Général Leclerc, 75014 Paris.", "au [ADDRESS_1]."),
        ("en", "in 88 Harbour Road, Portsmouth PO1 3AX.", "in [ADDRESS_1]."),
        ("fr", "M. Dupont et Mme Le Goff", "M. [NAME_1] et Mme [NAME_2]"),
        ("en", "our neighbour Karim shouts", "our neighbour [NAME_1] shouts"),
        ("en", "my name is kevin", "my name is [NAME_1]"),
        ("fr", "je m'appelle Claire Dupont.", "je m'appelle [NAME_1]."),
        ("en", "Mrs Smith's dog", "Mrs [NAME_1]'s dog"),
        ("en", "It leaks.\n\nKind regards,\nOwen Marlby", "It leaks.\n\nKind regards,\n[NAME_1]"),
        ("en", "file 88417 I sent in May", "file [ID_1] I sent in May"),
        ("fr", "un certain M. Plumeau passe", "un certain M. [NAME_1] passe"),
        ("en", "I spoke with Bartek about it", "I spoke with [NAME_1] about it"),
        ("en", "I spoke to Cllr Nowakowska", "I spoke to Cllr [NAME_1]"),
        ("en", "Kind regards,\nSgt Nowakowska", "Kind regards,\nSgt [NAME_1]"),
        ("fr", "rappelez le Pr Nowakowska", "rappelez le Pr [NAME_1]"),
        ("en", "I sent it by post. Reference 443218 please", "I sent it by post. Reference [ID_1] please"),
        ("en", "staff no HC-20418", "staff no [ID_1]"),
        ("fr", "c'est Aïssatou qui a signé", "c'est [NAME_1] qui a signé"),
        ("en", "a nurse, Lorna Baker, came", "a nurse, [NAME_1], came"),
        ("fr", "Chère Madame Osei,\nmerci", "Chère Madame [NAME_1],\nmerci"),
    ],
)  # fmt: skip
def test_each_kind_is_hidden(language: str, text: str, seen: str) -> None:
    assert hidden(text, language=language) == seen


@pytest.mark.parametrize(
    ("country", "text"),
    [
        ("France", "2 57 06 69 123 456 21"), ("France, Corsica", "1 85 05 2A 006 084 36"), ("United Kingdom, NHS", "943 476 5919"),
        ("United Kingdom, insurance", "AB 12 34 56 C"), ("Belgium", "85.07.30-033.28"), ("Spain", "54362315K"),
        ("Spain, foreigners", "X-2482300W"),
        ("Italy", "RSSMRA85T10A562S"), ("Netherlands", "111222333"), ("Germany", "36 574 261 809"), ("United States", "536-22-8145"),
        ("Canada", "046 454 286"), ("Switzerland", "756.9217.0769.85"), ("Sweden", "880320-0016"), ("Poland", "44051401359"),
        ("Ireland", "1234567TW"),
        ("Finland", "131052-308T"), ("Luxembourg", "1893120105732"),
    ],
)  # fmt: skip
def test_national_numbers_need_no_word_before_them(country: str, text: str) -> None:
    seen = PLACEHOLDER.sub("", hidden(f"{country}: it is {text}, thank you"))
    assert not any(character.isdigit() for character in seen), seen


def test_a_wrong_check_digit_does_not_save_a_number_that_is_named() -> None:
    assert hidden("numéro de sécurité sociale 2 57 06 69 123 456 99", language="fr") == "numéro de sécurité sociale [ID_1]"


@pytest.mark.parametrize(
    "written", ["０６１２３４５６７８", "٠٦ ١٢ ٣٤ ٥٦ ٧٨", "06\u200b12\u200b34\u200b56\u200b78", "06\u00a012\u202f34\u200956\u00a078",
    "06‑12–34—56−78", "06\u00ad12345678", "𝟎𝟔 𝟏𝟐 𝟑𝟒 𝟓𝟔 𝟕𝟖", "06.12․34.56.78"],
)  # fmt: skip
def test_unusual_digits_dashes_and_spaces_hide_nothing(written: str) -> None:
    assert hidden(f"tél {written} merci", language="fr") == "tél [PHONE_1] merci"


@pytest.mark.parametrize(
    "written",
    ["cla\u200bire@example.fr", "claire＠example.fr", "ｃｌａｉｒｅ@example.fr", "claire@exam\u00adple.fr", "claire @ example.fr"],
)
def test_an_address_with_odd_characters_is_still_one(written: str) -> None:
    assert hidden(f"a {written} b") == "a [EMAIL_1] b"


@pytest.mark.parametrize(
    ("language", "text", "meant"),
    [
        ("en", "978 20 48 31 66 is my phone", "978 20 48 31 66"), ("en", "ring 978 555 0199 12 34", "978 555 0199"),
        ("en", "my phone is £ 5550199", "5550199"), ("en", "my plate is A1 BC", "A1 BC"), ("en", "plate B12", "B12"),
        ("en", "my ID 0x44718823", "0x44718823"),
    ],
)  # fmt: skip
def test_a_number_that_is_called_a_phone_or_a_plate_is_one(language: str, text: str, meant: str) -> None:
    assert not shown(text, meant, language)


@pytest.mark.parametrize(
    ("language", "text", "meant"),
    [
        ("en", "https://www.gov.example/claims/48213", "48213"), ("en", "https://www.gov.example/dossier/20251234", "20251234"),
        ("en", "https://www.gov.example/search?q=nora+quist", "nora quist"),
        ("en", "https://www.gov.example/claim?patient=Quist", "Quist"),
        ("en", "https://www.gov.example/letter#nora-quist", "nora quist"), ("en", "https://www.gov.example/?c=AB12", "AB12"),
    ],
)  # fmt: skip
def test_an_address_on_the_web_that_names_somebody_is_hidden(language: str, text: str, meant: str) -> None:
    assert not shown(text, meant, language)


@pytest.mark.parametrize(
    ("language", "text", "meant"),
    [
        ("fr", "On a volé mon vélo dans le garage du 12 rue des Lilas.", "12 Lilas"),
        ("fr", "mon garage au 12 rue des Lilas", "12 Lilas"), ("fr", "J'habite au-dessus du bar du 12 rue des Lilas", "12 Lilas"),
        ("en", "I live in the flat above the shop at 12 Elm Street, Leeds.", "12 Elm"),
    ],
)  # fmt: skip
def test_a_home_beside_a_public_place_is_hidden(language: str, text: str, meant: str) -> None:
    assert not shown(text, meant, language)


@pytest.mark.parametrize(
    ("language", "text", "meant"),
    [
        ("en", "My son was born before we moved here, on 3 May 2015", "3 May 2015"),
        ("en", "born after a long labour on 12/03/2024", "12 03 2024"), ("en", "born on or about 12/03/1980", "12 03 1980"),
        ("fr", "acte de naissance du 12/03/1980", "12 03 1980"), ("fr", "mon acte de naissance, 12 mars 1980 à Lyon", "12 1980"),
    ],
)  # fmt: skip
def test_a_date_of_birth_is_hidden_however_it_is_told(language: str, text: str, meant: str) -> None:
    assert not shown(text, meant, language)


@pytest.mark.parametrize(
    ("language", "text", "meant"),
    [
        ("en", "about my fine no. 12 000, sent in May", "12 000"), ("en", "invoice number 24.71", "24 71"),
        ("en", "my permit 12/34", "12 34"),
        ("fr", "contrat n° 12 345 svp", "12 345"), ("fr", "référence n°12 000", "12 000"), ("fr", "Mon bail 12 345", "12 345"),
        ("en", "your claim #0x44718823", "0x44718823"), ("fr", "numéro de dossier 24.71", "24 71"),
    ],
)  # fmt: skip
def test_what_looks_like_an_amount_is_a_number_right_after_what_is_filed(language: str, text: str, meant: str) -> None:
    assert not shown(text, meant, language)


_GERMAN, _BRITISH = "DE89 3704 0044 0532 0130 00", "GB29 NWBK 6016 1331 9268 19"


@pytest.mark.parametrize("between", [" to ", " and ", " new ", " ", ", ", " - ", "/", ""])
@pytest.mark.parametrize("written", [str, str.lower, lambda iban: iban.replace(" ", ""), lambda iban: iban.replace(" ", "").lower()])
@pytest.mark.parametrize(("first", "second"), [(_GERMAN, _BRITISH), (_BRITISH, _GERMAN)])
def test_two_accounts_in_a_row_are_both_hidden(between: str, written: Callable[[str], str], first: str, second: str) -> None:
    said = f"Move it from {written(first)}{between}{written(second)} please"
    assert hidden(said) == f"Move it from [IBAN_1]{between}[IBAN_2] please"


def test_three_accounts_and_a_word_that_looks_like_the_beginning_of_one() -> None:
    assert hidden(f"To 12 {_GERMAN} {_BRITISH} {_GERMAN} thanks") == "To 12 [IBAN_1] [IBAN_2] [IBAN_1] thanks"


def test_a_mistyped_account_does_not_take_the_beginning_of_the_next() -> None:
    assert hidden(f"from {_GERMAN[:-1]} {_BRITISH} please") == "from [IBAN_1] [IBAN_2] please"
