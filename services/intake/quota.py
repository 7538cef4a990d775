"""Limits how many requests a key may hand over: a bucket that fills evenly, so that a burst is taken and a flood is not."""

import math
from dataclasses import dataclass, field

MOST_KEYS = 10_000
MINUTE = 60


@dataclass(frozen=True)
class Quota:
    """What was granted and what is left; `wait` is in whole seconds until there is one more, 0 where all was granted."""

    granted: int
    left: int
    wait: int
    limit: int
    window: int

    @property
    def headers(self) -> dict[str, str]:
        """RateLimit fields for HTTP, and Retry-After where something was refused."""
        policy = {"RateLimit-Policy": f'"requests";q={self.limit};w={self.window}', "RateLimit": f'"requests";r={self.left};t={self.wait}'}
        return policy | ({"Retry-After": str(self.wait)} if self.wait else {})


@dataclass
class Quotas:
    """One bucket a key, of this process. `per_minute` 0 means that there is no limit."""

    per_minute: float
    burst: int
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many buckets there are."""
        return len(self._buckets)

    def take(self, key: str, wanted: int, now: float, *, whole: bool = False) -> Quota | None:
        """Takes `wanted` requests, or as many as are left; None where there is no limit. `now` is in seconds and never goes back.

        `whole`: all of them or none; the wait then is until there are so many, and one more for asking again.
        """
        if not self.per_minute:
            return None
        level = self._level(key, now)
        granted = 0 if whole and level < wanted else min(wanted, math.floor(level))
        level -= granted
        if granted:
            self._make_room(key, now)
            self._buckets[key] = (level, now)
        wait = 0 if granted == wanted else self._until(min(wanted + 1, self.burst) if whole else 1, level)
        return Quota(granted, math.floor(level), wait, self.burst, math.ceil(self.burst * MINUTE / self.per_minute))

    def wait(self, key: str, now: float) -> int:
        """Whole seconds until one can be taken, 0 where one can be now. Takes nothing."""
        level = self._level(key, now)
        return 0 if not self.per_minute or level >= 1 else self._until(1, level)

    def _level(self, key: str, now: float) -> float:
        level, then = self._buckets.get(key, (float(self.burst), now))
        return min(float(self.burst), level + (now - then) * self.per_minute / MINUTE)

    def _until(self, wanted: int, level: float) -> int:
        return max(1, math.ceil((wanted - level) * MINUTE / self.per_minute))

    def _make_room(self, key: str, now: float) -> None:
        """Drops the fullest tenth, the oldest of them first, once there are too many: who has used a bucket up is not let off by others."""
        if key in self._buckets or len(self._buckets) < MOST_KEYS:
            return
        for full in sorted(self._buckets, key=lambda other: self._level(other, now), reverse=True)[: MOST_KEYS // 10]:
            del self._buckets[full]
