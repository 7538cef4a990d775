"""Restarts processes that died, a second later, as an orchestrator would."""

import threading
from types import TracebackType
from typing import Self

from tests.harness.fleet import Fleet


class Keeper:
    """The one thread that looks after a fleet, as long as the block lasts."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ending.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._ending.wait(1.0):
            for member in self._fleet.members:
                if not member.alive:
                    member.start()
