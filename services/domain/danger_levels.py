"""From how sure on a sign of danger makes an emergency. What is below is a doubt: a person looks at it within the hour."""

EMERGENCY_FROM = 0.5
MOST_IN_DOUBT = 0.499
"""An emergency stands before every doubt in one order, however sure either is."""


def is_emergency(certainty: float | None) -> bool:
    """Whether a sign of danger so sure makes an emergency; one without a certainty is of before there were doubts, and does."""
    return certainty is None or certainty >= EMERGENCY_FROM
