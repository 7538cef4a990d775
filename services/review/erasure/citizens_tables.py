"""The one list of what is kept of a citizen: every table, how a request is looked up in it, and what an erasure leaves.

`tests/docs/test_citizens_data.py` holds it to the tables and to docs/citizens-data.md. Tables are named and not imported: they are of
several services, which share one database and never see each other.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.review.erasure import erased_values as values

Skeleton = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Makes of an event what may stay."""


@dataclass(frozen=True)
class Holding:
    """Rows of one table that are of a request. Where nothing is said of columns, the whole row goes.

    `key` is the column with the request's id, `text_key` where it is text; `through` a table and its column that `key` names
    instead. `blank` are columns and what stands in them afterwards, `skeleton` columns with an event. `erased_at` is set where
    `marked`, so that what comes late puts nothing back. `where` is a condition beside the id.
    """

    service: str
    table: str
    key: str = "request_id"
    text_key: bool = False
    through: tuple[str, str] | None = None
    blank: Mapping[str, object] = field(default_factory=dict)
    skeleton: Mapping[str, Skeleton] = field(default_factory=dict)
    marked: bool = False
    where: str = ""

    @property
    def row_goes(self) -> bool:
        """Whether nothing of the row stays."""
        return not (self.blank or self.skeleton)

    @property
    def columns(self) -> frozenset[str]:
        """The columns that are changed where the row stays."""
        return frozenset({*self.blank, *self.skeleton})


HOLDINGS = (
    Holding("intake", "intake_asked_replies"),
    Holding("intake", "intake_idempotency"),
    Holding("intake", "intake_journal"),
    Holding("intake", "intake_refusals"),
    Holding("intake", "intake_status", blank={"reply_subject": None, "reply_body": None}, marked=True),
    Holding("dispatch", "dispatch_deliveries", blank={"event": "", "detail": ""}),
    Holding("dispatch", "dispatch_webhook_deliveries", blank={"payload": "", "detail": ""}),
    Holding("every", "outbox", key="key", text_key=True),
    Holding("review", "review_acknowledgements", blank={"mailbox": None, "event": None, "detail": "", "nudge_at": None}),
    Holding("review", "review_attachments"),
    Holding("review", "review_case_links"),
    Holding("review", "review_case_links", key="other"),
    Holding(
        "review",
        "review_cases",
        blank={"title": values.ERASED, "search": "", "corrected_email": None, "instructions": None, "four_eyes": None, "nudge_at": None},
        skeleton={"request": values.request, "triage": values.triage, "draft": values.draft, "decision": values.decision},
        marked=True,
    ),
    Holding("review", "review_citizen_contacts"),
    Holding("review", "review_dead_letters", blank={"error_message": ""}, skeleton={"event": values.dead_letter}),
    Holding("review", "review_decisions", skeleton={"event": values.decision}),
    Holding("review", "review_deliveries", skeleton={"event": values.dispatched}),
    Holding("review", "review_drafts", skeleton={"event": values.draft}),
    Holding("review", "review_edits"),
    Holding("review", "review_fingerprint_bands", key="number", through=("review_fingerprints", "number")),
    Holding("review", "review_fingerprints"),
    Holding("review", "review_group_left"),
    Holding("review", "review_group_members"),
    Holding("review", "review_group_places"),
    Holding("review", "review_group_texts", key="begun_from"),
    Holding("review", "review_mail_ids"),
    Holding("review", "review_matter_messages"),
    Holding("review", "review_mentions"),
    Holding("review", "review_notes"),
    Holding("review", "review_presence"),
    Holding("review", "review_ratings"),
    Holding("review", "review_search"),
    Holding("review", "review_second_looks", where="looked_by is null"),
    Holding("review", "review_second_looks", blank={"look": None}),
    Holding("review", "review_training_rows"),
    Holding("review", "review_ungrouped"),
    Holding("review", "review_written_texts"),
)
"""In the order in which they are erased: what is looked up through another table stands before it."""

STAYS = {
    "review_attention_checks.case": "invented for a test of attention, out of no citizen's words",
    "review_audit.detail": "the audit log: who did what and when, with placeholders for the citizen's details, sealed",
    "review_matters.name": "words that at least three letters of different people share, from redacted texts",
    "review_matters.signature": "the same as numbers",
    "review_saved_views.filters": "a colleague's own search, by words that may be anybody's: they delete it",
}
"""Columns that could hold a citizen's words and that an erasure leaves, and why."""
