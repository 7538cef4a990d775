"""Measures near-duplicate look-up among a million cases: `python -m benchmarks.near_duplicates`.

With `[--cases 1000000] [--floors] [--database postgresql://...]`.
A case's text is some sentences of the corpus, put together by chance; one in a hundred is a campaign's letter with a word of its own.
Then people write once more what they wrote before: with small changes (in every 30 words, and at least once, a typing error or a word
more, less or other) and with larger ones (in every 8 words, and half of the time a further sentence). Recall is how often a lookup finds
the first message where both still have half of their word pairs in common, which is what `similar.ALIKE` asks for; beside it stands how
often it does among all. Precision is how much of what is found really has half of its word pairs in common, and with a tenth to spare.
"""

import argparse
import asyncio
import json
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from rich.progress import track

from services.domain import fingerprints
from services.migrations.upgrade import upgrade
from services.review.cases.near_duplicates import store as near_duplicates
from services.review.cases.near_duplicates.tables import FingerprintBandRow, FingerprintRow
from services.runtime.database import Database
from services.triage.fingerprint import fingerprint

CORPUS = Path(__file__).parents[1] / "services" / "triage" / "classification" / "corpus"
LETTER = (
    "I object to the closing of the library in {} Street. My children do their homework there, and my neighbours read the papers. "
    "The next one is forty minutes away by bus. Please keep it open, at least in the afternoons, and tell us when the council decides."
)
# Texts made of the same sentences lie around the border by the thousand, far more than letters do: there the estimate is tried hardest.
FLOORS = {"recall, small changes": 0.99, "recall, larger changes": 0.88, "nearly right": 0.95}
CEILING_MS = 100.0
"""Of the processor, for a lookup: how long it takes on the clock is the machine's affair."""
LOOKUPS = 400
BATCH = 5_000


class Writer:
    """Makes every text from its number alone, so that none has to be kept."""

    def __init__(self) -> None:
        rows = [json.loads(line)["text"] for path in sorted(CORPUS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
        self.sentences = [sentence for row in rows for sentence in re.split(r"(?<=[.!?])\s+", row) if len(sentence.split()) > 3]
        self.words = sorted({word for row in rows for word in row.split()})

    def text(self, number: int) -> str:
        """What the citizen of case `number` wrote."""
        chance = random.Random(number)
        if number % 100 == 0:
            return LETTER.format(chance.choice(self.words))
        return " ".join(chance.choice(self.sentences) for _ in range(chance.randint(2, 6)))

    def again(self, number: int, every: int, *, further: bool) -> str:
        """The same with a change in so many words, and perhaps a further sentence."""
        chance = random.Random(-number - every)
        words = self.text(number).split()
        for _ in range(max(1, round(len(words) / every))):
            at = chance.randrange(len(words))
            word = words[at]
            words[at : at + 1] = chance.choice(
                [[word, chance.choice(self.words)], [], [chance.choice(self.words)], [word[: len(word) // 2] + word[len(word) // 2 + 1 :]]]
            )
        if further and chance.random() < 0.5:
            words.append(chance.choice(self.sentences))
        return " ".join(words)


@dataclass
class LookupResults:
    """Hits and times of one kind of look-up."""

    seconds: list[float] = field(default_factory=list)
    processor_seconds: list[float] = field(default_factory=list)
    alike: list[bool] = field(default_factory=list)
    hits: list[bool] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    """Of each message that was found: how much it really shares."""

    @property
    def recall(self) -> float:
        """The share found of messages that still are alike."""
        return sum(hit and alike for hit, alike in zip(self.hits, self.alike, strict=True)) / max(sum(self.alike), 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--floors", action="store_true", help="exit 1 where a figure is worse than it may be")
    parser.add_argument("--database", help="an empty database; by default SQLite in a temporary folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite+aiosqlite:///{folder}/similar.db"
        upgrade(url)
        figures, slowest = asyncio.run(_measured(url, options.cases))
        if (file := Path(folder, "similar.db")).exists():
            print(f"{file.stat().st_size / options.cases:,.0f} bytes a case on disk")
    below = [f"{name} is {figures[name]:.3f}, floor {floor}" for name, floor in FLOORS.items() if figures[name] < floor]
    below += [f"lookups took {slowest:.0f} ms of the processor at p95, ceiling {CEILING_MS:.0f}"] if slowest > CEILING_MS else []
    if options.floors:
        print("\n".join(below) or "all floors held")
    return 1 if options.floors and below else 0


async def _measured(url: str, cases: int) -> tuple[dict[str, float], float]:
    database, writer = Database(url), Writer()
    try:
        await _fill(database, writer, cases)
        chance = random.Random(1)
        numbers = [number for number in chance.sample(range(cases), min(2 * LOOKUPS, cases)) if number % 100][:LOOKUPS]
        small = await _ask(database, writer, [(number, writer.again(number, 30, further=False)) for number in numbers], cases, 0)
        larger = await _ask(database, writer, [(number, writer.again(number, 8, further=True)) for number in numbers], cases, 1)
        campaign = await _ask(database, writer, [(100 * number, writer.text(100 * number)) for number in range(LOOKUPS // 4)], cases, 2)
    finally:
        await database.close()
    for name, lookups in (("small changes", small), ("larger changes", larger), ("campaign", campaign)):
        p50, p95 = _quantiles(lookups.seconds)
        print(
            f"{name:<15} lookup {p50:5.1f} ms p50 {p95:5.1f} ms p95   {len(lookups.shares) / len(lookups.seconds):5.1f} found each",
            end="   ",
        )
        if lookups is not campaign:  # of a campaign only the newest are looked for
            print(f"recall {lookups.recall:.3f} ({sum(lookups.hits) / len(lookups.hits):.3f} of all)", end="   ")
        print(f"precision {_precision(lookups.shares, 0):.3f} (with a tenth to spare {_precision(lookups.shares, 0.1):.3f})")
    shares = small.shares + larger.shares
    figures = {
        "recall, small changes": small.recall,
        "recall, larger changes": larger.recall,
        "nearly right": _precision(shares, 0.1),
    }
    return figures, max(_quantiles(run.processor_seconds)[1] for run in (small, larger, campaign))


def _precision(shares: list[float], spare: float) -> float:
    return sum(share >= near_duplicates.ALIKE - spare for share in shares) / max(len(shares), 1)


async def _fill(database: Database, writer: Writer, cases: int) -> None:
    """By the thousand and sorted, as nobody's cases come: otherwise a million would take an hour. Single inserts are timed later."""
    making = time.process_time()
    marks = (fingerprint(None, writer.text(number)) for number in track(range(cases), "making fingerprints"))
    values = np.zeros(cases * fingerprints.BANDS, dtype=np.int64)
    for start, batch in _batches(marks):
        rows = [{"number": start + i + 1, "request_id": UUID(int=start + i + 1), "fingerprint": mark} for i, mark in enumerate(batch)]
        for i, mark in enumerate(batch):
            slots = fingerprints.read(mark)
            assert slots, "every text of the corpus has words"
            at = (start + i) * fingerprints.BANDS
            values[at : at + fingerprints.BANDS] = fingerprints.bands(slots)
        async with database.transaction() as session:
            await (await session.connection()).execute(sa.insert(FingerprintRow), rows)
    seconds = time.process_time() - making
    order = np.argsort(values, kind="stable")
    for start in track(range(0, len(order), 10 * BATCH), "writing bands"):
        some = order[start : start + 10 * BATCH]
        numbers = (some // fingerprints.BANDS + 1).tolist()
        bands = [{"value": value, "number": number} for value, number in zip(values[some].tolist(), numbers, strict=True)]
        async with database.transaction() as session:
            await (await session.connection()).execute(sa.insert(FingerprintBandRow), bands)
    if not database.is_sqlite:
        async with database.transaction() as session:
            connection = await session.connection()
            await connection.execute(sa.text("select setval(pg_get_serial_sequence('review_fingerprints', 'number'), :n)"), {"n": cases})
            await connection.execute(sa.text("analyze review_fingerprints, review_fingerprint_bands"))
    print(f"{cases:,} cases, {len(order):,} bands; {seconds / cases * 1e6:.0f} µs of CPU each to write, fingerprint and store")


async def _ask(database: Database, writer: Writer, texts: list[tuple[int, str]], cases: int, turn: int) -> LookupResults:
    """Stores each text as a case of its own, one transaction each, and looks for what is like it."""
    result = LookupResults()
    storing: list[float] = []
    for offset, (number, text) in enumerate(texts):
        request_id = UUID(int=cases + turn * LOOKUPS + offset + 1)
        mark = fingerprint(None, text)
        started = time.perf_counter()
        async with database.transaction() as session:
            await near_duplicates.keep(session, request_id, mark)
        storing.append(time.perf_counter() - started)
        started, worked = time.perf_counter(), time.process_time()
        async with database.reading() as session:
            near = await near_duplicates.near(session, request_id)
        result.seconds.append(time.perf_counter() - started)
        result.processor_seconds.append(time.process_time() - worked)
        # What was asked for before is there too by now: only those count whose text can be made again.
        planted = [case.request_id.int - 1 for case in near if case.request_id.int <= cases]
        result.alike.append(_shared(text, writer.text(number)) >= near_duplicates.ALIKE)
        result.hits.append(number in planted)
        result.shares += (_shared(text, writer.text(other)) for other in planted)
    p50, p95 = _quantiles(storing)
    print(f"insert {p50:.1f} ms p50 {p95:.1f} ms p95: {len(storing) / sum(storing):,.0f} a second, a transaction each")
    return result


def _batches(marks: Iterator[str]) -> Iterator[tuple[int, list[str]]]:
    start = 0
    while batch := list(islice(marks, BATCH)):
        yield start, batch
        start += len(batch)


def _shared(text: str, other: str) -> float:
    """The exact share of word pairs that two texts have in common."""
    first, second = (set(pairwise(re.findall(r"\w+", written.casefold()))) for written in (text, other))
    return len(first & second) / max(len(first | second), 1)


def _quantiles(seconds: list[float]) -> tuple[float, float]:
    return statistics.median(seconds) * 1000, statistics.quantiles(seconds, n=20)[-1] * 1000


if __name__ == "__main__":
    sys.exit(main())
