"""Computes due dates in an agency's working time: its hours, holidays and days off."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEK: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

LONGEST_CLOSURE = 366  # days: a calendar that is closed for longer has a fault, and nobody is to wait for ever for it
LONGEST_PROMISE = timedelta(days=3650)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise ValueError(f"there is no time zone {name!r}; give one like Europe/Paris") from None
    return name


def _known_day(day: str) -> str:
    try:
        date.fromisoformat(f"2000-{day}")  # a leap year: 29 February is a day
    except ValueError:
        raise ValueError(f"{day!r} is no day of a year; give month and day, as 12-24, or a date, as 2026-12-24") from None
    return day


def _as_written(value: object) -> object:
    """YAML reads 17:00 without quotation marks as 1020, the minutes of the day."""
    return time(value // 60, value % 60) if isinstance(value, int) and 0 <= value < 24 * 60 else value


TimeOfDay = Annotated[time, BeforeValidator(_as_written)]
EveryYear = Annotated[str, StringConstraints(pattern=r"^\d\d-\d\d$"), AfterValidator(_known_day)]


class Calendar(BaseModel):
    """Working days and hours in the agency's own time. `closed` are its own days beside the public holidays of its country and region."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    time_zone: Annotated[str, AfterValidator(_known_zone)]
    country: str | None = Field(default=None, description="ISO 3166-1, as FR")
    region: str | None = Field(default=None, description="ISO 3166-2 without the country, as 57")
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = WEEK[:5]
    opens: TimeOfDay = time(9)
    closes: TimeOfDay = time(17)
    closed: tuple[date | EveryYear, ...] = ()

    @model_validator(mode="after")
    def _can_be_counted_with(self) -> "Calendar":
        if self.opens >= self.closes:
            raise ValueError(f"opens: {self.opens} is not before closes: {self.closes}")
        if self.region and not self.country:
            raise ValueError("region: give the country as well")
        return self

    @cached_property
    def is_holiday(self) -> Callable[[date], bool]:
        """Whether a day is a public holiday. Raises ValueError where country or region is not known."""
        if not self.country:
            return lambda _: False
        import holidays  # here: it loads every country, which is 26 MB and half a second, and most processes never ask for a due date

        try:
            public = holidays.country_holidays(self.country, subdiv=self.region)
        except NotImplementedError as error:
            raise ValueError(f"country, region: {error}; give the codes of ISO 3166, as FR and 57") from None
        return public.__contains__

    def is_working_day(self, day: date) -> bool:
        """Whether anybody works on that day."""
        own = day in self.closed or f"{day:%m-%d}" in self.closed
        return WEEK[day.weekday()] in self.days and not own and not self.is_holiday(day)

    def due(self, start: datetime, within: timedelta) -> datetime:
        """The moment when so much working time has passed: whole days are working days, the rest is working hours."""
        local = self._next_open(start.astimezone(ZoneInfo(self.time_zone)))
        for _ in range(within.days):
            local = self._next_open(self._opening(local.date() + timedelta(days=1), local.time()))
        left = within - timedelta(days=within.days)
        while (today := self._at(local.date(), self.closes) - local) < left:
            left -= today
            local = self._next_open(self._opening(local.date() + timedelta(days=1), self.opens))
        return (local + left).astimezone(UTC)

    def _next_open(self, local: datetime) -> datetime:
        """The moment itself where somebody works then, otherwise the next opening."""
        if self.is_working_day(local.date()) and local.time() < self.closes:
            return max(local, self._at(local.date(), self.opens))
        day = local.date() + timedelta(days=1)
        for _ in range(LONGEST_CLOSURE):
            if self.is_working_day(day):
                break
            day += timedelta(days=1)
        return self._at(day, self.opens)

    def _opening(self, day: date, at: time) -> datetime:
        """That time on the day, or on the next working day."""
        for _ in range(LONGEST_CLOSURE):
            if self.is_working_day(day):
                break
            day += timedelta(days=1)
        return self._at(day, at)

    def _at(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at.replace(tzinfo=None), ZoneInfo(self.time_zone))
