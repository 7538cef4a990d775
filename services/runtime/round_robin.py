"""Orders what waits in turns: the first of each lane, then the second of each, however many wait in one. A lane is an agency or key."""

from collections.abc import Callable, Iterable
from itertools import chain, zip_longest
from typing import TypeVar

T = TypeVar("T")

_NONE = object()


def interleaved(waiting: Iterable[T], lane: Callable[[T], str]) -> list[T]:
    """The items in turns of the lanes; each lane keeps its order, and lanes come in the order of their first item."""
    lanes: dict[str, list[T]] = {}
    for item in waiting:
        lanes.setdefault(lane(item), []).append(item)
    turns = chain.from_iterable(zip_longest(*lanes.values(), fillvalue=_NONE))
    return [item for item in turns if item is not _NONE]  # type: ignore[misc]  # what is left are the things themselves
