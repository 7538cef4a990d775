"""Measures the hop of triage beside plainer programs: `python -m benchmarks.hop [--data FOLDER] [--rounds N] [--kafka]`.

All read the same records of `parvis.requests.received.v1` and write one for each, on one core, the broker wherever there is room:

- parvis: `parvis serve triage` with everything on: redaction, signals, explanation, a worker that can be stopped, spans, figures;
- faststream: what FastStream's documentation shows, one message at a time, a scikit-learn pipeline;
- aiokafka: a bare loop over batches with a vectorised pipeline, one wait for all that was sent;
- confluent: the same with confluent-kafka, where it is installed.

They take turns, round by round. Messages a second are taken between the first and the last tenth of what is written, so that no start is
in them; `core` is what the program's processes used of their core in that time. With --kafka an Apache Kafka is started as well.
"""

import argparse
import asyncio
import contextlib
import importlib.util
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from benchmarks.triage_throughput import corpus_texts, real_texts
from schemas import requests_received, requests_triaged
from schemas.requests_received import LONGEST_BODY, RequestReceived
from services.local import topic_provisioning
from services.runtime import clock, kafka_records
from services.runtime.settings import KafkaSettings
from tests.harness.embedded_broker import embedded
from tests.harness.kafka_cluster import KafkaCluster

PROGRAMS = ("parvis", "faststream", "aiokafka", "confluent")
CHARACTERS = 450
PARTITIONS = topic_provisioning.EMBEDDED_PARTITIONS
READY_SECONDS = 180.0
TICKS = os.sysconf("SC_CLK_TCK")


def records(count: int, data: Path | None) -> list[bytes]:
    """So many requests as they stand in Kafka."""
    texts = cycle(real_texts(data)) if data else corpus_texts(CHARACTERS)
    return [
        kafka_records.written(
            RequestReceived(request_id=uuid4(), agency="city", channel="web", received_at=clock.now(), body=text[:LONGEST_BODY])
        )
        for text in islice(texts, count)
    ]


async def publish(bootstrap: str, values: Sequence[bytes]) -> None:
    """Writes them, spread over the partitions."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, linger_ms=20, max_batch_size=256 * 1024) as producer:
        waiting = [await producer.send(requests_received.TOPIC, value, key=str(number).encode()) for number, value in enumerate(values)]
        await asyncio.gather(*waiting)


def processor_seconds(pid: int) -> float:
    """Of the process and all its children."""
    total = 0.0
    pids = [pid]
    while pids:
        at = pids.pop()
        with contextlib.suppress(OSError, IndexError):
            fields = Path(f"/proc/{at}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / TICKS
            for task in Path(f"/proc/{at}/task").iterdir():
                pids += map(int, (task / "children").read_text().split())
    return total


async def measured(bootstrap: str, pid: int, expected: int) -> tuple[float, float]:
    """Messages a second that appear in the topic of triaged requests, and messages a processor second."""
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer:
        partitions = [TopicPartition(requests_triaged.TOPIC, number) for number in range(PARTITIONS)]
        deadline = time.monotonic() + READY_SECONDS
        marks: list[tuple[int, float, float]] = []
        first, last = expected // 10, expected * 9 // 10
        begun = 0
        while time.monotonic() < deadline:
            ends = sum((await consumer.end_offsets(partitions)).values())
            begun = begun if marks else ends
            done = ends - begun
            marks.append((done, time.monotonic(), processor_seconds(pid)))
            if done >= last:
                break
            await asyncio.sleep(0.05)
        inside = [mark for mark in marks if mark[0] >= first]
        if len(inside) < 2 or inside[-1][0] < last:
            raise SystemExit(f"only {marks[-1][0] if marks else 0} of {expected} records were written in {READY_SECONDS:.0f} seconds")
        (count, at, used), (count_then, at_then, used_then) = inside[0], inside[-1]
        return (count_then - count) / (at_then - at), (count_then - count) / max(used_then - used, 1e-9)


@contextlib.contextmanager
def running(program: str, kafka: KafkaSettings, data_dir: Path, further: Mapping[str, str]) -> Iterator[int]:
    """The program on one core; its process id."""
    environment = {
        **os.environ,
        **further,
        "PARVIS_DATA_DIR": str(data_dir),
        "PARVIS_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "PARVIS_KAFKA_EPHEMERAL": str(kafka.ephemeral).lower(),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    script = "from services.cli.main import main; main()"
    command = ["-c", script, "serve", "triage", "--port", "18199"] if program == "parvis" else ["-m", "benchmarks.hop_programs", program]
    core = max(os.sched_getaffinity(0))
    process = subprocess.Popen(
        ["taskset", "--cpu-list", str(core), sys.executable, *command],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=(data_dir / f"{program}.log").open("ab"),
        start_new_session=True,
    )
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def one_round(program: str, kafka: KafkaSettings, values: Sequence[bytes], data_dir: Path, **further: str) -> tuple[float, float]:
    """What one program does with fresh records: messages a second, and a processor second. `further`: of its environment."""
    asyncio.run(publish(kafka.bootstrap, values))
    with running(program, kafka, data_dir, further) as pid:
        return asyncio.run(measured(kafka.bootstrap, pid, len(values)))


@contextlib.contextmanager
def broker(*, apache: bool) -> Iterator[KafkaSettings]:
    """A broker with the topics."""
    if apache:
        with KafkaCluster() as cluster:
            yield KafkaSettings(bootstrap=cluster.bootstrap, partitions=PARTITIONS)
    else:
        with embedded() as kafka:
            yield kafka


def table(speeds: Mapping[str, Sequence[tuple[float, float]]]) -> None:
    """A line a program, and Parvis's ratio to each other one, round by round, where Parvis was measured too."""
    print(f"{'':<12}{'a second, median':>18}{'range':>20}{'a processor second':>20}{'parvis / this':>15}{'range':>14}")
    for program, rounds in speeds.items():
        wall = [speed for speed, _ in rounds]
        ratios = [ours / theirs for (ours, _), (theirs, _) in zip(speeds.get("parvis", ()), rounds, strict=False)]
        beside = f"{statistics.median(ratios):>15.2f}{f'{min(ratios):.2f} to {max(ratios):.2f}':>14}" if ratios else ""
        print(
            f"{program:<12}{statistics.median(wall):>18,.0f}{f'{min(wall):,.0f} to {max(wall):,.0f}':>20}"
            f"{statistics.median(core for _, core in rounds):>20,.0f}{beside}"
        )


def main() -> int:
    """Prints a table a broker."""
    parser = argparse.ArgumentParser(prog="benchmarks.hop", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--messages", type=int, default=6_000)
    parser.add_argument("--only", nargs="*", choices=PROGRAMS)
    parser.add_argument("--kafka", action="store_true")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # whoever ends this ends what it has started
    programs = [p for p in arguments.only or PROGRAMS if p != "confluent" or importlib.util.find_spec("confluent_kafka")]
    values = records(arguments.messages, arguments.data)
    for apache in (False, True) if arguments.kafka else (False,):
        with tempfile.TemporaryDirectory(prefix="parvis-hop-") as folder, broker(apache=apache) as kafka:
            topic_provisioning.make_so(kafka)
            speeds: dict[str, list[tuple[float, float]]] = {program: [] for program in programs}
            for _ in range(arguments.rounds):
                for program in programs:
                    speeds[program].append(one_round(program, kafka, values, Path(folder)))
            print(f"\n{'Apache Kafka' if apache else 'the embedded broker'}: {len(values)} messages a round, {arguments.rounds} rounds")
            table(speeds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
