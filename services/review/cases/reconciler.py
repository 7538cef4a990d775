"""What stands still is published once more: which event, and when to look again."""

from collections.abc import Callable
from datetime import datetime, timedelta

from schemas.values import Event
from services.review.cases.case_state import Case, State
from services.review.cases.rules import draft_request
from services.runtime.backoff import jittered_pause


def nudge(case: Case) -> Event | None:
    """The event whose work was lost on the way, to be published once more; everyone downstream knows it if it was not."""
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
    """When to look again: the pauses double, up to an hour; `chance` spreads them."""
    pause: timedelta = first * (1 << min(nudges, 10))
    return now + jittered_pause(min(pause, max(first, timedelta(hours=1))), chance)
