"""The audit log is a chain: whatever is changed, taken out, put in, moved or cut off behind Parvis's back is found."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from typer.testing import CliRunner

from services.cli.audit import audit as commands
from services.migrations.upgrade import upgrade
from services.review.audit import anchors, store
from services.review.audit.anchors import Anchor, AnchorKey
from services.review.audit.chain import Fault
from services.review.audit.sealer import Sealer, key_of, made_key
from services.review.audit.store import Entry
from services.review.audit.verification import Verified, verify
from services.runtime import clock
from services.runtime.database import Database
from services.runtime.settings import Settings

CASE = UUID("11111111-1111-4111-8111-111111111111")
KEY = AnchorKey("a key that lies elsewhere, thirty-two characters")
TABLES = ("review_audit", "review_audit_seals", "review_audit_anchors", "review_audit_chain")


class Log:
    """A log of seven entries, sealed and anchored twice; and a hand that the triggers do not stop."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "parvis.db"
        self.anchor_file = folder / "anchors.jsonl"
        upgrade(f"sqlite+aiosqlite:///{self.file}")
        asyncio.run(self._fill())
        with sqlite3.connect(self.file) as database:
            names = database.execute("select name from sqlite_master where type = 'trigger' and name like 'review_audit%'").fetchall()
            for (name,) in names:
                database.execute(f"drop trigger {name}")
        database.close()
        self.before = self.rows()

    async def _fill(self) -> None:
        database = Database(f"sqlite+aiosqlite:///{self.file}")
        sealer = Sealer(database, KEY, self.anchor_file, timedelta(0))
        for batch in (range(4), range(4, 7)):
            async with database.transaction() as session:
                for number in batch:
                    detail: dict[str, Any] = {"draft": number, "share": number / 8, "kinds": ["wording", "é"], "note": None}
                    at = clock.now() - timedelta(minutes=10, microseconds=number)
                    await store.add(session, Entry(at, f"anna{number}@city.example", "approve", CASE if number % 2 else None, detail))
            await sealer.seal_all()
            await sealer.anchor()
        await database.close()

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        with sqlite3.connect(self.file) as database:
            rows = {table: database.execute(f"select * from {table}").fetchall() for table in TABLES}
        database.close()
        return rows

    def columns(self, table: str) -> list[str]:
        with sqlite3.connect(self.file) as database:
            names = [row[1] for row in database.execute(f"pragma table_info({table})")]
        database.close()
        return names

    def tamper(self, *statements: tuple[str, tuple[Any, ...]] | str) -> None:
        with sqlite3.connect(self.file) as database:
            for statement in statements:
                database.execute(*((statement,) if isinstance(statement, str) else statement))
        database.close()

    def restore(self) -> None:
        with sqlite3.connect(self.file) as database:
            for table, rows in self.before.items():
                database.execute(f"delete from {table}")
                database.executemany(f"insert into {table} values ({', '.join('?' * len(rows[0]))})", rows)
        database.close()

    def verified(self, *elsewhere: Anchor, trusted: tuple[str, ...] = (KEY.public,)) -> Verified:
        async def look() -> Verified:
            database = Database(f"sqlite+aiosqlite:///{self.file}")
            try:
                async with database.reading() as session:
                    return await verify(session, clock.now(), elsewhere=elsewhere, trusted=trusted)
            finally:
                await database.close()

        return asyncio.run(look())

    def published(self) -> list[Anchor]:
        return [anchors.read(line) for line in self.anchor_file.read_text().splitlines()]


@pytest.fixture(scope="module")
def one_log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    return Log(tmp_path_factory.mktemp("log"))


@pytest.fixture
def log(one_log: Log) -> Log:
    one_log.restore()
    return one_log


def entries_at_fault(faults: tuple[Fault, ...]) -> set[int | None]:
    return {fault.entry for fault in faults if fault.entry}


def test_a_log_that_nobody_touched_is_whole(log: Log) -> None:
    verified = log.verified(*log.published())

    assert verified.faults == ()
    assert (verified.entries, verified.anchors) == (7, 4)


@pytest.mark.parametrize(
    ("statement", "entry"),
    [
        ("update review_audit set actor = 'eve@city.example' where id = 3", 3),
        ("update review_audit set action = 'reject' where id = 1", 1),
        ("update review_audit set at = '2026-03-02 10:00:00.000000' where id = 5", 5),
        ("""update review_audit set detail = '{"draft":9}' where id = 2""", 2),
        ("update review_audit set detail = 'not json' where id = 2", None),
        ("update review_audit set at = 'yesterday' where id = 2", None),
        ("update review_audit set request_id = null where id = 4", 4),
        ("delete from review_audit where id = 4", 4),
        ("update review_audit set id = 99 where id = 4", 4),
        ("update review_audit_seals set hash = replace(hash, substr(hash, 1, 1), 'x') where sequence = 6", 6),
        ("insert into review_audit (id, at, actor, action, detail) values (70, '2026-03-02 10:00:00.000000', 'eve', 'approve', '{}')", 70),
    ],
)
def test_whoever_changes_takes_out_or_puts_in_one_entry_is_found_and_it_is_named(log: Log, statement: str, entry: int | None) -> None:
    log.tamper(statement)

    faults = log.verified().faults

    assert faults
    assert entry is None or entry in entries_at_fault(faults)


def test_two_entries_that_changed_places_are_found(log: Log) -> None:
    log.tamper(
        "update review_audit set id = -1 where id = 2",
        "update review_audit set id = 2 where id = 3",
        "update review_audit set id = 3 where id = -1",
    )

    assert {2, 3} <= entries_at_fault(log.verified().faults)


def test_an_entry_taken_out_with_its_seal_leaves_a_gap(log: Log) -> None:
    log.tamper("delete from review_audit where id = 4", "delete from review_audit_seals where sequence = 4")

    assert "gap" in {fault.kind for fault in log.verified().faults}


def forged(log: Log, change: Callable[[list[Any]], None]) -> None:
    """Writes the whole chain anew by its own rules, as somebody would who has the source and the database and not the key."""

    async def write() -> None:
        database = Database(f"sqlite+aiosqlite:///{log.file}")
        await Sealer(database, None, None, timedelta(0)).seal_all()
        await database.close()

    rows = [list(row) for row in log.rows()["review_audit"]]
    change(rows)
    log.tamper(
        "delete from review_audit",
        "delete from review_audit_seals",
        "update review_audit_chain set sequence = 0, hash = '" + "0" * 64 + "'",
    )
    log.tamper(*(("insert into review_audit values (?, ?, ?, ?, ?, ?)", tuple(row)) for row in rows))
    asyncio.run(write())


def test_a_chain_written_anew_by_its_own_rules_is_found_by_the_anchors(log: Log) -> None:
    def eve(rows: list[Any]) -> None:
        rows[2][2] = "eve@city.example"

    forged(log, eve)

    kinds = {fault.kind for fault in log.verified().faults}
    assert kinds == {"anchor"}


def test_an_end_cut_off_with_seals_head_and_anchors_is_found_by_an_anchor_kept_elsewhere(log: Log) -> None:
    log.tamper(
        "delete from review_audit where id > 4",
        "delete from review_audit_seals where sequence > 4",
        "delete from review_audit_anchors where number = 2",
        "update review_audit_chain set sequence = 4, anchors = 1, hash = (select hash from review_audit_seals where sequence = 4)",
    )

    assert log.verified().faults == ()  # within the database nothing tells of it
    assert "cut off" in log.verified(log.published()[-1]).faults[0].detail
    end = log.published()[-1]
    assert log.verified(anchors.read(f"{end.sequence}:{end.hash}")).faults


def test_an_anchor_signed_by_another_key_is_no_anchor(log: Log) -> None:
    other = AnchorKey("eve's own key").sign(1, 4, log.published()[0].hash, datetime(2026, 3, 2, tzinfo=UTC))
    log.tamper(
        (
            "update review_audit_anchors set public_key = ?, signature = ?, at = '2026-03-02 00:00:00.000000' where number = 1",
            (other.public_key, other.signature),
        )
    )

    [fault] = log.verified().faults
    assert "not signed by a key that is trusted" in fault.detail


UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)  # what fails is small as it is
OTHER = st.one_of(st.integers(-(2**40), 2**40), st.text(st.characters(codec="ascii"), max_size=8), st.none())


@settings(max_examples=60, deadline=None, phases=UNSHRUNK, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_other_value_in_any_column_of_any_row_is_found(one_log: Log, data: st.DataObject) -> None:
    one_log.restore()
    table = data.draw(st.sampled_from(TABLES))
    columns = one_log.columns(table)
    row = data.draw(st.sampled_from(one_log.before[table]))
    column = data.draw(st.sampled_from([name for name in columns if name not in ("anchored_at", "name")]))
    value = data.draw(st.one_of(OTHER, st.sampled_from([other[columns.index(column)] for other in one_log.before[table]])))
    try:
        one_log.tamper((f"update {table} set {column} = ? where {columns[0]} = ?", (value, row[0])))
    except sqlite3.Error:
        return  # the database itself does not take it
    if one_log.rows() == one_log.before:
        return

    assert one_log.verified().faults, f"{table}.{column} of {row[0]} became {value!r}"


@settings(max_examples=15, deadline=None, phases=UNSHRUNK, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_row_taken_out_of_any_table_is_found(one_log: Log, data: st.DataObject) -> None:
    one_log.restore()
    table = data.draw(st.sampled_from(TABLES))
    row = data.draw(st.sampled_from(one_log.before[table]))
    one_log.tamper((f"delete from {table} where {one_log.columns(table)[0]} = ?", (row[0],)))

    assert one_log.verified().faults


def test_what_was_logged_before_there_was_a_chain_is_sealed_in_steps(tmp_path: Path) -> None:
    async def story() -> tuple[list[int], Verified]:
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}")
        async with database.transaction() as session:
            for _ in range(1_100):
                await store.add(session, Entry(clock.now() - timedelta(days=3), "anna@city.example", "approve"))
        sealer = Sealer(database, KEY, None, timedelta(0))
        steps = [await sealer.seal_some(thorough=True) for _ in range(4)]
        await sealer.anchor()
        async with database.reading() as session:
            verified = await verify(session, clock.now(), trusted=(KEY.public,))
        await database.close()
        return steps, verified

    upgrade(f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}")
    steps, verified = asyncio.run(story())

    assert steps == [500, 500, 100, 0]
    assert (verified.entries, verified.faults) == (1_100, ())


def test_an_entry_whose_transaction_ended_late_is_sealed_after_those_with_higher_numbers(log: Log) -> None:
    log.tamper(("insert into review_audit values (60, ?, 'b', 'x', null, '{}')", (datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"),)))
    asyncio.run(_seal(log))
    log.tamper(("insert into review_audit values (55, ?, 'a', 'x', null, '{}')", (datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"),)))
    asyncio.run(_seal(log))

    verified = log.verified()

    assert (verified.entries, verified.faults) == (9, ())


def test_an_entry_put_in_later_with_a_time_of_before_is_told_even_once_it_is_sealed(log: Log) -> None:
    log.tamper("insert into review_audit (at, actor, action, detail) values ('2026-03-02 10:00:00.000000', 'eve', 'approve', '{}')")
    asyncio.run(_seal(log))

    [fault] = log.verified().faults
    assert (fault.kind, fault.entry) == ("backdated", 8)


async def _seal(log: Log) -> None:
    database = Database(f"sqlite+aiosqlite:///{log.file}")
    await Sealer(database, KEY, None, timedelta(hours=1)).seal_all()
    await database.close()


@pytest.mark.parametrize("table", ["review_audit_seals", "review_audit_anchors"])
def test_the_database_itself_refuses_to_change_the_chain(tmp_path: Path, table: str) -> None:
    upgrade(f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}")

    async def fill() -> None:
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}")
        async with database.transaction() as session:
            await store.add(session, Entry(clock.now(), "anna", "approve"))
        sealer = Sealer(database, KEY, None, timedelta(0))
        await sealer.seal_all()
        await sealer.anchor()
        await database.close()

    asyncio.run(fill())
    with sqlite3.connect(tmp_path / "parvis.db") as database:
        for statement in (
            f"update {table} set hash = 'x'",
            f"delete from {table}",
            f"insert or replace into {table} select * from {table}",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                database.execute(statement)
    database.close()


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(commands, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout


def test_the_command_ends_with_0_for_a_whole_log_and_with_1_for_another(log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_DATA_DIR", str(tmp_path))
    address = ("--database-url", f"sqlite:///{log.file}", "--public-key", KEY.public)

    assert run("verify", *address, "--anchor", str(log.anchor_file))[0] == 0
    log.tamper("update review_audit set actor = 'eve' where id = 3")
    status, printed = run("verify", *address, "--anchor", log.published()[0].line)

    assert status == 1
    assert "changed: entry 3 at place 3" in printed
    assert json.loads(run("verify", *address, "--json")[1])["faults"][0]["entry"] == 3


def test_the_embedded_database_signs_with_a_key_beside_it_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url=SecretStr(""), audit_key=SecretStr(""))

    made = made_key(settings)

    assert made
    assert key_of(settings)
    assert (tmp_path / "audit-key").stat().st_mode & 0o077 == 0
    assert made_key(Settings(data_dir=tmp_path / "other", database_url=SecretStr("postgresql://x/y"))) is None


def test_an_export_is_logged_and_hands_out_what_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_DATA_DIR", str(tmp_path))
    upgrade(f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}")

    async def fill() -> list[tuple[Any, ...]]:
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}")
        async with database.transaction() as session:
            await store.add(session, Entry(clock.now(), "anna@city.example", "=cmd|' /C calc'!A0", CASE, {"note": "x"}))
            await store.add(session, Entry(clock.now(), "ben@city.example", "approve"))
        await database.close()
        return []

    asyncio.run(fill())
    assert run("seal") == (0, "2 entries sealed\n")

    status, lines = run("export", "--case", str(CASE))
    of_anna = json.loads(lines.splitlines()[0])
    _, table = run("export", "--format", "csv", "--person", "anna@city.example", "--since", "1d")
    everything = [json.loads(line) for line in run("export")[1].splitlines()]

    assert status == 0
    assert (of_anna["place"], of_anna["actor"], of_anna["request_id"]) == (1, "anna@city.example", str(CASE))
    assert len(of_anna["hash"]) == 64
    assert "'=cmd|" in table
    assert len(table.splitlines()) == 2
    exports = [entry for entry in everything if entry["action"] == "audit log exported"]
    assert exports[0]["detail"] == {"format": "jsonl", "request_id": str(CASE)}
    assert len(exports) >= 2
    assert run("verify")[0] == 0
