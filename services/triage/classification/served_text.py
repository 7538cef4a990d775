"""Prepares labelled rows as triage prepares a message: a model learns from, and is measured on, the text that it will be asked about."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from schemas.invisible_characters import is_blank
from schemas.requests_received import LONGEST_BODY, LONGEST_SUBJECT, RequestReceived
from services.triage.classification.examples import Example
from services.triage.letter import Letter
from services.triage.message_parts import Agency

Progress = Callable[[float, str], None]

MANY = 10_000
"""Rows; fewer are done before further processes have started."""
_AT_ONCE = 500
_NOBODY, _NEVER = UUID(int=1), datetime(2000, 1, 1, tzinfo=UTC)


def served_text(row: Example, agency: Agency) -> str:
    """The text that the classifier gets when the row comes in as a request: without quoted mail, signature and personal details.

    The row's language is left out of it, since a request seldom brings one: it is detected, as triage does.
    """
    body = row.text[:LONGEST_BODY]
    if is_blank(body):
        return ""
    subject = (row.subject or "")[:LONGEST_SUBJECT] or None
    request = RequestReceived(request_id=_NOBODY, agency="none", channel="web", received_at=_NEVER, subject=subject, body=body)
    return Letter.of(request, agency).matter_text


def served(rows: Sequence[Example], agency: Agency, progress: Progress | None = None) -> list[Example]:
    """The rows with their served text; several processes share what is much. `progress` is told the share that is done."""
    texts: list[str] = []
    for part in _texts(rows, agency):
        texts += part
        if progress:
            progress(len(texts) / len(rows), "hiding personal details")
    return [replace(row, text=text, subject=None) for row, text in zip(rows, texts, strict=True)]


def _texts(rows: Sequence[Example], agency: Agency) -> Iterator[list[str]]:
    prepared = partial(_prepared, agency=agency)
    parts = [rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE)]
    if len(rows) < MANY:
        yield from map(prepared, parts)
        return
    # Spawned: a fork would copy locks of the thread that draws the progress bar.
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(prepared, parts)


def _prepared(rows: Sequence[Example], agency: Agency) -> list[str]:
    return [served_text(row, agency) for row in rows]
