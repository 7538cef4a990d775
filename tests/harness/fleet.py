"""Runs the services as an agency does: each a process of its own by `parvis serve`, with settings of its own, as many as one likes."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from tests.harness.ports import free_port
from tests.harness.processes import Running
from tests.harness.running_stack import PARVIS, SERVICES, Installation
from tests.harness.waiting import PATIENCE, until


class Member:
    """One process of a service. It can be killed, and started again on its port."""

    def __init__(self, service: str, number: int, environment: Mapping[str, str], log: Path) -> None:
        self.service = service
        self.number = number
        self.port = free_port()
        self.log = log
        self._environment = dict(environment)
        self._running: Running | None = None

    def start(self) -> None:
        """Starts it, also again; does not wait."""
        if self._running:
            self._running.end(signal.SIGKILL)
        self._running = Running([str(PARVIS), "serve", self.service, "--port", str(self.port)], self.log, env=self._environment)

    @property
    def pid(self) -> int:
        """The process."""
        assert self._running
        return self._running.process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._running is not None and self._running.alive

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def is_ready(self) -> bool:
        """What its /readyz says. Raises where it has ended."""
        assert self.alive, f"{self.service} ended: {self.log.read_text(errors='replace')[-2000:]}"
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == httpx.codes.OK
        return False

    def kill(self) -> None:
        """As kill -9 does."""
        assert self._running
        self._running.end(signal.SIGKILL)

    def stop(self, seconds: float = PATIENCE) -> int | None:
        """SIGTERM, as a service manager would; the exit code, or that of SIGKILL where it did not end in time."""
        if self._running:
            self._running.end(signal.SIGTERM, seconds)
            return self._running.process.returncode
        return None

    def signal(self, number: signal.Signals) -> None:
        """Any other signal, as SIGSTOP; none where it has ended."""
        if self.alive:
            os.kill(self.pid, number)


class Fleet(Installation):
    """`environment` is an administrator's, for the commands; each service has what `of_service` adds to it.

    Where there are several processes of a service, each has a name in its group that it keeps when it is started again.
    """

    def __init__(
        self, data_dir: Path, environment: Mapping[str, str], of_service: Mapping[str, Mapping[str, str]] | None = None, each: int = 1
    ) -> None:
        super().__init__(data_dir, environment)
        data_dir.mkdir(parents=True, exist_ok=True)
        self.members: list[Member] = []
        for service in SERVICES:
            own = self.environment | dict((of_service or {}).get(service, {}))
            for number in range(each):
                named = {"PARVIS_KAFKA_INSTANCE": str(number)} if each > 1 else {}
                self.members.append(Member(service, number, own | named, data_dir / f"{service}-{number}.log"))

    def start(self, *options: str) -> None:
        """The tables, then every process; comes back when all are ready."""
        assert not options
        self.prints("db", "upgrade")
        for member in self.members:
            member.start()
        until(lambda: all(member.is_ready() for member in self.members), "every service is ready")

    def of(self, service: str) -> Sequence[Member]:
        """The processes of one service."""
        return [member for member in self.members if member.service == service]

    @property
    def review_url(self) -> str:
        return self.of("review")[0].url

    @property
    def intake_url(self) -> str:
        return self.of("intake")[0].url

    @property
    def bootstrap(self) -> str:
        return self.environment["PARVIS_KAFKA_BOOTSTRAP"]

    def stop(self) -> int:
        """Every process, all asked at once; the worst exit code."""
        alive = [member for member in self.members if member.alive]
        for member in alive:
            member.signal(signal.SIGTERM)
        return max((abs(member.stop() or 0) for member in alive), default=0)

    def kill(self) -> None:
        """As kill -9 of every process does."""
        for member in self.members:
            if member.alive:
                member.kill()

    def end(self) -> None:
        """Nothing of it is left."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.stop()
        self.kill()
        self.http.close()

    def all_logs(self) -> str:
        return "\n".join(member.log.read_text(errors="replace") for member in self.members if member.log.exists())
