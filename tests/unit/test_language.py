"""What language a message is said to be in."""

import os
import subprocess
import sys

import pytest

from services.domain.language import detect


def _code(text: str, hint: str | None = None) -> str:
    return detect([text], [hint])[0].code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The street light opposite number 14 has been out for a week.", "en"),
        ("Le lampadaire en face du 14 ne marche plus depuis une semaine.", "fr"),
        ("Guten Tag, meine Mülltonne wurde nicht geleert.", "de"),
        ("Dzień dobry, nie odebrano śmieci z mojej ulicy.", "pl"),
        ("Здравствуйте, у нас на улице не вывезли мусор.", "ru"),
        ("Добрий день, на нашій вулиці не вивезли сміття.", "uk"),
        ("صباح الخير، لم يتم جمع القمامة في شارعنا.", "ar"),
        ("سلام، زباله‌های کوچه ما را جمع نکرده‌اند.", "fa"),
        ("路灯坏了", "zh"),
    ],
)
def test_a_sentence_is_known_by_its_words_or_its_script(text: str, code: str) -> None:
    assert _code(text) == code


@pytest.mark.parametrize(
    ("text", "code"), [("street lamp", "en"), ("lampadaire éteint", "fr"), ("missed bin", "en"), ("POUBELLE PLEINE", "fr")]
)
def test_two_words_are_enough_even_in_capitals(text: str, code: str) -> None:
    assert _code(text) == code


def test_a_message_in_two_languages_has_that_of_its_larger_part() -> None:
    mostly_french = (
        "Hello! Mon anglais s'arrête là. J'habite à Londres et je voudrais voter, mais le formulaire demande un code postal français."
    )
    assert _code(mostly_french) == "fr"


@pytest.mark.parametrize("text", ["???", "12345", "👍👍", "[EMAIL_1] [PHONE_1]", "https://example.org/form/12"])
def test_where_there_are_no_words_the_hint_decides_and_without_one_it_stays_open(text: str) -> None:
    assert _code(text) == "und"
    assert _code(text, "fr-CA") == "fr"


def test_a_hint_never_overrules_a_clear_message() -> None:
    assert _code("Le lampadaire en face du 14 ne marche plus depuis une semaine.", "en") == "fr"


def test_few_words_are_less_sure_than_a_letter() -> None:
    short, long = detect(
        ["urgent", "I would like to dispute the parking ticket that I received on Friday, since the sign was missing."], [None, None]
    )
    assert short.confidence < 0.9 < long.confidence


@pytest.mark.parametrize("text", ["\ud800 hello", "\x00\x01\x02 bonjour", "a" * 20_000, "İ" * 300, "\u202e\u200b" * 5_000, " ", ""])
def test_whatever_comes_gets_an_answer(text: str) -> None:
    language = detect([text], [None])[0]
    assert language.code
    assert 0 <= language.confidence <= 1


def test_every_process_says_the_same_of_a_text_that_could_be_two_languages() -> None:
    program = "from services.domain import language; print(language.detect(['e\\u0301 ' * 750], [None])[0].code)"
    said = {
        subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("0", "1", "2", "3", "4", "5")
    }
    assert len(said) == 1
