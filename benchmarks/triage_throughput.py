"""Measures how many messages a second one core triages, step by step: `python -m benchmarks.triage_throughput`.

The messages are those of `--data` (a folder of JSONL with `text` or `body`), shuffled, or the corpus that comes with Parvis, cut or joined
to `--characters`; either repeated to `--texts` of them. Seconds are processor seconds of this process, in batches of 64, as triage reads
them. The limit is what the house asks for.
"""

import argparse
import asyncio
import gc
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from uuid import uuid4

from schemas.requests_received import RequestReceived
from services.domain import language, taxonomy
from services.domain.message_parts import with_subject
from services.runtime import clock, encoder_backends, kafka_records
from services.runtime.settings import Settings
from services.runtime.worker_process import WorkerProcess
from services.triage import app, fingerprint, message_parts, redaction, rules
from services.triage.bounded_decisions import BoundedDecisions
from services.triage.classification import model_store
from services.triage.signals.detection import Reading, signals
from services.triage.signals.letter_kind import letter_kind
from services.triage.signals.urgency import urgency
from services.triage.worker import COLLECTED_EVERY

BATCH = 64
REQUIRED_PER_SECOND = 5_000.0
SORTED = "language, redaction, category and reasons"


def real_texts(folder: Path) -> list[str]:
    """What stands as `text` or `body` in the JSONL files of a folder, shuffled so that the sets are mixed: always alike."""
    rows = [json.loads(line) for file in sorted(folder.glob("*.jsonl")) for line in file.read_text(encoding="utf-8").splitlines()]
    texts = [text for row in rows if (text := row.get("text") or row.get("body"))]
    random.Random(3).shuffle(texts)
    return texts


def corpus_texts(characters: int) -> Iterator[str]:
    """The corpus without an end, joined and cut to about so many characters."""
    texts = cycle([row.text for row in model_store.corpus_rows(taxonomy.load())])
    while True:
        body = next(texts)
        while len(body) < characters * 0.8:
            body += "\n" + next(texts)
        yield body[: characters * 2]


def messages(count: int, texts: Iterable[str]) -> list[RequestReceived]:
    """So many messages of these texts."""
    return [
        RequestReceived(request_id=uuid4(), agency="city", channel="web", received_at=clock.now(), body=body)
        for body in islice(texts, count)
    ]


def per_second(work: Callable[[Sequence[RequestReceived]], object], requests: Sequence[RequestReceived]) -> float:
    """Messages a processor second."""
    began = time.process_time()
    rest = iter(requests)
    while batch := list(islice(rest, BATCH)):
        work(batch)
    return len(requests) / (time.process_time() - began)


def signalled(batch: Sequence[RequestReceived]) -> object:
    """What is read in messages that cannot wait."""
    readings = [Reading.of(with_subject(request.subject, request.body)) for request in batch]
    return [urgency(signalled_of, reading) for signalled_of, reading in zip(signals(readings), readings, strict=True)]


def sorted_(batch: Sequence[RequestReceived], classifier: rules.Classifier) -> object:
    """From the message as it came to its category and the words that speak for it."""
    languages = language.detect([with_subject(r.subject, r.body) for r in batch], [r.language for r in batch])
    hidden = [redaction.redact(r.subject, r.body, r.citizen, language.code) for r, language in zip(batch, languages, strict=True)]
    return classifier.explained([with_subject(message.subject, message.body) for message in hidden])


async def handed_over(requests: Sequence[RequestReceived], settings: Settings) -> float:
    """Messages a processor second of the service's own process, which hands them to the worker and takes what it wrote."""
    async with WorkerProcess(app.WORKER, settings).running() as worker:
        decisions = BoundedDecisions(worker, taxonomy.load(), settings.triage_seconds)
        await decisions.decide(requests[:BATCH])
        began = time.process_time()
        for first in range(0, len(requests), BATCH):
            await decisions.decide(requests[first : first + BATCH])
        return len(requests) / (time.process_time() - began)


def line(name: str, speed: float, remark: str) -> str:
    """A row of the table: messages a second, and microseconds a message."""
    return f"{name:<42}{speed:>10,.0f}{1_000_000 / speed:>14,.0f}{remark}"


def main() -> int:
    """Prints a line a step."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.triage_throughput", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=int, default=4_000)
    parser.add_argument("--characters", type=int, default=300)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--encoder", action="store_true", help="with the extra `encoder`, as PARVIS_TRIAGE_ENCODER=local")
    arguments = parser.parse_args()
    kinds = taxonomy.load()
    encoder = encoder_backends.local(remembered=0) if arguments.encoder else None
    with tempfile.TemporaryDirectory() as folder:
        classifier = model_store.default_classifier(Path(folder), kinds, encoder)
        requests = messages(arguments.texts, cycle(real_texts(arguments.data)) if arguments.data else corpus_texts(arguments.characters))
        over = asyncio.run(handed_over(requests, Settings(data_dir=Path(folder), model_dir=Path(folder))))
    mean = sum(len(r.body) for r in requests) / len(requests)
    print(f"{len(requests)} messages of {mean:.0f} characters in the mean, batches of {BATCH}, one core")
    values = [kafka_records.written(request) for request in requests]
    written = dict(zip(map(id, requests), values, strict=True))
    steps: dict[str, Callable[[Sequence[RequestReceived]], object]] = {
        "the record read": lambda batch: [kafka_records.read_event(written[id(r)], RequestReceived) for r in batch],
        "parts of the message": lambda batch: [message_parts.split(r.body, message_parts.Correspondence()) for r in batch],
        "language": lambda batch: language.detect([with_subject(r.subject, r.body) for r in batch], [None] * len(batch)),
        "redaction": lambda batch: [redaction.redact(None, r.body, None, "en") for r in batch],
        "category, without reasons": lambda batch: classifier.predict([r.body for r in batch]),
        "category and reasons": lambda batch: classifier.explained([r.body for r in batch]),
        SORTED: lambda batch: sorted_(batch, classifier),
        "signals and urgency": signalled,
        "kind of letter": lambda batch: [letter_kind(r.subject, r.body) for r in batch],
        "fingerprint": lambda batch: [fingerprint.fingerprint(None, r.body) for r in batch],
        "all of these, as an event": lambda batch: rules.triage(batch, classifier, kinds),
        "the event written too": lambda batch: list(map(kafka_records.written, rules.triage(batch, classifier, kinds))),
    }
    gc.freeze()  # as the service does
    gc.set_threshold(COLLECTED_EVERY)
    print(f"{'':<42}{'a second':>10}{'microseconds':>14}")
    for name, work in steps.items():
        work(requests[:BATCH])
        print(line(name, per_second(work, requests), f"  (asked for: {REQUIRED_PER_SECOND:,.0f})" if name == SORTED else ""))
    print(line("handed to the worker and back", over, "  of the process that talks to Kafka"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
