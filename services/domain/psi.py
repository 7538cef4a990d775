"""Measures how far two distributions over categories differ: the population stability index."""

import math
from collections.abc import Mapping

STEADY, DRIFTED = 0.1, 0.25
"""The usual marks of the population stability index: below the first a mix is steady, from the second on it is another one."""


def psi(before: Mapping[str, int], after: Mapping[str, int]) -> float:
    """The index of two counts by category: 0 where the shares are the same. Half a message more each, so that none has a share of 0."""
    names = sorted({*before, *after})
    if not names:
        return 0.0
    old, new = sum(before.values()) + len(names) / 2, sum(after.values()) + len(names) / 2
    shares = [((before.get(name, 0) + 0.5) / old, (after.get(name, 0) + 0.5) / new) for name in names]
    return sum((b - a) * math.log(b / a) for a, b in shares)


def psi_by_chance(before: Mapping[str, int], after: Mapping[str, int]) -> float:
    """The index that two samples of these sizes from one source show on average: few messages in many categories never spread alike."""
    kinds = len({*before, *after})
    return max(kinds - 1, 0) * (1 / max(sum(before.values()), 1) + 1 / max(sum(after.values()), 1))
