"""Moments and spans of time in the reader's words: "3 hours ago", "il y a 3 heures"; exact ones in their zone."""

from datetime import date, datetime, timedelta

from babel.dates import format_date, format_datetime, format_time, format_timedelta

from services.review.web.translation import gettext, reader

STEPS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
NOW = 45  # seconds: what is no older is "just now"
SKEW = 5  # seconds: so far the clock of who names a moment may be ahead of ours
EXACTLY = 1e12  # Babel would make "1 day" of 22 hours


def span(seconds: float) -> str:
    """How long, in the largest unit that it fills."""
    return _in_words(seconds, directed=False)


def ago(at: datetime, now: datetime) -> str:
    """How long ago, or in how long."""
    since = (now - at).total_seconds()
    return gettext("just now") if -SKEW <= since < NOW else _in_words(-since, directed=True)


def _in_words(seconds: float, *, directed: bool) -> str:
    unit, size = next((step for step in STEPS if abs(seconds) >= step[1]), STEPS[-1])
    whole = timedelta(seconds=int(abs(seconds)) // size * size * (1 if seconds > 0 else -1))
    return format_timedelta(whole, granularity=unit, threshold=EXACTLY, add_direction=directed, locale=reader().language)  # type: ignore[arg-type]  # one of Babel's units


def exact(at: datetime) -> str:
    """Day and minute where the reader is, and how far that is from UTC."""
    local = at.astimezone(reader().zone)
    offset = local.utcoffset() or timedelta()
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    away = f"{'+' if offset > timedelta() else '−'}{hours}{f':{minutes:02}' if minutes else ''}" if offset else ""
    return f"{format_datetime(local, 'd MMM y, HH:mm', tzinfo=reader().zone, locale=reader().language)} UTC{away}"


def minute(at: datetime) -> str:
    """The time of the day where the reader is."""
    return format_time(at.astimezone(reader().zone), "HH:mm", tzinfo=reader().zone, locale=reader().language)


def day(at: date) -> str:
    """A day, or the day of a moment where the reader is."""
    return format_date(_where_the_reader_is(at), "d MMM y", locale=reader().language)


def short_day(at: date) -> str:
    """The same where the year is plain."""
    return format_date(_where_the_reader_is(at), "d MMM", locale=reader().language)


def _where_the_reader_is(at: date) -> date:
    return at.astimezone(reader().zone) if isinstance(at, datetime) else at
