"""`parvis publish`: requests from files straight to Kafka."""

import codecs
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import Progress

from schemas.requests_received import RequestReceived
from services.cli import context
from services.domain import agency_signing_key
from services.domain.request_content_hash import content_of
from services.runtime import kafka_records, telemetry
from services.runtime.errors import InvalidInput, InvalidRecord

if TYPE_CHECKING:  # `--help` needs no database
    from services.cli.publishing_agencies import PublishingAgencies

BATCH = 200


@dataclass(frozen=True)
class BadLine:
    """A line that can't be sent, with its faults field by field."""

    number: int
    fault: str


@dataclass(frozen=True)
class GoodLine:
    """A line that can be sent, perhaps without some of its optional fields."""

    number: int
    request: RequestReceived


@dataclass(frozen=True)
class SignedLine(GoodLine):
    """The same as it is sent."""

    record: kafka_records.Outgoing


def read_requests(path: Path, ids: "SeenIds | None" = None) -> Iterator[GoodLine | BadLine]:
    """Every line of a JSONL file, as a request or as what is wrong with it. Empty lines are passed over.

    With `ids`, an id that came with other content before is wrong.
    """
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.removeprefix(codecs.BOM_UTF8).strip():
                continue
            try:
                request = kafka_records.read_event(line, RequestReceived)
            except InvalidRecord as error:
                yield BadLine(number, error.detail)
                continue
            fault = ids.conflict(request, path, number) if ids else None
            yield BadLine(number, fault) if fault else GoodLine(number, request)


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


def _must_be_jsonl(files: Sequence[Path]) -> None:
    for path in files:
        if path.suffix not in (".jsonl", ".ndjson", ".json"):
            raise InvalidInput(f"{path}: only JSONL can be read for now; give one RequestReceived a line", field="files")


def signed(record: kafka_records.Outgoing, api_key: str) -> kafka_records.Outgoing:
    """The record with its agency's signature, where there is a key to sign with."""
    if not api_key:
        return record
    signature = agency_signing_key.sign(agency_signing_key.signing_key(api_key), record.value)
    return replace(record, headers=record.headers | {agency_signing_key.HEADER: signature})


def _notices(request: RequestReceived) -> Iterator[str]:
    """What its agency can put right, though the request is sent."""
    from services.intake.rules import warnings

    for dropped in request.dropped:
        yield f"sent without {dropped.field}: {dropped.message}"
    for warning in warnings(request):
        yield f"{warning.field}: {warning.message}"


def _records(lines: Iterable[GoodLine | BadLine], agencies: "PublishingAgencies", key: str) -> Iterator[SignedLine | BadLine]:
    """The lines as records; what would be refused for its agency is as bad as what can't be read."""
    for line in lines:
        if isinstance(line, BadLine):
            yield line
            continue
        with telemetry.request_span("publish", line.request.request_id):
            record = signed(kafka_records.outgoing(line.request, "publish"), key)
        fault = agencies.fault(line.request.agency, record)
        yield BadLine(line.number, fault) if fault else SignedLine(line.number, line.request, record)


def publish_cli(
    files: Annotated[list[Path], typer.Argument(help="JSONL files, one RequestReceived a line.", exists=True, dir_okay=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only report what would fail.")] = False,
) -> None:
    """Send requests from files to Kafka, signed where PARVIS_AGENCY_KEY is set. Bad lines are reported, the good ones go."""
    from services.cli.publishing_agencies import PublishingAgencies
    from services.runtime.kafka_admin import Sender

    _must_be_jsonl(files)
    settings = context.settings()
    key = settings.agency_key.get_secret_value()
    ids, agencies = SeenIds(), PublishingAgencies(settings)
    sender = None if dry_run else Sender(context.kafka(settings))
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    good, bad = 0, 0
    try:
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("publishing", total=sum(path.stat().st_size for path in files))
            waiting: list[kafka_records.Outgoing] = []
            for path in files:
                for line in _records(read_requests(path, ids), agencies, key):
                    if isinstance(line, BadLine):
                        bad += 1
                        console.print(f"{path}:{line.number}: {line.fault}", markup=False)
                        continue
                    good += 1
                    for notice in _notices(line.request):
                        console.print(f"{path}:{line.number}: {notice}", markup=False)
                    waiting.append(line.record)
                    progress.advance(task, len(waiting[-1].value))
                    if sender and len(waiting) >= BATCH:
                        sender.send(waiting)
                        waiting.clear()
            if sender:
                sender.send(waiting)
    finally:
        if sender:
            sender.close()
    if not good and not bad:
        raise InvalidInput(f"no request in {', '.join(map(str, files))}: give one RequestReceived a line", field="files")
    print(f"{good} {'would be ' if dry_run else ''}published, {bad} not")
    if bad:
        raise typer.Exit(1)
