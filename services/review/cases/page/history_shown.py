"""The history of a case as its page shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from services.domain import mail_addresses
from services.domain.taxonomy import Taxonomy
from services.review.audit.store import Entry
from services.review.cases.case_state import Case
from services.review.cases.deciding.actions import CorrectRecipient
from services.review.cases.page.case_view import Done
from services.review.web.translation import reader


def history_shown(case: Case, history: Sequence[Entry], names: Mapping[str, str], taxonomy: Taxonomy) -> list[Done]:
    """The audit entries, newest first. Addresses come from the case, for receipts and the first and last correction: the log has none."""
    corrections = [number for number, entry in enumerate(history) if entry.action == CorrectRecipient.kind.replace("-", "")]
    written = (case.request.citizen.email or "") if case.request and case.request.citizen else ""
    shown: list[Done] = []
    for number, entry in enumerate(history):
        sides = entry.detail.get("recipient")
        if number in corrections and isinstance(sides, list) and len(sides) == 2:  # noqa: PLR2004 - from and to
            before = written if number == corrections[0] else ""
            after = case.address if number == corrections[-1] else ""
            shown.append(_done(entry, names, taxonomy, (before or str(sides[0]), after or str(sides[1]))))
        else:
            shown.append(_done(_with_receipt(entry, written, names), names, taxonomy))
    return shown[::-1]


def _with_receipt(entry: Entry, written: str, names: Mapping[str, str]) -> Entry:
    """The same, of a receipt with whom it went to, most of the address left out, and the name of whoever decided that there are any."""
    if entry.action not in ("acknowledge", "acknowledged"):
        return entry
    decider = str(entry.detail.get("decided_by", ""))
    return replace(entry, detail={**entry.detail, "receipt_to": mail_addresses.masked(written), "decided_by": names.get(decider, decider)})


def _done(entry: Entry, names: Mapping[str, str], taxonomy: Taxonomy, redirection: tuple[str, str] | None = None) -> Done:
    moments = entry.detail.get("due_at")
    due = None
    if isinstance(moments, list) and len(moments) == 2 and moments[1]:  # noqa: PLR2004 - from and to
        due = (datetime.fromisoformat(moments[0]) if moments[0] else None, datetime.fromisoformat(moments[1]))
    return Done(
        at=entry.at,
        actor=names.get(entry.actor, entry.actor),
        action=entry.action,
        detail=_with_labels(entry.detail, taxonomy),
        due=due,
        recipient=redirection,
    )


def _with_labels(detail: Mapping[str, object], taxonomy: Taxonomy) -> dict[str, object]:
    """The detail with what categories and departments are called in place of their codes, where one became another."""
    labels = {"category": taxonomy.label, "department": taxonomy.department_label}
    return {
        name: [labels[name](str(side), reader().language) if side else "–" for side in value]
        if name in labels and isinstance(value, list)
        else value
        for name, value in detail.items()
    }
