"""Characters that nobody sees, or that turn the text around them."""

import sys
import unicodedata

import pytest

from schemas import invisible_characters


def test_whatever_unicode_calls_a_format_a_space_a_control_or_a_mark_shows_nothing_by_itself() -> None:
    invisible = [
        c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) in ("Cf", "Zs", "Zl", "Zp", "Cc", "Mn", "Me", "Mc")
    ]
    assert len(invisible) > 2_000
    assert invisible_characters.is_blank("".join(invisible))


def test_letters_that_are_named_fillers_or_blanks_show_nothing() -> None:
    words = {c: set(unicodedata.name(c, "").split()) for c in map(chr, range(sys.maxunicode + 1))}
    blank = [c for c, name in words.items() if {"FILLER", "BLANK"} & name and not {"GAP", "SYMBOL", "LINE"} & name]
    blank = [c for c in blank if unicodedata.category(c) != "Po"]  # signs that fill a line or a gap can be seen
    assert len(blank) > 5
    assert invisible_characters.is_blank("".join(blank))


@pytest.mark.parametrize("text", ["a", "漢", "1", "👍", "?", " \u200b.", "\u2800a", "نعم"])
def test_one_character_that_shows_is_enough(text: str) -> None:
    assert not invisible_characters.is_blank(text)


def test_a_line_has_no_ends_no_controls_and_no_turns_and_keeps_what_words_are_written_with() -> None:
    turning = "".join(sorted(invisible_characters.BIDI_CONTROLS))
    assert invisible_characters.one_line(f" Ida{turning}\r\nKes\u200btrel\x85\u2028x\t ") == "Ida Kestrel x"
    assert invisible_characters.one_line("می‌خواهم 👩‍👩‍👧") == "می‌خواهم 👩‍👩‍👧"


def test_a_letter_keeps_its_lines_and_nothing_turns_it_round() -> None:
    assert invisible_characters.letter("a\r\nb\rc\u2029d\u202ee\x00\tf\u2067") == "a\nb\nc\nde\tf"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Müllabfuhr", "Mu\u0308llabfuhr"),
        ("ＥＬＭ Street", "elm street"),
        ("Straße", "STRASSE"),
        ("oﬃce", "office"),
        ("Müll\u00adtonne", "Mülltonne"),
        ("é\ufe0f", "e\u0301"),
    ],
)
def test_texts_that_look_the_same_compare_the_same(first: str, second: str) -> None:
    assert invisible_characters.comparable(first) == invisible_characters.comparable(second)
