"""Splits a body into lines, each with its depth of quotation."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

READ_OF_A_LINE = 400
"""Characters of a line in which a header or a sign-off is looked for: none is longer."""

_QUOTE_MARKS = re.compile(r"[ \t]{0,3}(?:>[ \t]{0,2}){1,20}")


@dataclass(frozen=True)
class Line:
    """`start` and `end` are places in the body, the line break included; `text` is without quote marks and blanks around it."""

    start: int
    end: int
    depth: int
    text: str

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it."""
        return not self.text


def lines(body: str) -> list[Line]:
    """Every line of the body."""
    return list(_lines(body))


def _lines(body: str) -> Iterator[Line]:
    place = 0
    for raw in body.splitlines(keepends=True):
        marks = _QUOTE_MARKS.match(raw)
        depth = marks.group().count(">") if marks else 0
        text = raw[marks.end() if marks else 0 :][:READ_OF_A_LINE].strip(" \t\r\n\u00a0\u200b\ufeff")
        yield Line(place, place + len(raw), depth, text)
        place += len(raw)
