"""Spreads the pauses between retries by chance (jitter)."""

from collections.abc import Callable
from datetime import timedelta

SPREAD = 0.5


def jittered(seconds: float, chance: Callable[[], float]) -> float:
    """A pause in seconds with up to a quarter more or less, so that not all try again at once. `chance` gives 0 to 1."""
    return seconds * (1 - SPREAD / 2 + SPREAD * chance())


def jittered_pause(pause: timedelta, chance: Callable[[], float]) -> timedelta:
    """The same for a `timedelta`."""
    return timedelta(seconds=jittered(pause.total_seconds(), chance))
