"""Reads requests from files that agencies have: JSONL, CSV, and mails as mbox, Maildir or single files. Nothing is sent here."""

import codecs
import csv
import io
import json
import mailbox
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from schemas.requests_received import RequestReceived
from services.domain.request_content_hash import content_of, digest_of
from services.intake.mail import charsets
from services.intake.rules import CLOCKS_DIFFER
from services.runtime import clock, kafka_records
from services.runtime.errors import InvalidInput, InvalidRecord

ROWS = UUID("5a3d9c0b-9a1f-5d5e-8a39-4f9d3f0f1c77")
"""The namespace of ids made of rows: a file that is published again makes no second request."""
LONGEST_CELL = 1024 * 1024
SNIFFED = 64 * 1024


@dataclass(frozen=True)
class BadLine:
    """A line, row or mail that can't be sent, with its faults field by field, and how it stands in the file."""

    number: int
    fault: str
    text: str = ""


@dataclass(frozen=True)
class GoodLine:
    """One that can be sent, perhaps without some of its optional fields."""

    number: int
    request: RequestReceived


@dataclass(frozen=True)
class Defaults:
    """What files do not say themselves: whose requests these are, by what channel they came, and which column holds which field."""

    agency: str = ""
    channel: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


Item = tuple[int, Mapping[str, Any] | bytes]
"""The number of a line, row or mail, counted from 1, and its value."""


def read_requests(path: Path, ids: "SeenIds | None" = None, defaults: Defaults | None = None) -> Iterator[GoodLine | BadLine]:
    """Every request of a file, or what is wrong with it; what is empty is passed over. Raises InvalidInput where the whole can't be read.

    With `ids`, an id that came with other content before is wrong.
    """
    for number, value in reader_of(path)(path, defaults or Defaults()):
        text = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        try:
            request = kafka_records.read_event(text, RequestReceived)
        except InvalidRecord as error:
            yield BadLine(number, error.detail, text.decode("utf-8", "replace"))
            continue
        fault = ids.conflict(request, path, number) if ids else None
        yield BadLine(number, fault, text.decode("utf-8", "replace")) if fault else GoodLine(number, request)


class SeenIds:
    """The content that came with each id in these files, so that a conflict is told before anything of it is sent."""

    def __init__(self) -> None:
        self._first: dict[UUID, tuple[str, Path, int]] = {}

    def conflict(self, request: RequestReceived, path: Path, number: int) -> str | None:
        """The fault of an id that came with other content before; the first line of an id counts."""
        content = content_of(request)
        first, at, line = self._first.setdefault(request.request_id, (content, path, number))
        if first == content:
            return None
        return f"request_id: conflict, line {line} of {at} has it with other content; give this one an id of its own"


Reader = Callable[[Path, Defaults], Iterator[Item]]


def reader_of(path: Path) -> Reader:
    """How such a file is read. Raises InvalidInput for any other."""
    if path.is_dir():
        if (path / "cur").is_dir() and (path / "new").is_dir():
            return _maildir
        raise InvalidInput(f"{path}: a folder must be a Maildir, with `cur` and `new` in it", field="files")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InvalidInput(f"{path}: give JSONL, CSV, mbox, eml or a Maildir, by its ending: {', '.join(READERS)}", field="files")
    return reader


def size_of(path: Path) -> int:
    """Its bytes, for the progress bar."""
    return sum(part.stat().st_size for part in path.rglob("*") if part.is_file()) if path.is_dir() else path.stat().st_size


def _jsonl(path: Path, defaults: Defaults) -> Iterator[Item]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            text = line.removeprefix(codecs.BOM_UTF8).strip()
            if text:
                yield number, _with_defaults(text, defaults)


def _with_defaults(line: bytes, defaults: Defaults) -> Mapping[str, Any] | bytes:
    given = {name: value for name, value in (("agency", defaults.agency), ("channel", defaults.channel)) if value}
    if not given:
        return line
    try:
        value = kafka_records.read_json(line)
    except InvalidRecord:
        return line
    return {**given, **value} if isinstance(value, dict) else line


def _csv(path: Path, defaults: Defaults) -> Iterator[Item]:
    csv.field_size_limit(LONGEST_CELL)
    text = charsets.decode(path.read_bytes(), None).text
    rows = csv.DictReader(io.StringIO(text, newline=""), dialect=_dialect(text))
    fields = _fields(path, rows.fieldnames or (), defaults)
    times: Counter[str] = Counter()
    try:
        for row in rows:
            value = _row(row, fields)
            if not value:
                continue
            value = {"agency": defaults.agency, "channel": defaults.channel or "web", **value}
            stable = digest_of(value)
            times[stable] += 1
            own = {"request_id": str(uuid5(ROWS, f"{stable}\n{times[stable]}")), "received_at": clock.now().isoformat()}
            yield rows.line_num, own | value
    except csv.Error as error:
        raise InvalidInput(f"{path}: row {rows.line_num} can't be read as CSV ({error})", field="files") from None


def _dialect(text: str) -> type[csv.Dialect]:
    """As a spreadsheet writes it, in whose language the comma may be taken."""
    beginning = text[:SNIFFED].partition("\n")[0]

    class Spreadsheet(csv.excel):
        delimiter = max((",", ";", "\t", "|"), key=beginning.count)

    return Spreadsheet


def _fields(path: Path, names: Sequence[str], defaults: Defaults) -> dict[str, str]:
    """Which column holds which field: as the mapping says, and else the field of the column's own name."""
    missing = [column for column in defaults.columns.values() if column not in names]
    if missing:
        raise InvalidInput(f"{path}: there is no column {missing[0]!r}; it has {', '.join(map(repr, names))}", field="column")
    mapped = {column: name for name, column in defaults.columns.items()}
    fields = {column: mapped.get(column, column) for column in names if column}
    fields = {column: name for column, name in fields.items() if name.partition(".")[0] in RequestReceived.model_fields}
    if "body" not in fields.values():
        raise InvalidInput(
            f"{path}: no column holds the message; say which, as --column body=Message; it has {', '.join(map(repr, names))}",
            field="column",
        )
    return fields


def _row(row: Mapping[str | None, Any], fields: Mapping[str, str]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for column, name in fields.items():
        cell = row.get(column)
        if not isinstance(cell, str) or not cell.strip():
            continue
        outer, _, inner = name.partition(".")
        if inner:
            value.setdefault(outer, {})[inner] = cell
        else:
            value[outer] = cell
    return value


def _mbox(path: Path, defaults: Defaults) -> Iterator[Item]:
    box = mailbox.mbox(path, create=False)
    try:
        yield from _mails((box.get_bytes(key) for key in box.iterkeys()), defaults)
    finally:
        box.close()


def _maildir(path: Path, defaults: Defaults) -> Iterator[Item]:
    box = mailbox.Maildir(path, create=False)
    try:
        yield from _mails((box.get_bytes(key) for key in sorted(box.iterkeys())), defaults)
    finally:
        box.close()


def _eml(path: Path, defaults: Defaults) -> Iterator[Item]:
    yield from _mails([path.read_bytes()], defaults)


def _mails(mails: Iterable[bytes], defaults: Defaults) -> Iterator[Item]:
    from services.intake.mail import mail_kind, mail_reader, mail_requests

    if not defaults.agency:
        raise InvalidInput("mails do not say whose they are: give --agency", field="agency")
    now = clock.now()
    for number, raw in enumerate(mails, 1):
        mail = mail_reader.read(raw)
        wrote_at = mail.date if mail.date and mail.date <= now + CLOCKS_DIFFER else now
        value = mail_requests.request_of(mail, defaults.agency, wrote_at, automatic=mail_kind.of(mail))
        yield number, {"agency": defaults.agency, **value}


READERS: dict[str, Reader] = {
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".json": _jsonl,
    ".csv": _csv,
    ".tsv": _csv,
    ".mbox": _mbox,
    ".eml": _eml,
}
