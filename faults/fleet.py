"""Two processes of each service, kept alive as an orchestrator would: what dies is started again a second later."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from faults.plan import SERVICES
from tests.harness.ports import free_port


@dataclass
class Member:
    """One process of a service, and the port that it keeps over its lives."""

    service: str
    number: int
    port: int
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    lives: int = 0

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Begins a life."""
        command = [sys.executable, "-m", "services.cli.main", "serve", self.service, "--port", str(self.port)]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(command, env=dict(self.environment), stdout=output, stderr=output, start_new_session=True)
        self.lives += 1

    def signal(self, number: signal.Signals) -> None:
        """To the process, where there is one."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)


@dataclass
class Fleet:
    """Every process, and the one thread that starts again what has died."""

    members: list[Member] = field(default_factory=list)
    _ending: threading.Event = field(default_factory=threading.Event)
    _keeper: threading.Thread | None = None

    def start(self, environment: Mapping[str, str], folder: Path, each: int = 2) -> None:
        """`each` processes of each service."""
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        for service in SERVICES:
            for number in range(each):
                told = os.environ | dict(environment) | threads | {"PARVIS_KAFKA_INSTANCE": str(number)}
                self.members.append(Member(service, number, free_port(), told, folder / f"{service}-{number}.log"))
        for member in self.members:
            member.start()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def urls(self, service: str) -> list[str]:
        """Where the processes of a service answer."""
        return [m.url for m in self.members if m.service == service]

    def member(self, service: str, number: int) -> Member:
        """One process."""
        return next(m for m in self.members if (m.service, m.number) == (service, number))

    def stop(self) -> None:
        """Ends all, and says who did not end in time."""
        self._ending.set()
        if self._keeper:
            self._keeper.join()
        for member in self.members:
            member.signal(signal.SIGCONT)
            member.signal(signal.SIGTERM)
        deadline = time.monotonic() + 30
        for member in self.members:
            if member.process:
                try:
                    member.process.wait(max(deadline - time.monotonic(), 0.1))
                except subprocess.TimeoutExpired:
                    print(f"{member.service}-{member.number} did not drain in 30 s", flush=True)
                    member.process.kill()
                    member.process.wait()

    def _keep(self) -> None:
        while not self._ending.wait(1.0):
            for member in self.members:
                if member.process and member.process.poll() is not None:
                    member.start()
