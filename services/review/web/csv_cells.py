"""Writes CSV that no spreadsheet takes for a formula. Pure."""

import csv
import io
import re
from collections.abc import Iterable

_FORMULA = re.compile(r"\s*[=+\-@\t\r\n＝＋－＠|%]")
_NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,3})?")


def cell(value: object) -> str:
    """The text of a cell: what could begin a formula gets an apostrophe before it, as spreadsheets themselves write text; numbers stay."""
    text = "" if value is None else str(value)
    risky = text[:1] in ("\t", "\r", "\n") or _FORMULA.match(text)
    return f"'{text}" if risky and not _NUMBER.fullmatch(text) else text


def line(values: Iterable[object]) -> str:
    """One line with its end, quoted where needed."""
    written = io.StringIO()
    csv.writer(written).writerow([cell(value) for value in values])
    return written.getvalue()
