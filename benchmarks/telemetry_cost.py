"""What telemetry costs: `python -m benchmarks.telemetry_cost [--count N] [--rounds N] [--apache]`.

Triage's hop over Kafka, as in `benchmarks.hop`, with telemetry as in production and without, in turns in one run: messages a second, and
a processor second, whose ratio is the cost. Without: `OTEL_SDK_DISABLED`, so no spans; figures can't be switched off, and are timed
by themselves. Then the local store: how many spans of 1,000 requests it writes a second, what room they take, and what a search takes.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from opentelemetry.sdk.trace import ReadableSpan

from benchmarks.hop import broker, one_round, records
from services.runtime import clock
from services.runtime.span_store import LocalTraces
from services.runtime.trace_retention import Retention
from services.runtime.trace_summaries import TraceQuery
from tests.trace_examples import three_days

REQUESTS = 1000
AT_ONCE = 512


class Told:
    """Takes spans as the store does, and only holds them."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def export(self, spans: Sequence[ReadableSpan]) -> None:
        """Holds them."""
        self.spans += spans


def hop(count: int, rounds: int, *, apache: bool) -> None:
    """On and off in turns, round by round."""
    speeds: dict[str, list[tuple[float, float]]] = {"on": [], "off": []}
    with broker(apache=apache) as kafka, tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            for state in ("on", "off") if number % 2 else ("off", "on"):  # whoever is first has a colder machine
                os.environ["OTEL_SDK_DISABLED"] = str(state == "off").lower()
                data_dir = Path(folder) / state
                data_dir.mkdir(exist_ok=True)
                speeds[state].append(one_round("parvis", kafka, records(count, None), data_dir))
    os.environ.pop("OTEL_SDK_DISABLED")
    for state, measured in speeds.items():
        wall, core = zip(*measured, strict=True)
        print(f"spans {state:<4} {statistics.median(wall):>7,.0f} messages a second, {statistics.median(core):>7,.0f} a processor second")
    costs = [1 - on / off for (_, on), (_, off) in zip(speeds["on"], speeds["off"], strict=True)]
    print(f"cost of spans: {statistics.median(costs):.1%} of the processor time of a hop (rounds: {', '.join(f'{c:.1%}' for c in costs)})")


def store() -> None:
    """The local store alone, in one process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "traces.db"
        traces = LocalTraces(path, Retention(timedelta(days=30), 1000.0))
        ids = [uuid4() for _ in range(REQUESTS)]
        recorded = Told()
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
    parser.add_argument("--count", type=int, default=8000, help="messages a round")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--apache", action="store_true", help="on Apache Kafka instead of the embedded broker")
    parser.add_argument("--store", action="store_true", help="the local store alone")
    asked = parser.parse_args()
    if not asked.store:
        hop(asked.count, asked.rounds, apache=asked.apache)
    store()


if __name__ == "__main__":
    main()
