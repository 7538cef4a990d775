"""Moments as a reader says them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.review.web import moments
from services.review.web.translation import Reader, reader, write_for, write_in

NOW = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nobody_else() -> None:
    write_for(Reader())


@pytest.mark.parametrize(
    ("seconds", "english", "french"),
    [
        (10, "just now", "à l’instant"),
        (-5, "just now", "à l’instant"),  # of a process whose clock is a little ahead
        (-6, "in 6 seconds", "dans 6 secondes"),
        (50, "50 seconds ago", "il y a 50 secondes"),
        (60, "1 minute ago", "il y a 1 minute"),
        (86_399, "23 hours ago", "il y a 23 heures"),
        (3 * 86_400, "3 days ago", "il y a 3 jours"),
        (-3_700, "in 1 hour", "dans 1 heure"),
    ],
)
def test_how_long_ago_is_told_in_both_languages(seconds: int, english: str, french: str) -> None:
    at = NOW - timedelta(seconds=seconds)
    assert moments.ago(at, NOW).replace("\xa0", " ") == english
    write_in("fr")
    assert moments.ago(at, NOW).replace("\xa0", " ") == french


def test_an_exact_moment_is_that_of_the_readers_zone() -> None:
    assert moments.exact(NOW) == "1 Mar 2026, 23:30 UTC"
    write_in("fr", "Europe/Paris")
    assert moments.exact(NOW) == "2 mars 2026, 00:30 UTC+1"
    write_in("en", "Asia/Kolkata")
    assert moments.exact(NOW) == "2 Mar 2026, 05:00 UTC+5:30"
    assert reader().language == "en"


def test_a_day_is_the_readers_and_a_date_stays_itself() -> None:
    write_in("fr", "Europe/Paris")
    assert (moments.day(NOW), moments.day(date(2026, 3, 1)), moments.short_day(date(2026, 3, 1))) == (
        "2 mars 2026",
        "1 mars 2026",
        "1 mars",
    )
