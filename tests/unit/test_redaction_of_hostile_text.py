"""Texts made to hold redaction up, or to break it, do neither."""

import random

import pytest

from services.domain.placeholders import PLACEHOLDER
from services.triage.redaction import redact
from tests.harness.processor_time import bounded
from tests.harness.redaction_assertions import CLAIRE, hidden, rebuilt

LONGEST = 20_000


@bounded
@pytest.mark.parametrize(
    "unit", ["1", "1 ", "12 ", "1-", "0", "06 ", "+1", "@", "a@", "@a", "a.", "a@b.", ".", " ", "\t", "\n", "\r\n", "[", "[[NAME_",
    "[NAME_1]", "(", "A", "A ", "A. ", "Ab\n", "M. ", "Dear ", "my name is ", "n° ", "dossier n° ", "one ", "12 rue ", "12 rue de la ",
    "1 A Street ", "born on ", "http://", "www.", "a dot ", "(at)", "chez ", "FR76", "AB12", "X1", "é", "e\u0301", "\u200b", "1\u200b",
    "٠", "regards,\n", "Jean ", "Jean de ", "Claire ", "O'", "A'a", "a_", "Aa-", "d'", "75011 ", "123 456 789 ", "4111 ", "is the ",
    "'", "<", "€",
     "FR76 ", "DE89 3704 ", "GB29 NWBK 6016 1331 9268 19 ", "DE89370400440532013000", "Sarah and ", "Zbyszek and ", "Mr Ben, Van\n",
     "Preston Oakley ", "Mr Frost ", "Officer Sharp ", "my daughter Faith ", "name: Sharp ", "Sarah Hill. ", "called Val ", "case 12 345 ",
     "with Will Frost ", "https://x.example/?q=a&", "the bar of my flat at 1 Elm Street ",
     "acte de naissance du 1/2/1980 ", "Al-", "al-A "],
)  # fmt: skip
def test_repetition_does_not_hold_it_up(unit: str) -> None:
    text = (unit * (LONGEST // len(unit) + 1))[:LONGEST]
    # Ten times the text may take ten times as long and not a hundred: bounded look-arounds, no nested repeats.
    redact(text[:300], text, CLAIRE, "fr")


@bounded
def test_a_long_run_of_digits_is_hidden_whole() -> None:
    assert hidden("9" * LONGEST) == "[ID_1]"


def test_letters_that_are_folded_twice_are_the_same_whatever_stands_beside_them() -> None:
    assert hidden("ǣǽ œæ · ｡ mail claire@example.fr") == "ǣǽ œæ · ｡ mail [EMAIL_1]"


def test_a_word_inside_a_longer_one_of_another_alphabet_announces_nothing() -> None:
    assert hidden("яm Nowak, and mr Quist") == "яm Nowak, and mr [NAME_1]"


@bounded
def test_thousands_of_different_names_are_looked_for_again_in_no_time() -> None:
    body = " ".join(f"Mrs {chr(65 + at % 26)}{chr(97 + at // 26 % 26)}zyx{chr(97 + at // 676)}q came." for at in range(1300))
    assert "zyx" not in hidden(body)


@bounded
@pytest.mark.parametrize("unit", ["Sarah and ", "Mrs Quist and ", "Karim et Zbyszek et "])
def test_a_long_row_of_names_takes_no_longer_than_other_words(unit: str) -> None:
    text = (unit * (LONGEST // len(unit) + 1))[:LONGEST]
    seen = hidden(text)
    assert not any(name in PLACEHOLDER.sub("", seen[:5000]) for name in ("Sarah", "Quist", "Karim", "Zbyszek"))


PARTICLES = ("La", "De", "Van", "Der", "Le", "El", "Ben", "Mr", "Mme", "Du", "Von", "Bin", "de", "la", "van", "al", "d'", "O'", "M.", "St")


@pytest.mark.parametrize("seed", range(40))
def test_lines_of_particles_alone_break_nothing(seed: int) -> None:
    chance = random.Random(seed)
    body = "".join(chance.choice(PARTICLES) + chance.choice([" ", " ", "\n", ", ", "-", "\n\n"]) for _ in range(chance.randint(1, 60)))
    for written in (body, body.title(), body.upper(), f"Hello\n{body}\nBye"):
        redacted = redact(written[:40], written, None, chance.choice(["en", "fr"]))
        assert rebuilt(written[:40], written, redacted) == (redacted.subject, redacted.body)


@pytest.mark.parametrize("text", ["We saw a film.\nLa La\nBye", "Hello\nDe La", "Van Der\n", "Mr Ben Van\n", "Le El\n"])
def test_a_line_of_particles_is_a_line_like_any_other(text: str) -> None:
    assert hidden(text).startswith(text[:2])
