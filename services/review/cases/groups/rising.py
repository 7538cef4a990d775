"""Says whether a group rises: more people write in a short time than chance explains, by what came before. Pure; time is an argument."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.domain.chance import chance_of

FEWEST = 4
"""People in the window below which nothing rises."""
BY_CHANCE = 0.0001
"""What is as likely as this without any change is no rise. A city has hundreds of groups at a time, and each is looked at all day."""
WINDOWS = ((timedelta(hours=1), 24), (timedelta(days=1), 14))
"""A window, and with how many like it before it is compared: the last hour with a day, the last day with two weeks."""
LONGEST = max(window * (before + 1) for window, before in WINDOWS)
LONGEST_WINDOW = max(window for window, _ in WINDOWS)
MOST_MOMENTS = 500
"""Of a group that are looked at, the newest."""


@dataclass(frozen=True)
class Rise:
    """So many people within the window, against so many a window on average before."""

    count: int
    window: timedelta
    usual: float

    @property
    def shown(self) -> str:
        """The number as it is read: of a large group the newest alone are counted."""
        return f"{self.count}+" if self.count >= MOST_MOMENTS else str(self.count)

    @property
    def hours(self) -> int:
        """The window in hours."""
        return round(self.window / timedelta(hours=1))


def rise_of(moments: Sequence[datetime], now: datetime) -> Rise | None:
    """How a group rises whose newest messages, at most MOST_MOMENTS, came then, if it does; what is dated ahead counts as now."""
    ages = [max(now - moment, timedelta()) for moment in moments]
    for window, most_before in WINDOWS:
        # Of a large group the newest alone are counted: what lies before them says nothing.
        covered = int(max(ages, default=window) / window) - 1
        windows_before = min(most_before, max(covered, 1)) if len(ages) >= MOST_MOMENTS else most_before
        count = sum(age <= window for age in ages)
        before = sum(window < age <= window * (windows_before + 1) for age in ages)
        if count >= FEWEST and chance_of(count, before, windows_before) < BY_CHANCE:
            return Rise(count, window, before / windows_before)
    return None
