"""Whether a letter is one trace: one id wherever it stands, one beginning, every parent there, and every step that its state implies.

What may be missing is what a killed process had no time to tell of: excused where it wrote a record of just that letter just before.
"""

import base64
import contextlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.harness.running_stack import RECEIVED, Agency, Caseworker, Installation

THEIR_SPAN = "00f067aa0ba902b7"
LAST_MOMENTS = timedelta(seconds=3)
"""The 250 ms that spans wait, and before them the rest of the step, which may wait for others' commits on a machine with other work."""

NOT_TOLD = ("lost", "untold")
"""Where nothing goes on any more, what is not told of yet is lost as well: the trace only does not know it."""

BY_HTTP = ("one by one", "batch")
OF_ALL = [("parvis.triage", f"process {RECEIVED}"), ("parvis.review", f"process {RECEIVED}")]
OF_DRAFTS = [
    ("parvis.drafting", "drafting.retrieve"),
    ("parvis.drafting", "drafting.write"),
    ("parvis.review", "process parvis.drafts.proposed.v1"),
    ("parvis.review", "awaiting approval"),
]
OF_SENT = [
    ("parvis.review", "decide approve"),
    ("parvis.review", "undo window"),
    ("parvis.review", "send parvis.replies.decided.v1"),
    ("parvis.dispatch", "process parvis.replies.decided.v1"),
    ("parvis.dispatch", "deliver"),
    ("parvis.dispatch", "send parvis.replies.dispatched.v1"),
    ("parvis.review", "process parvis.replies.dispatched.v1"),
]
DECISIONS = {"approve", "recall", "reject", "redraft", "close", "correct", "join"}


@dataclass
class Sent:
    """One letter, how it was handed over, and what is done with it before it is approved."""

    number: int
    request: dict[str, Any]
    way: str
    """How it comes: one by one or in a batch by HTTP, by Kafka, or by Kafka so that it is a dead letter first and put right."""
    theirs: str = ""
    """The trace that its publisher began on Kafka."""
    receipts: list[str] = field(default_factory=list)
    """The trace ids that intake told its sender."""
    plan: list[str] = field(default_factory=list)

    @property
    def request_id(self) -> str:
        return str(self.request["request_id"])


@dataclass(frozen=True)
class Record:
    """What is looked at of a record of Kafka's."""

    topic: str
    partition: int
    offset: int
    traceparent: str
    source: str
    written: tuple[datetime, ...]
    """When the event was made, and last when the broker had it."""
    told: str | None
    """The trace id in its value."""


@dataclass
class Kill:
    """A service that was killed, and when."""

    service: str
    at: datetime
    _read: dict[tuple[str, int], int] = field(default_factory=dict)

    def read(self, at: Installation) -> dict[tuple[str, int], int]:
        """How far it had read in each partition, and told of it, before its last moments."""
        if not self._read:
            query = """
                select json_extract(attributes, '$."messaging.destination.name"') as topic,
                    cast(json_extract(attributes, '$."messaging.destination.partition.id"') as integer),
                    max(case when ended < ? then json_extract(attributes, '$."messaging.kafka.offset"') else -1 end)
                from spans where service = ? and name = 'process ' || topic and ended < ? group by 1, 2"""
            long_ago, died = (int(moment.timestamp() * 1e9) for moment in (self.at - LAST_MOMENTS, self.at))
            with contextlib.closing(sqlite3.connect(at.data_dir / "traces.db")) as database:
                rows = database.execute(query, (long_ago, f"parvis.{self.service}", died)).fetchall()
            self._read = {(topic, partition): offset for topic, partition, offset in rows if partition is not None}
        return self._read


@dataclass
class World:
    """The installation, who works at it, and what happened."""

    at: Installation
    town: Agency
    mona: Caseworker
    letters: list[Sent]
    folder: Path
    seconds: dict[str, Sent] = field(default_factory=dict)
    """Cases of second matters, by their number, with the letter they are of."""
    kills: list[Kill] = field(default_factory=list)
    records: dict[str, set[Record]] = field(default_factory=lambda: defaultdict(set))

    def kill(self, service: str) -> None:
        """`kill -9`, workers too; the supervisor starts it again."""
        self.at.kill_service(service)
        self.kills.append(Kill(service, datetime.now().astimezone()))

    def collect(self) -> None:
        """Keeps what stands in Kafka now: the embedded broker forgets it with its end."""
        topics = [f"parvis.{name}.v1" for name in TOPICS]
        for record in self.at.raw_records(*topics):
            headers = {name: (value or b"").decode() for name, value in record.headers}
            try:
                value = json.loads(record.value)
            except ValueError:
                continue
            made = [datetime.fromisoformat(headers["ce_time"])] if "ce_time" in headers else []
            if record.topic == "parvis.dead-letters.v1":  # of the request that is in it, where that can be read
                with contextlib.suppress(ValueError):
                    value = {"request_id": json.loads(base64.b64decode(value["value"] or ""))["request_id"]}
            self.records[str(value.get("request_id"))].add(
                Record(
                    record.topic,
                    record.partition,
                    record.offset,
                    headers.get("traceparent", ""),
                    headers.get("ce_source", "").removeprefix("parvis/"),
                    (*made, datetime.fromtimestamp(record.timestamp / 1000, UTC)),
                    value.get("trace_id"),
                )
            )

    def died_with(self, request_id: str) -> set[str]:
        """The services that had the request in hand when they died: they had just written of it, or read of it, or were about to."""
        return {
            f"parvis.{kill.service}"
            for kill in self.kills
            for record in self.records[request_id]
            if (record.source == kill.service and any(kill.at - LAST_MOMENTS <= written <= kill.at for written in record.written))
            or (record.written[-1] <= kill.at and record.offset > kill.read(self.at).get((record.topic, record.partition), record.offset))
        }

    def died_deciding(self, case: dict[str, Any]) -> set[str]:
        """Review, where a person did something to the case in its last moments: a recall, for one, writes no record."""
        moments = [datetime.fromisoformat(entry["at"]) for entry in case["history"] if entry["actor"] != "parvis"]
        kills = [kill for kill in self.kills if kill.service == "review"]
        return {"parvis.review" for kill in kills for at in moments if kill.at - LAST_MOMENTS <= at <= kill.at}


TOPICS = (
    "requests.received", "requests.triaged", "drafts.requested", "drafts.proposed", "triage.corrected", "replies.decided",
    "replies.dispatched", "acknowledgements.decided", "acknowledgements.dispatched", "requests.status", "dead-letters",
)  # fmt: skip


def spans_of(world: World, letter: Sent) -> list[dict[str, Any]]:
    case = world.mona.case(letter.request_id)
    assert case
    spans: list[dict[str, Any]] = world.mona.gets(f"traces/{case['trace_id']}")["spans"]
    return spans


def faults_of(world: World) -> dict[str, list[str]]:
    """By letter, whatever isn't as it should be."""
    kept = traces_by_request(world.at)
    with ThreadPoolExecutor(4) as readers:
        faults = readers.map(lambda letter: list(faults_of_letter(world, letter, kept[letter.request_id])), world.letters)
    return {letter.request_id: each for letter, each in zip(world.letters, faults, strict=True) if each}


def traces_by_request(at: Installation) -> dict[str, set[str]]:
    """The traces whose spans name each request, as the store has them."""
    by_request = defaultdict(set)
    named = "select distinct json_extract(attributes, '$.\"parvis.request_id\"'), trace_id from spans"
    with contextlib.closing(sqlite3.connect(at.data_dir / "traces.db")) as database:
        for request_id, trace_id in database.execute(named):
            by_request[str(request_id)].add(trace_id)
    return by_request


def faults_of_letter(world: World, letter: Sent, kept: set[str]) -> Iterable[str]:
    case = world.mona.case(letter.request_id)
    assert case
    records = world.records[letter.request_id]
    ids = {case["trace_id"], world.town.asks(letter.request_id)["trace_id"], *letter.receipts, *kept}
    ids |= {r.traceparent.split("-")[1] for r in records if r.traceparent} | {r.told for r in records if r.told}
    if len(ids) != 1 or (letter.theirs and ids != {letter.theirs}):
        yield f"traces {ids}"
    for number, first in world.seconds.items():
        if first is letter and (second := world.mona.case(number)) and second["trace_id"] != case["trace_id"]:
            yield f"its second case is in {second['trace_id']}"
    if strangers := {r.topic for r in records if not r.traceparent and r.topic != RECEIVED}:
        yield f"without a trace: {strangers}"
    spans = spans_of(world, letter)
    excused = world.died_with(letter.request_id) | world.died_deciding(case)
    yield from faults_of_tree(letter, spans, excused)
    yield from (f"lost, and nothing was killed then: {span['name']}" for span in spans if span["status"] in NOT_TOLD and not excused)
    yield from (f"no {name!r} of {service}" for service, name in missing(letter, case, spans) if service not in excused)


def lost_of(world: World, letter: Sent) -> int:
    """How many steps a kill took from its trace."""
    case, spans = world.mona.case(letter.request_id), spans_of(world, letter)
    assert case
    marked = [span for span in spans if span["status"] in NOT_TOLD]
    return max(len(marked), len(missing(letter, case, spans)))


def missing(letter: Sent, case: dict[str, Any], spans: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """The steps that should be there and are not; one that is marked as lost is among them, since nobody knows its name."""
    steps = {(span["service"], span["name"]) for span in spans}
    return [step for step in expected(letter, case) if step not in steps]


def faults_of_tree(letter: Sent, spans: list[dict[str, Any]], excused: set[str]) -> Iterable[str]:
    present = {span["span_id"] for span in spans}
    outside = {span["parent_id"] for span in spans if span["parent_id"] and span["parent_id"] not in present}
    if outside != ({THEIR_SPAN} if letter.theirs else set()):
        yield f"parents that aren't there: {outside}"
    roots = [(span["service"], span["name"]) for span in spans if not span["parent_id"]]
    root = ("parvis.intake", "accept request") if letter.way in BY_HTTP else ("parvis.triage", f"send {RECEIVED}")
    lost = len(roots) == 1 and not roots[0][0] and root[0] in excused
    if roots != ([] if letter.theirs else [root]) and not lost:
        yield f"roots {roots}"


def expected(letter: Sent, case: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """The steps that the case's state and what people did with it imply."""
    yield from OF_ALL
    if letter.way in BY_HTTP:
        yield ("parvis.intake", f"send {RECEIVED}")
    for entry in case["history"]:
        if entry["action"] in DECISIONS and entry["actor"] != "parvis":
            yield ("parvis.review", f"decide {entry['action']}")
    if case["drafts"]:
        yield from OF_DRAFTS
    if case["state"] == "sent":
        yield from OF_SENT
