"""Whether replies and messages to webhooks leave: what waits after an attempt, and why, without the other server's own words."""

from services.dispatch import waiting_store
from services.dispatch.waiting_store import OF_ONE_MAIL
from services.domain.phrases import Phrase, numbered
from services.domain.waiting_deliveries import Work
from services.runtime.database import Database
from services.runtime.readiness import Ask

_NAMES: dict[Work, tuple[str, str, str]] = {
    "reply": ("the mail server", "a reply", "replies"),
    "webhook": ("an agency's webhook", "a message", "messages"),
}
"""Who is waited for, and what waits: one of it, and several."""


def ready(database: Database, work: Work) -> Ask:
    """A readiness check. Of receipts nothing is said: a server may refuse their empty return path, and takes replies all the same."""

    async def check() -> str | None:
        async with database.reading() as session:
            summaries = await waiting_store.summaries(session)
        # What a server asks of one mail, or a file that is not there, keeps no other mail.
        waits = [summary for summary in summaries if summary.work == work and summary.reason not in OF_ONE_MAIL]
        if not waits:
            return None
        most = max(waits, key=lambda summary: summary.count)
        server, thing, things = _NAMES[work]
        count = sum(summary.count for summary in waits)
        return numbered(
            count,
            Phrase(f"{server} ({most.why}; {thing} waits and is tried again)"),
            Phrase(f"{server} ({most.why}; {count} {things} wait and are tried again)"),
        )

    return check
