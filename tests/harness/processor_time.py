"""Fails a test that exceeds a limit of processor time, scaled to the machine's speed so that other load does not matter."""

import functools
import gc
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import ParamSpec

import pytest

P = ParamSpec("P")

LEAST_SECONDS = 5.0
READINGS = 2_000
"""As many times as the reading of a letter by a plain pattern: a hundred times what a good function takes."""


class TooSlow(BaseException):
    """Not an `Exception`, which what is driven might catch."""


@functools.cache
def limit() -> float:
    """Seconds of processor time on this machine."""
    letter, word = "the lamp at the corner is out again. " * 540, re.compile(r"\b[a-z]+\b")
    took: list[float] = []
    for _ in range(5):
        began = time.process_time()
        for _ in word.finditer(letter):
            pass
        took.append(time.process_time() - began)
    return max(LEAST_SECONDS, READINGS * sorted(took)[2])


@contextmanager
def limited(what: str) -> Iterator[None]:
    """Stops what takes longer, also in the middle of a pattern: `re` asks for signals as it works."""
    before = signal.signal(signal.SIGVTALRM, _stop)
    # All that other tests have left in memory is not looked through for garbage meanwhile: late in a long run that takes seconds.
    gc.freeze()
    signal.setitimer(signal.ITIMER_VIRTUAL, limit())
    try:
        yield
    except TooSlow:
        pytest.fail(f"{what} takes more than {limit():.0f} s of processor time")
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        gc.unfreeze()
        signal.signal(signal.SIGVTALRM, before)


def bounded(test: Callable[P, None]) -> Callable[P, None]:
    """A test whose work must not take longer."""

    @functools.wraps(test)
    def run(*arguments: P.args, **options: P.kwargs) -> None:
        with limited(test.__name__):
            test(*arguments, **options)

    return run


def _stop(signum: int, frame: FrameType | None) -> None:
    del signum, frame
    raise TooSlow
