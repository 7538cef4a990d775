"""Starts a process that cannot outlive us, and waits until what it serves answers."""

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.harness.waiting import PATIENCE


class CannotStart(RuntimeError):
    """A server that is missing something, or did not answer in time; the message has the end of its log."""


def wait_until(holds: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float = PATIENCE) -> None:
    """Looks until it holds. Raises CannotStart where the time is up or the process is gone."""
    deadline = time.monotonic() + seconds
    while not holds():
        if process.poll() is not None or time.monotonic() > deadline:
            log_end = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise CannotStart(f"{log.name}: no answer (exit code {process.poll()})\n{log_end}")
        time.sleep(0.1)


class Running:
    """A process of ours, and the guard that kills it once our end of a pipe closes, however that comes about."""

    def __init__(self, command: Sequence[str], log: Path, **options: Any) -> None:
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, **options
            )
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", f"cat >/dev/null; kill -9 {self.process.pid} 2>/dev/null"], stdin=subprocess.PIPE, start_new_session=True
        )

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def end(self, how: signal.Signals, seconds: float = 20.0) -> None:
        """Sends the signal and waits; insists when the time is up."""
        if self.alive:
            self.process.send_signal(how)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._guard.kill()
        self._guard.wait()
        if self._guard.stdin:
            self._guard.stdin.close()
