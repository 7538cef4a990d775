"""Logs refused sign-ins, tokens and actions to the audit log, rate-limited and without any secret that was typed."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from services.review.audit import store as audit
from services.runtime.database import Database
from services.runtime.line_budget import Budget

EACH_OF_THE_FIRST = 8
LONGEST_NAME = 80


def is_worth_a_line(failures: int) -> bool:
    """Whether a failure is logged: each of the first, then every power of two; each entry tells how many there were."""
    return failures <= EACH_OF_THE_FIRST or failures & (failures - 1) == 0


def typed_name(typed: str) -> str:
    """The typed name as the log may hold it: short, on one line, and only where it looks like an address: people type passwords there."""
    name = typed.strip()
    if "@" not in name:
        return "(not an e-mail address)"
    shown = (c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in name[: LONGEST_NAME + 1])
    escaped = "".join(shown)
    return escaped if len(escaped) <= LONGEST_NAME else f"{escaped[:LONGEST_NAME]}…"


class Refusals:
    """Logs refusals, each in a transaction of its own. Each kind has a budget, so that one can't hide another."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._budgets: defaultdict[str, Budget] = defaultdict(Budget)
        self._now = now

    async def note(self, action: str, **detail: object) -> None:
        """Adds one entry, if the rate limit allows it. `action` is one of few words of ours."""
        now = self._now()
        left_out = self._budgets[action].take(now)
        if left_out is None:
            return
        more: dict[str, object] = {"left_out_before": left_out} if left_out else {}
        async with self._database.transaction() as session:
            await audit.add(session, audit.Entry(now, audit.PARVIS, action, None, {**detail, **more}))
