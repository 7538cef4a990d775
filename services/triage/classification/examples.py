"""Reads labelled messages from JSONL or CSV: a message and the category that a person gave it."""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from services.runtime.errors import InvalidInput


@dataclass(frozen=True)
class Example:
    """A message and the category that a person gave it; `also` are others that would have been right."""

    text: str
    category: str
    language: str | None = None
    urgency: str | None = None
    department: str | None = None
    also: tuple[str, ...] = ()
    subject: str | None = None
    row: int | None = field(default=None, compare=False)
    """Where it stood: as a spreadsheet counts rows, the heading being the first, or the line of JSONL."""


class UnreadableExamples(InvalidInput):
    """The file can't be trained on; the message names line and field."""


def read_examples(path: Path) -> list[Example]:
    """Rows of JSONL or CSV: `text`, `category`, optionally `subject`, `language`, `urgency`, `department`; others are passed over.

    In JSONL `category` may be a list: the first is taught, and any is right.
    """
    if not path.is_file():
        raise UnreadableExamples(f"{path}: there is no such file")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableExamples(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8 first") from None
    rows = _csv_rows(text, path) if path.suffix.lower() == ".csv" else _json_rows(text, path)
    examples = [_example(row, f"{path}, line {line}", number) for number, line, row in rows]
    if not examples:
        raise UnreadableExamples(f"{path}: no rows; each needs `text` and `category`")
    return examples


def _json_rows(text: str, path: Path) -> Iterable[tuple[int, int, dict[str, object]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise UnreadableExamples(f"{path}, line {number}: not JSON ({error.msg} at character {error.pos + 1})") from None
        if not isinstance(row, dict):
            raise UnreadableExamples(f"{path}, line {number}: give an object with `text` and `category`, not {type(row).__name__}")
        yield number, number, row


def _csv_rows(text: str, path: Path) -> Iterable[tuple[int, int, dict[str, object]]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    names = next(reader, [])
    missing = {"text", "category"} - set(names)
    if missing:
        raise UnreadableExamples(f"{path}, line 1: no column {' and no column '.join(sorted(missing))}; name it in the first line")
    # A cell may have several lines, and an empty row is shown: a spreadsheet counts otherwise than a text editor and DictReader.
    for number, cells in enumerate(reader, 2):
        if cells:
            yield number, reader.line_num, dict(zip(names, cells, strict=False))


def _example(row: dict[str, object], where: str, number: int) -> Example:
    fields: dict[str, str | None] = {}
    also: list[str] = []
    several = row.get("category")
    if isinstance(several, list):
        if not several or not all(isinstance(part, str) and part.strip() for part in several):
            raise UnreadableExamples(f"{where}: category must be text, or a list of texts that are not empty", field="category")
        first, *also = (part.strip() for part in several)
        row = {**row, "category": first}
    for name in ("text", "category", "subject", "language", "urgency", "department"):
        value = row.get(name)
        if value is not None and not isinstance(value, str):
            raise UnreadableExamples(f"{where}: {name} must be text, not {type(value).__name__}", field=name)
        fields[name] = value.strip() if value else None
    text, category = fields["text"], fields["category"]
    if not text:
        raise UnreadableExamples(f"{where}: text is missing or empty", field="text")
    if not category:
        raise UnreadableExamples(f"{where}: category is missing or empty", field="category")
    return Example(text, category, fields["language"], fields["urgency"], fields["department"], tuple(also), fields["subject"], number)
