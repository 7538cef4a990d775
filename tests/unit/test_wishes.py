"""What a caseworker asks of another draft is read by rules, in English and French."""

import pytest

from services.drafting import wishes


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Can you cut this in half?", ["shorter"]),
        ("Deux phrases suffisent", ["shorter"]),
        ("Réduisez la longueur", ["shorter"]),
        ("This reads like a law; make it understandable", ["plainer"]),
        ("Langue de tous les jours", ["plainer"]),
        ("Use a more professional tone", ["formal"]),
        ("Trop sec", ["friendly"]),
        ("Neither apologise nor ask for the address", ["not apology", "not ask address"]),
        ("Do not apologise, but ask for the date", ["not apology", "ask date"]),
        ("It does not say when", ["when"]),
        ("Does not answer the question about the deadline", ["when"]),
        ("Kick out the second quote", ["drop [2]"]),
        ("The first citation is not needed", ["wrong [1]"]),
        ("Keep the first passage, drop the second", ["take [1]", "drop [2]"]),
        ("Plus court mais sans supprimer la citation", ["shorter", "not drop"]),
        ("Mauvais article, prenez un autre", ["wrong", "another"]),
        ("Replace the passage with the one on abandoned cars", ["take abandoned cars"]),
        ("Missing: address, date", ["ask address", "ask date"]),
        ("We don't know the address, ask for it", ["ask address"]),
        ("Ask for a photo, add our phone number", ["ask photo", "phone"]),
        ("Ask for the address, tell him when it will be repaired", ["ask address", "when"]),
        ("Donnez le numéro à appeler", ["phone"]),
        ("The citizen is English-speaking", ["language en"]),
    ],
)
def test_a_wish_is_read_from_many_wordings(text: str, read: list[str]) -> None:
    asked = wishes.read(text).wishes

    told = [
        " ".join(filter(None, ("" if w.wanted else "not", w.kind, "" if w.numbers else w.of, str(list(w.numbers)) if w.numbers else "")))
        for w in asked
    ]
    assert list(dict.fromkeys(told)) == read


def test_reading_a_long_instruction_of_one_word_over_and_over_is_quick_and_bounded() -> None:
    for text in ("shorter, " * 222, "not " * 500, "ask for " * 250, "a" * 2000, "(" * 2000, "passage 1 and " * 140):
        assert len(wishes.read(text).wishes) <= wishes.CLAUSES + 3
