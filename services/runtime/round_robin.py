"""Lanes take turns: the first of each, then the second of each, however many wait in one."""

from collections.abc import Callable, Iterable
from itertools import chain, zip_longest
from typing import TypeVar

T = TypeVar("T")

_NONE = object()


def interleaved(waiting: Iterable[T], lane: Callable[[T], str]) -> list[T]:
    """The same things lane by lane in turns, each lane in its order; lanes in the order of their first."""
    lanes: dict[str, list[T]] = {}
    for item in waiting:
        lanes.setdefault(lane(item), []).append(item)
    turns = chain.from_iterable(zip_longest(*lanes.values(), fillvalue=_NONE))
    return [item for item in turns if item is not _NONE]  # type: ignore[misc]  # what is left are the things themselves
