"""Hands out the log by case, person and period, as CSV or JSON Lines; each handing out is an entry itself."""

import json
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.review.audit import chain_store, store
from services.review.audit.chain import LoggedEntry
from services.review.audit.store import Entry
from services.review.web import csv_cells
from services.runtime.database import Database

IN_OWN_WORDS = frozenset({"reason", "instructions", "note", "detail", "recipient"})
"""The fields of details that people fill with words of their own: not for those who read no letters."""
NOBODY = "nobody whom the log knows"
COLUMNS = ("place", "entry", "at", "actor", "action", "request_id", "detail", "hash")


class ExportFormat(StrEnum):
    """What an export is written as."""

    CSV = "csv"
    JSONL = "jsonl"


@dataclass(frozen=True)
class Choice:
    """Which entries: of a case, by a person, from a moment on and before another. `cases` limits them to entries of some cases."""

    request_id: UUID | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    cases: Any = None

    @property
    def words(self) -> dict[str, object]:
        """The choice as the log keeps it."""
        named = {"request_id": self.request_id, "actor": self.actor, "since": self.since, "until": self.until}
        return {name: value.isoformat() if isinstance(value, datetime) else str(value) for name, value in named.items() if value}


async def export(
    database: Database, choice: Choice, form: ExportFormat, by: str, now: datetime, hidden: Collection[str] = ()
) -> AsyncIterator[str]:
    """The lines of the export, the oldest first; fields of details that are `hidden` are left out. It is logged before its first line."""
    async with database.transaction() as session:
        words = choice.words
        if choice.actor and not await store.has_acted(session, choice.actor):
            words["actor"] = NOBODY  # what was typed may be a citizen's address
        await store.add(session, Entry(now, by, "audit log exported", choice.request_id, {"format": form.value, **words}))
    if form is ExportFormat.CSV:
        yield csv_cells.line(COLUMNS)
    after = 0
    while True:
        async with database.reading() as session:
            page = await chain_store.chosen(session, choice, after)
        for entry, sequence, entry_hash in page:
            yield written(entry, sequence, entry_hash, form, hidden)
        if len(page) < chain_store.PAGE:
            return
        after = page[-1][0].number


def written(entry: LoggedEntry, sequence: int | None, entry_hash: str | None, form: ExportFormat, hidden: Collection[str] = ()) -> str:
    """One line. An entry that is not sealed yet has no place and no hash."""
    detail = {name: value for name, value in entry.detail.items() if name not in hidden}
    request_id = str(entry.request_id) if entry.request_id else None
    values = (sequence, entry.number, entry.at.isoformat(), entry.actor, entry.action, request_id, detail, entry_hash)
    if form is ExportFormat.JSONL:
        return json.dumps(dict(zip(COLUMNS, values, strict=True)), ensure_ascii=False) + "\n"
    text = json.dumps(detail, ensure_ascii=False) if detail else ""
    return csv_cells.line(text if value is detail else value for value in values)
