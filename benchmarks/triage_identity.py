"""Writes what triage decides on 20,000 messages, or compares it with what another version wrote: `python -m benchmarks.triage_identity`.

`--write FILE` on one version and `--against FILE` on the other: every event must be the same, byte for byte. The messages are
the corpus, the sets of `benchmarks/sets`, those of `--data`, and the hostile shapes that `tests/unit/test_hostile_length.py` drives; most
several times: with a subject, by somebody whose name is on record, in capitals, joined, quoted, and cut.
"""

import argparse
import hashlib
import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from benchmarks.triage_throughput import real_texts
from schemas.requests_received import LONGEST_BODY, RequestReceived
from schemas.values import Person
from services.domain import taxonomy
from services.runtime import kafka_records
from services.triage import rules
from services.triage.classification import model_store
from tests.unit.test_hostile_length import CITIZEN, SHAPES

BATCH = 64
HOSTILE_CHARACTERS = 1_500


def _texts(data: Path | None) -> list[str]:
    texts = [row.text for row in model_store.corpus_rows(taxonomy.load())]
    texts += chain.from_iterable(map(_strings, sorted((Path(__file__).parent / "sets").glob("*.jsonl"))))
    texts += real_texts(data) if data else []
    texts += [(shape * HOSTILE_CHARACTERS)[:HOSTILE_CHARACTERS] for shape in SHAPES]
    return [text[:LONGEST_BODY] for text in texts if text.strip()]


def _strings(file: Path) -> Iterator[str]:
    for line in file.read_text(encoding="utf-8").splitlines():
        for value in json.loads(line).values():
            if isinstance(value, str) and " " in value:
                yield value


def _variants(text: str, other: str, draw: random.Random) -> Iterator[tuple[str | None, str, Person | None]]:
    """Subject, body and sender."""
    yield None, text, None
    yield other[:60].replace("\n", " "), text, CITIZEN
    yield None, f"{text}\n\n{other}", None
    yield "Re: " + text[:40], f"{other[:200]}\n\nOn Monday, Ann Li wrote:\n" + "\n".join(f"> {line}" for line in text.splitlines()), None
    yield "Contact form", text.upper(), None
    yield None, text[draw.randrange(len(text)) :], CITIZEN
    yield None, text[: draw.randrange(1, len(text) + 1)] + "\n\nKind regards,\nIda Kestrel\n020 7946 0123", None


def messages(count: int, data: Path | None) -> list[RequestReceived]:
    """The same ones, whichever version asks."""
    draw = random.Random(1)
    texts = _texts(data)
    draw.shuffle(texts)
    requests: list[RequestReceived] = []
    rounds = [list(_variants(text, draw.choice(texts), draw)) for text in texts]
    for number, (subject, body, citizen) in enumerate(chain.from_iterable(zip(*rounds, strict=True))):
        if number == count:
            break
        if body.strip():
            requests.append(
                RequestReceived(
                    request_id=uuid5(NAMESPACE_URL, str(number)),
                    agency="city",
                    channel="web",
                    received_at=datetime(2026, 1, 1, tzinfo=UTC),
                    subject=subject if subject and subject.strip() else None,
                    body=body[:LONGEST_BODY],
                    citizen=citizen,
                )
            )
    return requests


def events(requests: Sequence[RequestReceived]) -> Iterator[str]:
    """Each event as it would stand in Kafka, but for which model it was: training again may name it anew."""
    kinds = taxonomy.load()
    with tempfile.TemporaryDirectory() as folder:
        classifier = model_store.default_classifier(Path(folder), kinds)
        for first in range(0, len(requests), BATCH):
            for event in rules.triage(requests[first : first + BATCH], classifier, kinds, "replies@city.example"):
                yield kafka_records.written(event.model_copy(update={"model_version": ""})).decode()


def main() -> int:
    """Prints how many are the same, and the first that are not."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.triage_identity", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--against", type=Path)
    arguments = parser.parse_args()
    requests = messages(arguments.count, arguments.data)
    lines = list(events(requests))
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    print(f"{len(lines)} events, SHA-256 {digest[:16]}")
    if arguments.write:
        arguments.write.write_text("\n".join(lines), encoding="utf-8")
    if not arguments.against:
        return 0
    before = arguments.against.read_text(encoding="utf-8").split("\n")
    differ = [number for number, (old, new) in enumerate(zip(before, lines, strict=True)) if old != new]
    for number in differ[:3]:
        old, new = json.loads(before[number]), json.loads(lines[number])
        print(f"message {number}: {sorted(name for name in old | new if old.get(name) != new.get(name))} differ")
    print(f"{len(lines) - len(differ)} of {len(lines)} are the same")
    return bool(differ)


if __name__ == "__main__":
    sys.exit(main())
