"""What telemetry costs: `python -m benchmarks.telemetry_cost [--count N] [--rounds N] [--apache]`.

Triage's hop over Kafka, as in `benchmarks.hop`, with spans and figures as in production and with neither, in turns in one run. A round is
both, one right after the other, and its ratio is of these two: what the machine does besides changes from round to round and not within.
Neither: `OTEL_SDK_DISABLED`, and counters that count nothing, in the service and in its worker. The first round learns the classifier
that all others read, and isn't counted.

Then the local store: how many spans of 1,000 requests it writes a second, what room they take, and what a search takes.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from opentelemetry.sdk.trace import ReadableSpan

from benchmarks.hop import broker, one_round, records
from services.runtime import clock
from services.runtime.settings import KafkaSettings
from services.runtime.span_store import LocalTraces
from services.runtime.trace_retention import Retention
from services.runtime.trace_summaries import TraceQuery
from tests.trace_examples import three_days

REQUESTS = 1000
AT_ONCE = 512
WARM_UP = 1000  # messages

NO_FIGURES = """
from prometheus_client import Counter, Gauge, Histogram

def nothing(*arguments, **named):
    pass

Counter.inc = Gauge.inc = Gauge.dec = Gauge.set = Histogram.observe = nothing
"""
"""Python runs this before a program (`sitecustomize`), in its children as well: figures have no switch, since nobody should want one."""


class Held:
    """Takes spans as the store does, and only holds them."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def export(self, spans: Sequence[ReadableSpan]) -> None:
        """Holds them."""
        self.spans += spans


def hop(count: int, rounds: int, *, apache: bool) -> None:
    """On and off in turns, round by round."""
    with broker(apache=apache) as kafka, tempfile.TemporaryDirectory(prefix="parvis-telemetry-") as folder:
        silent = Path(folder) / "silent"
        silent.mkdir()
        (silent / "sitecustomize.py").write_text(NO_FIGURES)
        off = {"OTEL_SDK_DISABLED": "true", "PYTHONPATH": os.pathsep.join(filter(None, [str(silent), os.environ.get("PYTHONPATH")]))}
        states: dict[str, Mapping[str, str]] = {"on": {"OTEL_SDK_DISABLED": "false"}, "off": off}
        _round(states, list(states), kafka, WARM_UP, Path(folder))
        pairs = []
        for number in range(rounds):
            began = time.perf_counter()
            # Whoever is first has a colder machine.
            pair = _round(states, ["on", "off"] if number % 2 else ["off", "on"], kafka, count, Path(folder))
            pairs.append(pair)
            shown = ", ".join(
                f"{state} {wall:,.0f} messages a second and {core:,.0f} a processor second" for state, (wall, core) in pair.items()
            )
            print(f"round {number + 1} of {rounds}: {shown} ({time.perf_counter() - began:.0f} s)", flush=True)
    print("\n".join(lines_of(pairs)))


def _round(
    states: Mapping[str, Mapping[str, str]], order: Sequence[str], kafka: KafkaSettings, count: int, folder: Path
) -> dict[str, tuple[float, float]]:
    """One after the other, with a store of traces that grows in no round beyond what this one brings."""
    measured = {}
    for state in order:
        data_dir = folder / "data"
        data_dir.mkdir(exist_ok=True)
        measured[state] = one_round("parvis", kafka, records(count, None), data_dir, **states[state])
        for file in data_dir.glob("traces.db*"):
            file.unlink()
    return measured


def lines_of(pairs: Sequence[Mapping[str, tuple[float, float]]]) -> list[str]:
    """The medians, and what each round's ratio says of the cost."""
    lines = []
    for state in ("on", "off"):
        wall, core = zip(*(pair[state] for pair in pairs), strict=True)
        lines.append(
            f"telemetry {state:<4} {statistics.median(wall):>7,.0f} messages a second, {statistics.median(core):>7,.0f} a processor second"
        )
    for what, which in (("processor time", 1), ("time", 0)):
        ratios = [pair["off"][which] / pair["on"][which] for pair in pairs]
        lines.append(
            f"{what} of a hop with telemetry / without: {statistics.median(ratios):.3f}, rounds from {min(ratios):.3f} to {max(ratios):.3f}"
        )
    return lines


def store() -> None:
    """The local store alone, in one process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "traces.db"
        traces = LocalTraces(path, Retention(timedelta(days=30), 1000.0))
        ids = [uuid4() for _ in range(REQUESTS)]
        recorded = Held()
        for request_id in ids:
            three_days(recorded, request_id, clock.now())
        began, used = time.perf_counter(), time.process_time()
        for first in range(0, len(recorded.spans), AT_ONCE):
            traces.export(recorded.spans[first : first + AT_ONCE])
        seconds, used = time.perf_counter() - began, time.process_time() - used
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
        print(
            f"store: {REQUESTS} requests of {len(recorded.spans) // REQUESTS} spans, {AT_ONCE} an export as the SDK does it:"
            f" {len(recorded.spans) / seconds:,.0f} spans a second ({len(recorded.spans) / used:,.0f} a processor second),"
            f" {size / 1e6:.1f} MB ({size / REQUESTS / 1000:.1f} kB a request)"
        )
        began = time.perf_counter()
        traces.search(TraceQuery(agency="belrive", failed=True))
        listed = time.perf_counter()
        traces.search(TraceQuery(request_id=str(ids[500])))
        print(
            f"search: {(listed - began) * 1000:.1f} ms a page by agency and failure, {(time.perf_counter() - listed) * 1000:.1f} ms by id"
        )


def main() -> None:
    """Both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=5000, help="messages a round and state")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--apache", action="store_true", help="on Apache Kafka instead of the embedded broker")
    parser.add_argument("--store", action="store_true", help="the local store alone")
    asked = parser.parse_args()
    if not asked.store:
        hop(asked.count, asked.rounds, apache=asked.apache)
    store()


if __name__ == "__main__":
    main()
