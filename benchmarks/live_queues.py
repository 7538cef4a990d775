"""Measures what open queues cost: `python -m benchmarks.live_queues [--queues 200] [--changes 5] [--seconds 20]`.

A server of the pages runs in a process of its own on SQLite; so many streams of live updates stand open, and others change cases.
Printed are memory and processor time of the server, with and without changes, and how long after its commit the last one is told.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.open_streams import Streams, served_in
from services.runtime import clock
from tests.pages.city import ANNA, Browser, City, hidden_fields, without_kafka

CEILING_SECONDS = 2.0


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def measure(queues: int, changes: float, seconds: float) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        city = City(without_kafka(Path(folder)))
        passwords = await city.hires(ANNA)
        sessions = [await sign_in(city, passwords[ANNA.email]) for _ in range(queues // 8 + 1)]
        async with served_in(Path(folder)) as (pid, port):
            before = memory_mib(pid)
            async with Streams.opened(port, [sessions[n // 8] for n in range(queues)]) as streams:
                memory = memory_mib(pid) - before
                idle = await busy(pid, seconds)
                began, delays = cpu_seconds(pid), []
                end = time.monotonic() + seconds
                while time.monotonic() < end:
                    request_id = str(await city.receives())
                    committed = time.monotonic()
                    delays.append(await streams.all_heard_of(request_id) - committed)
                    await asyncio.sleep(max(0.0, 1 / changes - (time.monotonic() - committed)))
                load = (cpu_seconds(pid) - began) / seconds
        await city.app.state.database.close()
    return {
        "streams": queues,
        "memory of all, MiB": round(memory, 1),
        "memory of one, KiB": round(memory * 1024 / queues),
        "processor, idle, %": round(100 * idle, 1),
        "processor, with changes, %": round(100 * load, 1),
        "changes a second": round(len(delays) / seconds, 1),
        "last one told after, median, s": round(statistics.median(delays), 2),
        "last one told after, worst, s": round(max(delays), 2),
    }


async def busy(pid: int, seconds: float) -> float:
    began = cpu_seconds(pid)
    await asyncio.sleep(seconds)
    return (cpu_seconds(pid) - began) / seconds


async def sign_in(city: City, password: str) -> tuple[str, str]:
    browser = Browser(city)
    async with browser.client:
        await browser.signs_in(ANNA.email, password)
        return browser.client.cookies["parvis_session"], hidden_fields((await browser.opens("/")).text)["csrf"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queues", type=int, default=200)
    parser.add_argument("--changes", type=float, default=1.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    arguments = parser.parse_args()
    started = clock.now()
    figures = asyncio.run(measure(arguments.queues, arguments.changes, arguments.seconds))
    print(json.dumps({"at": started.isoformat(timespec="seconds"), **figures}, indent=2))
    sys.exit(figures["last one told after, median, s"] > CEILING_SECONDS)


if __name__ == "__main__":
    main()
