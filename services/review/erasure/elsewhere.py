"""What is kept of a request outside of the tables, on this machine: mails as files, spans, and what SQLite keeps of deleted rows."""

import sqlite3
import time
from collections.abc import Collection, Iterator
from contextlib import closing
from email import policy
from email.parser import BytesParser
from pathlib import Path
from uuid import UUID

from services.review.erasure.identity import Identity
from services.runtime.settings import Settings
from services.runtime.span_store import LocalTraces

CHECKPOINT_SECONDS = 20.0
PAUSE_SECONDS = 0.2


def mails(settings: Settings, decision_ids: Collection[UUID]) -> list[Path]:
    """The files of these decisions and receipts, whole ones and those of an attempt that was cut off."""
    folder = settings.data_dir / "mail"
    return [
        path for decision_id in decision_ids for path in (folder / f"{decision_id}.eml", *folder.glob(f".{decision_id}.*")) if path.exists()
    ]


def delete_spans(settings: Settings, trace_ids: Collection[str]) -> int:
    """Deletes the spans of these traces from the local store, where there is one; returns how many there were."""
    if not settings.traces.exists():
        return 0
    store = LocalTraces(settings.traces)
    return sum(store.erase(trace_id) for trace_id in sorted(trace_ids))


def count_spans(settings: Settings, trace_ids: Collection[str]) -> int:
    """How many there are."""
    if not settings.traces.exists():
        return 0
    store = LocalTraces(settings.traces)
    return sum(len(store.spans_of(trace_id)) for trace_id in trace_ids)


def purge(database: Path) -> bool:
    """Has SQLite write its file anew, so that nothing deleted stays in free pages, the word index or the log; says whether it could.

    While another process reads, the log cannot be cut: then it is tried again for twenty seconds.
    """
    with closing(sqlite3.connect(database, timeout=CHECKPOINT_SECONDS, isolation_level=None)) as connection:
        try:
            connection.execute("insert into review_search_words(review_search_words) values ('optimize')")
            connection.execute("vacuum")
        except sqlite3.OperationalError:  # somebody writes for long, or the disk is full: what is erased is erased all the same
            return False
        until = time.monotonic() + CHECKPOINT_SECONDS
        while connection.execute("pragma wal_checkpoint(truncate)").fetchone()[0]:
            if time.monotonic() > until:
                return False
            time.sleep(PAUSE_SECONDS)
    return True


def mails_with(settings: Settings, identity: Identity) -> Iterator[Path]:
    """Kept mails in which anything of that is left."""
    for path in sorted((settings.data_dir / "mail").glob("*.eml")):
        message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
        texts = [str(value) for value in message.values()]
        for part in message.walk():
            if part.get_content_maintype() == "text":
                payload = part.get_payload(decode=True)
                texts.append(payload.decode(errors="replace") if isinstance(payload, bytes) else "")
        if identity.in_text("\n".join(texts)):
            yield path
