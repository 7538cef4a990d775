"""`parvis publish`: requests from files straight to Kafka."""

import contextlib
import csv
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from schemas.requests_received import RequestReceived
from services.cli import context, request_files
from services.cli.request_files import BadLine, Defaults, GoodLine, SeenIds, read_requests
from services.domain import agency_signing_key
from services.runtime import kafka_records, telemetry
from services.runtime.errors import InvalidInput

if TYPE_CHECKING:  # `--help` needs no database
    from services.cli.publishing_agencies import PublishingAgencies

BATCH = 200


@dataclass(frozen=True)
class SignedLine(GoodLine):
    """The same as it is sent."""

    record: kafka_records.Outgoing


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


def _defaults(agency: str, channel: str, columns: Sequence[str]) -> Defaults:
    """The options as they are meant. Raises InvalidInput where a column is no `field=column`, or its field none of a request."""
    mapping = dict[str, str]()
    for option in columns:
        name, sign, column = option.partition("=")
        if not sign or name.partition(".")[0] not in RequestReceived.model_fields:
            raise InvalidInput(f"--column {option}: give field=column, as body=Message or citizen.email=E-mail", field="column")
        mapping[name] = column
    return Defaults(agency, channel, mapping)


@dataclass
class _Report:
    """What became of each line: told on the console, and those that can't be sent also in a CSV."""

    console: Console
    refused: Callable[[Sequence[object]], object] = lambda _: None
    good: int = 0
    bad: int = 0

    def is_good(self, path: Path, line: SignedLine | BadLine) -> bool:
        """Counts and tells it; whether it can be sent."""
        if isinstance(line, BadLine):
            self.bad += 1
            self.console.print(f"{path}:{line.number}: {line.fault}", markup=False)
            self.refused([path, line.number, line.fault, line.text])
            return False
        self.good += 1
        for notice in _notices(line.request):
            self.console.print(f"{path}:{line.number}: {notice}", markup=False)
        return True


@contextlib.contextmanager
def _reporting(console: Console, refused: Path | None) -> Iterator[_Report]:
    if refused is None:
        yield _Report(console)
        return
    from services.review.web.csv_cells import cell

    with refused.open("w", newline="", encoding="utf-8-sig") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "line", "why", "as it stands"])
        yield _Report(console, lambda values: rows.writerow([cell(str(value)) for value in values]))


def publish_cli(
    files: Annotated[list[Path], typer.Argument(help="JSONL (one RequestReceived a line), CSV, mbox, eml or a Maildir.", exists=True)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only report what would fail.")] = False,
    agency: Annotated[str, typer.Option(help="Whose they are, where the file does not say so: needed for mails.")] = "",
    channel: Annotated[str, typer.Option(help="By what channel they came, where the file does not say so: `web` for a CSV.")] = "",
    column: Annotated[list[str] | None, typer.Option(help="Of a CSV: field=column, as body=Message or citizen.email=E-mail.")] = None,
    refused: Annotated[Path | None, typer.Option(help="A CSV to write with what can't be sent, and why.", dir_okay=False)] = None,
    skip: Annotated[int, typer.Option(min=0, help="Pass over so many, as a run that was cut off says.")] = 0,
) -> None:
    """Send requests from files to Kafka, signed where PARVIS_AGENCY_KEY is set. What is bad is reported, the rest goes."""
    from services.cli.publishing_agencies import PublishingAgencies
    from services.runtime.kafka_admin import Sender

    defaults = _defaults(agency, channel, column or [])
    for path in files:
        request_files.reader_of(path)
    settings = context.settings()
    key = settings.agency_key.get_secret_value()
    ids, agencies = SeenIds(), PublishingAgencies(settings)
    sender = None if dry_run else Sender(context.kafka(settings))
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    sent = skip
    try:
        with _reporting(console, refused) as report, Progress(console=console, transient=True) as progress:
            task = progress.add_task("publishing", total=sum(map(request_files.size_of, files)))
            every = ((path, line) for path in files for line in _records(read_requests(path, ids, defaults), agencies, key))
            for batch in _batches(itertools.islice(every, skip, None)):
                good = [line.record for path, line in batch if report.is_good(path, line) and isinstance(line, SignedLine)]
                if sender:
                    sender.send(good)
                sent += len(batch)
                progress.advance(task, sum(len(record.value) for record in good))
    except BaseException:
        if sent and not dry_run:
            console.print(f"stopped: the first {sent} are done; go on with --skip {sent}")
        raise
    finally:
        if sender:
            sender.close()
    if not report.good and not report.bad:
        names = ", ".join(map(str, files))
        raise InvalidInput(f"no request in {names}: give one RequestReceived a line, a row under a line of names, or mails", field="files")
    print(f"{report.good} {'would be ' if dry_run else ''}published, {report.bad} not")
    if report.bad:
        raise typer.Exit(1)


def _batches(lines: Iterable[tuple[Path, SignedLine | BadLine]]) -> Iterator[list[tuple[Path, SignedLine | BadLine]]]:
    remaining = iter(lines)
    while batch := list(itertools.islice(remaining, BATCH)):
        yield batch
