"""A letter to somebody whose name nobody knows begins with a greeting that needs none."""

import pytest

from services.domain import greetings


@pytest.mark.parametrize(
    ("drafted", "sent"),
    [
        ("Dear,\n\nThank you.", "Dear Sir or Madam,\n\nThank you."),
        ("Dear ,\n\nThank you.", "Dear Sir or Madam,\n\nThank you."),
        ("Dear Mr ,\nThank you.", "Dear Sir or Madam,\nThank you."),
        ("Dear\n\nThank you.", "Dear Sir or Madam\n\nThank you."),
        ("Bonjour ,\n\nMerci.", "Bonjour,\n\nMerci."),
        ("Bonjour, et merci de nous écrire !", "Bonjour, et merci de nous écrire !"),
        ("Bonjour !\n\nMerci.", "Bonjour !\n\nMerci."),
        ("Bonjour M. ,\n\nMerci.", "Bonjour,\n\nMerci."),
        ("Chère,\n\nMerci.", "Madame, Monsieur,\n\nMerci."),
        ("Cher(e) ,\n\nMerci.", "Madame, Monsieur,\n\nMerci."),
        ("Hello ,\nThank you.", "Hello,\nThank you."),
        ("Sehr geehrte/r Herr,\nDanke.", "Sehr geehrte Damen und Herren,\nDanke."),
        # What is no gap stays as it is.
        ("Dear Ines Marlow,\n\nThank you.", "Dear Ines Marlow,\n\nThank you."),
        ("Dear neighbours may park here.", "Dear neighbours may park here."),
        ("Dear Madam,\n\nThank you.", "Dear Madam,\n\nThank you."),
        ("Bonjour Madame,\n\nMerci.", "Bonjour Madame,\n\nMerci."),
        ("Thank you.\n\nDear,", "Thank you.\n\nDear,"),
        ("", ""),
    ],
)
def test_a_greeting_without_a_name_becomes_one_that_needs_none(drafted: str, sent: str) -> None:
    assert greetings.without_gap(drafted) == sent


@pytest.mark.parametrize("text", [None, "", "  ", "-", "N/A", "XXXX XXXX", "***", "[NAME_1]", "[redacted]", "Unknown", "Anonyme", "?"])
def test_what_stands_for_a_name_that_was_taken_out_is_none(text: str | None) -> None:
    assert not greetings.is_name(text)


@pytest.mark.parametrize("text", ["Ines Marlow", "Li", "X Æ", "Nadia", "Anon Fall", "李明", "O", "Xxavier"])
def test_names_are_names(text: str) -> None:
    assert greetings.is_name(text)
