"""Measures lists, searches, counts and pages of the workbench among few and many cases: `python -m benchmarks.workbench`.

With `[--postgres 10000 1000000] [--sqlite 10000 100000] [--plans] [--floors] [--only page] [--urls URL URL]`. PostgreSQL is started and
stopped here. Each is run in turns on both databases; printed are the quickest runs, as what else the machine does only adds to one, and how
many times longer the larger takes. What takes more than twice as long is slow, unless it takes no more than five milliseconds: nobody
notices these. A search that has 6 hits among few cases and the most that are listed, 500, among many does more for it, so that each further
hit has its time; a scan of a million cases takes far longer than all of these. Every
statement is then explained: one that reads all cases, words, counts or entries of the log is named, however quick it was. At last, how many
events a second review takes in, with and without what keeps words and counts.
"""

import argparse
import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import sqlalchemy as sa
from pydantic import SecretStr
from sqlmodel import col

from benchmarks import workbench_cases
from benchmarks.workbench_cases import AGENCIES, COMMON_WORD, RARE_WORD, Cases
from schemas.values import Urgency
from services.domain import taxonomy
from services.migrations.upgrade import upgrade
from services.review import handlers
from services.review.app import create
from services.review.audit import chain_store
from services.review.audit.export import Choice
from services.review.cases import statistics_store, store
from services.review.cases.case_state import State
from services.review.cases.commands import CaseCommands
from services.review.cases.daily_figures import daily_store
from services.review.cases.daily_figures.daily_tables import FigureChangeRow
from services.review.cases.queue import case_lists, counts_store, list_order
from services.review.cases.queue.case_lists import Query
from services.review.cases.search import search_store
from services.review.cases.upkeep_tables import UpkeepRow
from services.review.ops import audit_pages
from services.review.people.rules import Person, Role, Scope
from services.runtime import clock
from services.runtime.database import Database, Session
from services.runtime.settings import KafkaSettings, Settings
from tests import case_builders
from tests.harness.postgres import Postgres
from tests.pages.city import Browser, City

RUNS, WARM_UP = 9, 2
HIGHEST_RATIO = 2.0
DAYS = 70
NOTICED = 5.0
"""Milliseconds that nobody notices."""
FURTHER_HIT = 0.2
"""Milliseconds for each hit that a search has more of: it is looked for, and read, among further cases."""
READ_IN_PART = ("review_cases", "review_search", "review_audit", "review_decisions", "review_draft_edits")
EVENTS = 600
Work = Callable[[Session], Awaitable[object]]
WAITING = (State.AWAITING_APPROVAL,)
LIMITED = Scope(("streets",), (AGENCIES[3], AGENCIES[4]))


@dataclass
class Bench:
    """One filled database with the application on it."""

    cases: Cases
    settings: Settings
    database: Database
    browser: Browser
    supervisor: Browser
    statements: list[tuple[str, Any]] = field(default_factory=list)

    def note(self, _c: object, _k: object, statement: str, parameters: Any, *_: object) -> None:  # noqa: ANN401 - as the event gives them
        """Keeps a statement for its plan."""
        self.statements.append((statement, parameters))

    async def time(self, work: Callable[["Bench"], Awaitable[object]]) -> tuple[float, int]:
        """Milliseconds of one run, and how many hits a search had."""
        started = time.perf_counter()
        hits = await work(self)
        return (time.perf_counter() - started) * 1000, hits if isinstance(hits, int) else 0


@contextlib.asynccontextmanager
async def bench(url: str, cases: Cases, folder: Path) -> AsyncIterator[Bench]:
    settings = Settings(data_dir=folder, database_url=SecretStr(url), kafka=KafkaSettings(bootstrap="127.0.0.1:9"))
    city = City(create(settings))
    database = city.app.state.database
    browsers = []
    for role in (Role.CASEWORKER, Role.SUPERVISOR):
        person = Person(f"{uuid4().hex}@city.example", "Bench", role)  # another one each time: a database may be kept
        browsers.append(Browser(city))
        await browsers[-1].signs_in(person.email, (await city.hires(person))[person.email])
    made = Bench(cases, settings, database, browser=browsers[0], supervisor=browsers[1])
    sa.event.listen(database.engine.sync_engine, "before_cursor_execute", made.note)
    try:
        yield made
    finally:
        for browser in browsers:
            await browser.client.aclose()
        await database.close()


def _listed(**query: Any) -> Callable[[Bench], Awaitable[object]]:  # noqa: ANN401 - a query's
    async def work(on: Bench) -> object:
        async with on.database.reading() as session:
            looked_for = await case_lists.searched(session, Query(**query))
            await case_lists.page_of(session, looked_for)
            return len(looked_for.hits.request_ids) if looked_for.hits else 0

    return work


def _second(**query: Any) -> Callable[[Bench], Awaitable[object]]:  # noqa: ANN401 - a query's
    """From the second page to the third and back."""

    async def work(on: Bench) -> object:
        async with on.database.reading() as session:
            first = await case_lists.page_of(session, Query(**query))
            second = await case_lists.page_of(session, Query(**query, cursor=first.next))
            return await case_lists.page_of(session, Query(**query, cursor=second.previous)) if second.previous else None

    return work


def _counted(**query: Any) -> Callable[[Bench], Awaitable[object]]:  # noqa: ANN401 - a query's
    async def work(on: Bench) -> object:
        async with on.database.reading() as session:
            return await case_lists.counts_of(session, Query(**query))

    return work


def _logged(**choice: Any) -> Callable[[Bench], Awaitable[object]]:  # noqa: ANN401 - a choice's
    async def work(on: Bench) -> object:
        async with on.database.reading() as session:
            return await chain_store.newest(session, Choice(**choice), None, audit_pages.SHOWN)

    return work


def _opened(path: str, *, by_supervisor: bool = False) -> Callable[[Bench], Awaitable[object]]:
    async def work(on: Bench) -> object:
        number = on.cases.count // 2
        answer = await (on.supervisor if by_supervisor else on.browser).opens(path.format(case=on.cases.request_id(number), number=number))
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return answer

    return work


async def _languages(on: Bench) -> object:
    async with on.database.reading() as session:
        return await case_lists.languages(session, LIMITED)


async def _case(on: Bench) -> object:
    async with on.database.reading() as session:
        return await store.look(session, on.cases.request_id(on.cases.count // 2))


def works() -> dict[str, Callable[[Bench], Awaitable[object]]]:
    """What is measured, by name."""
    sorts: tuple[list_order.Sort, ...] = ("urgency", "due", "received", "-received")
    measured: dict[str, Callable[[Bench], Awaitable[object]]] = {}
    for sort in sorts:
        measured[f"list to decide, {sort}"] = _listed(states=WAITING, sort=sort)
        measured[f"list sent, {sort}"] = _listed(states=(State.SENT,), sort=sort)
        measured[f"list all, {sort}"] = _listed(sort=sort)
        measured[f"three pages to decide, {sort}"] = _second(states=WAITING, sort=sort)
    for states, tab in ((WAITING, "to decide"), ((State.SENT,), "sent")):
        sort = "urgency" if states is WAITING else "-received"
        measured |= {
            f"list {tab}, limited person": _listed(states=states, sort=sort, scope=LIMITED),
            f"list {tab}, one agency": _listed(states=states, sort=sort, scope=Scope(agencies=(AGENCIES[5],))),
            f"list {tab}, department": _listed(states=states, sort=sort, department="streets"),
            f"list {tab}, category": _listed(states=states, sort=sort, category="noise_nuisance"),
            f"list {tab}, high urgency alone": _listed(states=states, sort=sort, urgency=Urgency.HIGH),
            f"list {tab}, frequent language": _listed(states=states, sort=sort, language="fr"),
            f"list {tab}, rare language": _listed(states=states, sort=sort, language="fi"),
            f"list {tab}, category and language": _listed(states=states, sort=sort, category="housing", language="ar"),
            f"list {tab}, only mine": _listed(states=states, sort=sort, assignee="person7@city.example"),
        }
    texts = {
        "rare word": RARE_WORD, "frequent word": COMMON_WORD, "beginning": "lam", "two letters": "st", "frequent words": "the and street",
        "phrase": '"in the"', "name": "Chloé Dupont", "e-mail": "ana.marlow17@example.org", "nothing": "xylophones",
        "rare and frequent word": f"the {RARE_WORD}", "telephone": "06 12 34 56 7", "no case number": "deadbeef-0000",
    }  # fmt: skip
    for name, text in texts.items():
        measured[f"search all, {name}"] = _listed(text=text)
        measured[f"search to decide, {name}"] = _listed(text=text, states=WAITING)
    measured |= {
        "search sent, frequent word, limited person": _listed(text=COMMON_WORD, states=(State.SENT,), scope=LIMITED),
        "count all": _counted(),
        "count, limited person": _counted(scope=LIMITED),
        "count, category": _counted(category="noise_nuisance"),
        "count, language": _counted(language="fr"),
        "count, urgency and department": _counted(urgency=Urgency.HIGH, department="streets"),
        "count, only mine": _counted(assignee="person7@city.example"),
        "count, frequent word": _counted(text=COMMON_WORD),
        "count, rare word": _counted(text=RARE_WORD),
        "languages, limited person": _languages,
        "a case": _case,
        "log": _logged(),
        "log, limited person": _logged(cases=statistics_store.ids_in(LIMITED)),
        "log, one agency": _logged(cases=statistics_store.ids_in(Scope(agencies=(AGENCIES[9],)))),
        "log, of one person": _logged(actor="person7@city.example"),
        "log, of last year": _logged(until=workbench_cases.START + timedelta(days=365)),
        "page: log": _opened("/audit", by_supervisor=True),
        "page: quality": _opened("/quality", by_supervisor=True),
        "page: queue": _opened("/"),
        "page: queue, sent": _opened("/?tab=sent"),
        "page: queue, all": _opened("/?tab=all"),
        "page: queue, category": _opened("/?category=noise_nuisance"),
        "page: queue, only mine": _opened("/?mine=true"),
        "page: queue, rare word": _opened(f"/?tab=all&q={RARE_WORD}"),
        "page: queue, frequent word": _opened(f"/?tab=all&q={COMMON_WORD}"),
        "page: queue, case number": _opened("/?tab=all&q={case}"),
        "page: a case": _opened("/cases/{case}"),
    }
    return measured


async def measured(small: Bench, large: Bench, plans: bool, only: str) -> list[str]:  # noqa: FBT001 - an option of the command
    """Prints every figure; returns what is slower than it may be, and what reads all cases."""
    faults: list[str] = []
    print(f"{'':46} {small.cases.count:>10,} {large.cases.count:>10,}   times longer")
    for name, work in works().items():
        if only not in name:
            continue
        times: dict[int, list[float]] = {0: [], 1: []}
        hits = [0, 0]
        for run in range(RUNS + WARM_UP):
            for which, on in enumerate((small, large)):
                on.statements.clear()
                spent, hits[which] = await on.time(work)
                if run >= WARM_UP:
                    times[which].append(spent)
        before, after = (min(spent) for spent in times.values())
        ratio = after / before
        slow = after > max(HIGHEST_RATIO * before, NOTICED) + FURTHER_HIT * max(hits[1] - hits[0], 0)
        explained = await _explained(large, plans or slow)
        scans = [plan for plan in explained if _reads_all(plan)]
        marks = ("  SLOW" if slow else "") + ("  SCANS" if scans else "")
        print(f"{name:46} {before:7.1f} ms {after:7.1f} ms   {ratio:5.2f}{marks}", flush=True)
        faults += [f"{name}: {ratio:.2f} times longer"] if slow else []
        faults += [f"{name}: reads all cases"] if scans else []
        for plan in explained if plans else scans:
            print("    " + plan.replace("\n", "\n    "))
    return faults


async def _explained(on: Bench, analyze: bool) -> list[str]:  # noqa: FBT001 - what _explained does
    statements = [(text, values) for text, values in on.statements if text.lstrip().lower().startswith(("select", "with"))]
    explain = "explain query plan " if on.database.is_sqlite else f"explain {'(analyze, timing off) ' if analyze else ''}"
    explained = []
    async with on.database.reading() as session:
        connection = await session.connection()
        for text, values in statements:
            rows = (await connection.exec_driver_sql(explain + text, values)).all()
            explained.append("\n".join(str(row[-1]) for row in rows))
    return explained


def _reads_all(plan: str) -> bool:
    lines = plan.splitlines()
    on_postgres, on_sqlite = ([f"{scan} {table}" for table in READ_IN_PART] for scan in ("Seq Scan on", "SCAN"))
    return any(any(scan in line for scan in on_postgres) or (line.startswith(tuple(on_sqlite)) and "INDEX" not in line) for line in lines)


async def events_a_second(on: Bench) -> float:
    """Messages received, sorted and drafted, fifty events in a transaction as review takes them."""
    commands = CaseCommands(on.database, taxonomy.load(), on.settings)
    happenings = []
    for number in range(EVENTS // 3):
        request_id = uuid4()
        body = on.cases.letters[number % len(on.cases.letters)].body
        request = case_builders.received(request_id=str(request_id), agency=AGENCIES[number % 5], body=body)
        triage = case_builders.triaged(request_id=request_id, agency=request.agency, redacted={"subject": request.subject, "body": body})
        happenings.append(handlers.received(request))
        happenings.append(handlers.triaged(triage, commands.taxonomy))
        happenings.append(handlers.drafted(case_builders.drafted(request_id=request_id, draft_id=uuid4())))
    started = time.perf_counter()
    for first in range(0, len(happenings), 50):
        async with on.database.transaction() as session:
            for happening in happenings[first : first + 50]:
                async with session.begin_nested():
                    await commands.take_in_within(session, happening)
    return len(happenings) / (time.perf_counter() - started)


@contextlib.contextmanager
def _without_words_and_counts() -> Iterator[None]:
    async def nothing(*_: object, **__: object) -> None:
        """Keeps neither."""

    with mock.patch.object(search_store, "index", nothing), mock.patch.object(counts_store, "move", nothing):
        yield


async def compared(urls: tuple[str, str], sizes: tuple[int, int], folder: Path, plans: bool, only: str) -> list[str]:  # noqa: FBT001 - an option of the command
    """Everything on two filled databases."""
    async with bench(urls[0], Cases(sizes[0]), folder / "small") as small, bench(urls[1], Cases(sizes[1]), folder / "large") as large:
        faults = await measured(small, large, plans, only)
        for on in (small, large) if not only else ():
            with_all = statistics.median([await events_a_second(on) for _ in range(3)])
            with _without_words_and_counts():
                without = statistics.median([await events_a_second(on) for _ in range(3)])
            print(f"{on.cases.count:>10,} cases: {with_all:.0f} events a second, {without:.0f} without words and counts")
            async with on.database.transaction() as session:
                await counts_store.mend(session)
    return faults


async def _mended(url: str) -> None:
    """Counts the cases, and adds up the days that `/quality` shows."""
    database, own = Database(url), taxonomy.load()
    today = own.day(clock.now())
    days = [{"day": today - timedelta(days=number)} for number in range(DAYS)]
    async with database.transaction() as session:
        await counts_store.mend(session)
        connection = await session.connection()
        counted_by = sa.update(UpkeepRow).where(col(UpkeepRow.name) == daily_store.UPKEEP).values(position=daily_store.counted_by(own))
        await connection.execute(counted_by)  # else every day would be
        await connection.execute(sa.insert(FigureChangeRow), days)
    await database.in_turns(lambda session: daily_store.add_up_some(session, own))
    await database.close()


def on_postgres(sizes: tuple[int, int], folder: Path, plans: bool, only: str) -> list[str]:  # noqa: FBT001 - an option of the command
    with Postgres({"shared_buffers": "512MB", "max_wal_size": "8GB"}) as server, server.database() as small, server.database() as large:
        urls = []
        for name, size in ((small, sizes[0]), (large, sizes[1])):
            url = Settings(database_url=SecretStr(server.url(name))).database
            upgrade(url)
            started = time.perf_counter()
            workbench_cases.fill_postgres(server.url(name), Cases(size))
            asyncio.run(_mended(url))
            workbench_cases.finish_postgres(server.url(name))
            with server.connect(name) as connection:
                bytes_each = connection.execute("select pg_database_size(current_database())").fetchone()
            assert bytes_each
            print(
                f"PostgreSQL: {size:,} cases in {time.perf_counter() - started:.0f} s, {bytes_each[0] / size:,.0f} bytes each", flush=True
            )
            urls.append(url)
        return asyncio.run(compared((urls[0], urls[1]), sizes, folder, plans, only))


def on_sqlite(sizes: tuple[int, int], folder: Path, plans: bool, only: str) -> list[str]:  # noqa: FBT001 - an option of the command
    urls = []
    for size in sizes:
        file = folder / f"{size}.db"
        url = f"sqlite+aiosqlite:///{file}"
        upgrade(url)
        started = time.perf_counter()
        workbench_cases.fill_sqlite(file, Cases(size))
        asyncio.run(_mended(url))
        print(f"SQLite: {size:,} cases in {time.perf_counter() - started:.0f} s, {file.stat().st_size / size:,.0f} bytes each", flush=True)
        urls.append(url)
    return asyncio.run(compared((urls[0], urls[1]), sizes, folder, plans, only))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postgres", type=int, nargs=2, default=(10_000, 1_000_000), help="how many cases in each; 0 0 leaves it out")
    parser.add_argument("--sqlite", type=int, nargs=2, default=(10_000, 100_000), help="the same for SQLite")
    parser.add_argument("--plans", action="store_true", help="print the plan of every statement, run and measured")
    parser.add_argument("--floors", action="store_true", help="exit 1 where more cases take more than twice as long, or all are read")
    parser.add_argument("--only", default="", help="only what has this in its name")
    parser.add_argument("--urls", nargs=2, help="two databases that were filled before, of the sizes of --postgres or --sqlite")
    options = parser.parse_args()
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        if options.urls:
            urls = [Settings(database_url=SecretStr(url)).database for url in options.urls]
            sizes = options.sqlite if urls[0].startswith("sqlite") else options.postgres
            faults += asyncio.run(compared((urls[0], urls[1]), tuple(sizes), Path(name), options.plans, options.only))
        elif all(options.postgres):
            faults += on_postgres(tuple(options.postgres), Path(name), options.plans, options.only)
        if all(options.sqlite) and not options.urls:
            faults += on_sqlite(tuple(options.sqlite), Path(name), options.plans, options.only)
    print("\n".join(faults) or f"nothing that anybody notices takes {HIGHEST_RATIO:.0f} times as long, and nothing reads all cases")
    return 1 if options.floors and faults else 0


if __name__ == "__main__":
    sys.exit(main())
