"""The fast way to find words gives what the pattern gives."""

import re

import pytest

from services.domain.word_finder import WordFinder

PATTERNS = (r"\w+|[.!?\n]", r"\w+|[?!]", r"[^\W\d_]+", r"[a-z]+", r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+")
TEXTS = (
    "",
    "Hello! Is the bridge closed?\n\nYours, A. Lee\n",
    "Bonjour \u201cvoisin\u201d \u2013 l\u2019été, 3½ m² à la crèche…",
    "Дорогие соседи, the 2nd lamp. snake_case __x__ a.b?c!d",
    "漢字とかな and words \U0001f600 \u0661\u0662",
    "a\x85b\xa0c\x1cd\x00e\r\nf\ud800g\u00adh",
)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_words_are_those_of_the_pattern(pattern: str) -> None:
    finder = WordFinder(re.compile(pattern))
    for text in TEXTS:
        assert finder.findall(text) == re.findall(pattern, text), repr(text)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_character_ends_a_word_where_the_pattern_says_so(pattern: str) -> None:
    finder = WordFinder(re.compile(pattern))
    for code in range(0x3100):
        text = f"ab{chr(code)}c. {chr(code)}{chr(code)}"
        assert finder.findall(text) == re.findall(pattern, text), hex(code)
