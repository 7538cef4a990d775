"""Reconciles cases that stand still: chooses the event to republish, and the time of the next check. Pure."""

from collections.abc import Callable
from datetime import datetime, timedelta

from schemas.values import Event
from services.review.cases.case_state import Case, State
from services.review.cases.deciding.draft_requests import draft_request
from services.runtime.backoff import jittered_pause


def nudge(case: Case) -> Event | None:
    """The event to republish for a case whose next step is overdue; consumers that had it ignore it."""
    match case.state:
        case State.RECEIVED:
            return case.request
        case State.DRAFTING if case.triage and case.request:
            return draft_request(case)
        case State.APPROVED:
            return case.decision
        case _:
            return None


def next_nudge(nudges: int, now: datetime, first: timedelta, chance: Callable[[], float] = lambda: 0.5) -> datetime:
    """The time of the next check: the pauses double, up to an hour; `chance` spreads them."""
    pause: timedelta = first * (1 << min(nudges, 10))
    return now + jittered_pause(min(pause, max(first, timedelta(hours=1))), chance)
