"""How long ago something was, in words."""

from datetime import UTC, datetime, timedelta

import pytest

from services.review.web import moments

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (44, "just now"),
        (45, "45 seconds ago"),
        (-1, "just now"),
        (-5, "just now"),
        (-6, "in 6 seconds"),
        (-7200, "in 2 hours"),
    ],
)
def test_a_moment_is_just_now_also_where_its_clock_is_a_little_ahead(seconds: float, words: str) -> None:
    assert moments.ago(NOW - timedelta(seconds=seconds), NOW) == words
