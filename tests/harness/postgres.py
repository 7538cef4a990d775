"""A real PostgreSQL on this machine: a context manager with a directory of its own under /tmp and a free port."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote
from uuid import uuid4

import psycopg
from psycopg import sql

from tests.harness.ports import free_port
from tests.harness.processes import CannotStart, Running, wait_until
from tests.harness.waiting import PATIENCE


def postgres_programs() -> Path:
    """The newest PostgreSQL that Debian's packages have put here. Raises CannotStart where there is none."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    if not folders:
        raise CannotStart("no PostgreSQL: apt-get install postgresql")
    return folders[-1]


class Postgres:
    """A server with a throw-away directory. It never runs as root: where we are, it runs as the user `postgres`."""

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        # Losing the machine's power is not among the faults; losing the process is, and the system keeps what that wrote.
        self._settings = {"fsync": "off", "log_min_messages": "warning", "shared_buffers": "32MB"} | dict(settings or {})
        self.directory = Path(tempfile.mkdtemp(prefix="parvis-postgres-"))
        self.port = free_port()
        self.password = secrets.token_urlsafe(18)
        self.log = self.directory / "server.log"
        self._programs = postgres_programs()
        self._running: Running | None = None
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._as = {"user": "postgres", "group": "postgres", "extra_groups": []}
            shutil.chown(self.directory, "postgres", "postgres")

    def __enter__(self) -> Self:
        try:
            self._make()
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The server's first process."""
        assert self._running
        return self._running.process.pid

    def start(self) -> None:
        """Starts it on what it had; returns once it answers."""
        command = [str(self._programs / "postgres"), "-D", str(self.directory / "data"), "-k", str(self.directory)]
        command += ["-p", str(self.port), "-h", "127.0.0.1", *(f"--{key}={value}" for key, value in self._settings.items())]
        self._running = Running(command, self.log, cwd="/", **self._as)
        wait_until(self._answers, self._running.process, self.log)

    def stop_at_once(self) -> None:
        """Immediate stop: every connection is cut, and the next start recovers from the log."""
        if self._running:
            self._running.end(signal.SIGQUIT)

    def cut_connections(self) -> int:
        """Ends every session but ours; returns how many."""
        query = (
            "select count(pg_terminate_backend(pid)) from pg_stat_activity"
            " where pid <> pg_backend_pid() and backend_type = 'client backend'"
        )
        with self.connect() as connection:
            row = connection.execute(query).fetchone()
            return int(row[0]) if row else 0

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        """A session of the superuser, each statement committed."""
        return psycopg.connect(self.url(database), autocommit=True)

    def url(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        """The address, as PARVIS_DATABASE_URL wants it."""
        return f"postgresql://{quote(user)}:{quote(password or self.password)}@127.0.0.1:{self.port}/{database}"

    @contextlib.contextmanager
    def database(self, prefix: str = "parvis") -> Iterator[str]:
        """A new database for one test, gone afterwards; gives its name."""
        name = f"{prefix}_{uuid4().hex[:12]}"
        with self.connect() as connection:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        try:
            yield name
        finally:
            with self.connect() as connection:
                connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """Ends it and forgets what it held."""
        self.stop_at_once()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _make(self) -> None:
        secret = self.directory / "password"
        secret.write_text(self.password)
        secret.chmod(0o644)  # the directory itself is closed to others
        command = [str(self._programs / "initdb"), "-D", str(self.directory / "data"), "-U", "postgres", "--pwfile", str(secret)]
        command += ["--auth-local=trust", "--auth-host=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE, cwd="/", **self._as)
        if done.returncode:
            raise CannotStart(f"initdb: {done.stdout[-1000:]}{done.stderr[-1000:]}")

    def _answers(self) -> bool:
        try:
            with self.connect():
                return True
        except psycopg.OperationalError:
            return False
