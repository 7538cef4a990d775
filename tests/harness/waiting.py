"""Waits in journeys: for something to become true, never for time to pass."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from threading import Event
from typing import TypeVar

T = TypeVar("T")

LOOK_AGAIN = 0.1
PATIENCE = 600.0  # seconds: what is slow comes earlier on any machine, what stands still is told of


def until(condition: Callable[[], T | None], what: str, *, seconds: float = PATIENCE, moves: Callable[[], object] | None = None) -> T:
    """What the condition gives once it is true. Fails with `what`, and what was seen last.

    With `moves` the time begins anew whenever what that gives has changed: slow is not the same as standing still.
    """
    deadline = time.monotonic() + seconds
    progress = moves() if moves else None
    pause = Event()
    while not (value := condition()):
        if moves and (now := moves()) != progress:
            progress, deadline = now, time.monotonic() + seconds
        assert time.monotonic() < deadline, (
            f"within {seconds:.0f} s{' nothing moved' if moves else ''}: {what}; seen last: {progress or value!r}"
        )
        pause.wait(LOOK_AGAIN)
    return value


async def until_async(condition: Callable[[], bool | Awaitable[bool]], what: str, *, seconds: float = PATIENCE) -> None:
    """The same while the loop goes on with what is waited for."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer if isinstance(answer, bool) else await answer:
            return
        assert time.monotonic() < deadline, f"within {seconds:.0f} s: {what}"
        await asyncio.to_thread(Event().wait, LOOK_AGAIN / 10)
