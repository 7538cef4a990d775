"""The one place where journeys wait: for something to become true, never for time to pass."""

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

T = TypeVar("T")

LOOK_AGAIN = 0.1


def until(condition: Callable[[], T | None], what: str, *, seconds: float = 60) -> T:
    """What the condition gives once it is true. Fails with `what`, and what was seen last."""
    deadline = time.monotonic() + seconds
    pause = Event()
    while not (seen := condition()):
        assert time.monotonic() < deadline, f"within {seconds:.0f} s: {what}; seen last: {seen!r}"
        pause.wait(LOOK_AGAIN)
    return seen
