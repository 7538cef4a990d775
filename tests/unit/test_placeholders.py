"""What a person writes to the model names nobody: neither the citizen nor anyone in the letter."""

import pytest

from schemas.values import Person
from services.domain.placeholders import hide
from tests.harness.processor_time import bounded

NAMES = {"[NAME_1]": "Claire Dupont-Martin", "[NAME_2]": "WILL de la Rose"}


@pytest.mark.parametrize(
    "account",
    [
        "DE89370400440532013000",
        "de89370400440532013000",
        "DE89 3704 0044 0532 0130 00",
        "de89 3704 0044 0532 0130 00",
        "GB29 NWBK 6016 1331 9268 19",
        "gb29 nwbk 6016 1331 9268 19",
        "GB29NWBK60161331926819",
        "FR14 2004 1010 0505 0001 3M02 606",
        "FR1420041010050500013M02606",
        "NO93 8601 1117 947",
        "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
        "BE68-5390-0754-7034",
    ],
)
def test_an_account_is_hidden_to_its_end_and_the_words_after_it_stay(account: str) -> None:
    assert hide(f"Pay {account} this week, or {account}.", {}, None) == "Pay […] this week, or […]."


@pytest.mark.parametrize("text", ["see form AB12 and the other one", "NO15 2026 and the others", "room AB12 on floor 3, by 14 May 2026"])
def test_what_is_too_short_for_an_account_stays(text: str) -> None:
    assert hide(text, {}, None) == text


@bounded
@pytest.mark.parametrize("unit", ["AB12", "AB12 ", "ab12 abcd ", "A", "A1 ", "1 ", "AB12 ABCD ABCD "])
def test_repetition_does_not_hold_it_up(unit: str) -> None:
    hide(unit * (8000 // len(unit)), NAMES, None)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Tell Claire to ring", "Tell [NAME_1] to ring"),
        ("Ms DUPONT-MARTIN moved", "Ms [NAME_1] moved"),
        ("Claire Dupont-Martin's roof", "[NAME_1]'s roof"),
        ("Will and Mr Rose", "[NAME_2] and Mr [NAME_2]"),
        ("we will bring a rose to the lady, la dame", "we will bring a rose to the lady, la dame"),
        ("Clairemont Street", "Clairemont Street"),
    ],
)
def test_a_part_of_a_name_in_the_letter_is_that_name(text: str, hidden: str) -> None:
    assert hide(text, NAMES, None) == hidden


def test_a_name_that_is_the_citizens_too_stays_the_citizens() -> None:
    assert hide("Ask Dupont", {"[NAME_1]": "Jean Dupont"}, Person(name="Claire Dupont")) == "Ask [CITIZEN_NAME]"


def test_only_names_have_parts() -> None:
    assert hide("The Elm Street lamp", {"[ADDRESS_1]": "12 Elm Street"}, None) == "The Elm Street lamp"
