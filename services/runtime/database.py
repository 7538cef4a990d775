"""Opens PostgreSQL or SQLite. One event or request is one transaction, committed at its edge."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

Session = AsyncSession

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
Counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A number that the database gives; SQLite's own are 64 bits already."""


class Moment(sa.TypeDecorator[datetime]):
    """A moment in UTC: SQLite forgets the offset, so it is put back on the way out."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """To UTC."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """From UTC."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


class Database:
    """The engine of one process. `transaction` writes, `reading` does not."""

    def __init__(self, url: str) -> None:
        self.url = url
        if self.is_sqlite:
            Path(sa.engine.make_url(url).database or "").parent.mkdir(parents=True, exist_ok=True)
            options: dict[str, Any] = {}
        else:
            options = {"pool_pre_ping": True, "pool_size": 5, "max_overflow": 5, "pool_timeout": 10}
        self.engine = create_async_engine(url, hide_parameters=True, **options)
        self._writing = self.engine.execution_options(writes=True)
        self._open = 0
        self._ended = asyncio.Event()
        if self.is_sqlite:
            sa.event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
        else:
            sa.event.listen(self.engine.sync_engine, "connect", _prepare_postgres)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded default."""
        return self.url.startswith("sqlite")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """All or nothing: committed when the block ends well, rolled back when it raises."""
        with self._counted():
            async with AsyncSession(self._writing, expire_on_commit=False) as session, session.begin():
                yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Session]:
        """A look at the database that changes nothing."""
        with self._counted():
            async with AsyncSession(self.engine, expire_on_commit=False) as session:
                yield session

    @asynccontextmanager
    async def rehearsal(self) -> AsyncIterator[Session]:
        """A transaction that is never committed."""
        with self._counted():
            async with AsyncSession(self._writing, expire_on_commit=False) as session:
                yield session

    async def in_turns(self, step: Callable[[Session], Awaitable[bool]]) -> None:
        """Takes one step after the other, each in a transaction of its own, until one says that there is no more to do."""
        more = True
        while more:
            async with self.transaction() as session:
                more = await step(session)

    async def ping(self) -> None:
        """Raises where the database does not answer."""
        with self._counted():
            async with self.engine.connect() as connection:
                await connection.execute(sa.text("select 1"))

    async def missing(self) -> list[str]:
        """The tables and columns that this process works with and that are not there."""
        tables = SQLModel.metadata.tables

        def look(connection: sa.Connection) -> list[str]:
            inspector = sa.inspect(connection)
            there = {name: {column["name"] for column in columns} for (_, name), columns in inspector.get_multi_columns().items()}
            lost = [name for name in tables if name not in there]
            return lost + [f"{name}.{column}" for name in there.keys() & tables for column in {*tables[name].columns.keys()} - there[name]]

        with self._counted():
            async with self.engine.connect() as connection:
                return sorted(await connection.run_sync(look))

    async def idle(self, seconds: float) -> None:
        """Returns at a moment when no session is open, or after so long. What is cancelled right then cuts nothing short."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._open:
                    self._ended.clear()
                    await self._ended.wait()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1
            self._ended.set()

    async def close(self) -> None:
        """Gives back every connection."""
        await self.engine.dispose()


def insert_into(session: Session, table: type[SQLModel]) -> PostgresqlInsert | SqliteInsert:
    """An insert that can say what becomes of a row that is there already, as both databases have it."""
    return sqlite_insert(table) if session.get_bind().dialect.name == "sqlite" else postgresql_insert(table)


async def insert_new(session: Session, row: SQLModel) -> bool:
    """Inserts the row unless its primary key is there already; says whether it was new."""
    return await insert_all_new(session, [row]) == 1


async def insert_all_new(session: Session, rows: Sequence[SQLModel]) -> int:
    """The same for many rows of one table in one statement; says how many were new. Sort them, so that no two wait for each other."""
    statement = insert_into(session, type(rows[0])).values([row.model_dump() for row in rows]).on_conflict_do_nothing()
    # Without this an insert counts -1 rows on PostgreSQL, and everything would be new.
    result = await session.exec(statement.execution_options(preserve_rowcount=True))
    return int(result.rowcount)


async def lines(session: Session, statement: sa.Executable) -> Sequence[sa.Row[Any]]:
    """The rows of a statement that names columns."""
    return (await session.exec(statement)).all()  # type: ignore[call-overload,no-any-return]  # sqlmodel types only its own selects


def _prepare_sqlite(connection: DBAPIConnection, _: object) -> None:
    # The driver's own transactions start too late: BEGIN is sent by _begin_sqlite.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_postgres(connection: DBAPIConnection, _: object) -> None:
    # Among a million cases the planner's guesses are high enough that it compiles a query for 50 ms that then runs for 5.
    cursor = connection.cursor()
    cursor.execute("set jit = off")
    cursor.close()
    connection.commit()


def _begin_sqlite(connection: sa.Connection) -> None:
    # A transaction that reads before it writes can't be upgraded in WAL once another wrote: take the lock at once.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
