"""Fills the gaps of a trace: a step that nothing is told of stands where it was, and says so.

It is told of when it ends. Until then, and for ever where its process was killed or it was forgotten by age, it is known as the parent of
what was done in it, and by nothing else. Without a mark what follows would hang in the air, and whoever reads the trace would look for a
fault in it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from schemas import requests_received
from services.runtime import clock, telemetry
from services.runtime.span_store import StoredSpan

LOST = "lost"
"""The status of a step that nothing was told of in the time that one lasts: it is known by what follows from it alone."""
UNTOLD = "untold"
"""The status of a step that nothing is told of yet: it may well be going on."""
LONGEST_STEP = timedelta(minutes=10)
"""After its newest child a step is waited for so long. A consumer that works longer is taken out of its group (the poll interval of
`broker.py`), and it is ten times what the model may take for two answers."""


def filled(spans: Sequence[StoredSpan]) -> list[StoredSpan]:
    """The spans with a mark for each that is missing, in the order they started.

    Of a publisher who began the trace nothing is missing: that span is theirs to keep, and what they sent continues it.
    """
    present = {span.span_id for span in spans}
    orphans: dict[str, list[StoredSpan]] = {}
    for span in spans:
        if span.parent_id and span.parent_id not in present:
            orphans.setdefault(span.parent_id, []).append(span)
    theirs = set() if _is_ours(spans) else {parent_id for parent_id, children in orphans.items() if any(map(_was_sent, children))}
    marks = sorted((_mark(parent_id, children) for parent_id, children in orphans.items() if parent_id not in theirs), key=_in_order)
    root = _root(spans, theirs)
    if marks and not root:  # the beginning itself is missing
        root = marks[0].span_id
    return sorted([*spans, *(replace(span, parent_id=None if span.span_id == root else root) for span in marks)], key=_in_order)


def _is_ours(spans: Sequence[StoredSpan]) -> bool:
    """Whether the trace began with us: its id is a request's, or it is a batch's and of no request."""
    requests = {str(span.attributes["parvis.request_id"]) for span in spans if span.attributes.get("parvis.request_id")}
    return not requests or spans[0].trace_id in {_trace_id_of(request_id) for request_id in requests}


def _trace_id_of(request_id: str) -> str:
    try:
        return f"{telemetry.trace_id_of(UUID(request_id)):032x}"
    except ValueError:
        return ""


def _was_sent(span: StoredSpan) -> bool:
    """Whether it is the reading of a request: the only record that others than we write."""
    return span.name == f"process {requests_received.TOPIC}"


def _root(spans: Sequence[StoredSpan], theirs: set[str]) -> str | None:
    first = min((span for span in spans if not span.parent_id or span.parent_id in theirs), key=_in_order, default=None)
    return (first.parent_id or first.span_id) if first else None


def _mark(span_id: str, children: Sequence[StoredSpan]) -> StoredSpan:
    first = min(children, key=_in_order)
    attributes = {name: value for name, value in first.attributes.items() if name in ("parvis.request_id", "parvis.agency")}
    long_ago = int((clock.now() - LONGEST_STEP).timestamp() * 1e9)
    status = LOST if max(span.ended for span in children) < long_ago else UNTOLD
    return StoredSpan(
        first.trace_id, span_id, None, f"{status} step before {first.name}", "", first.started, first.started, status, attributes, []
    )


def _in_order(span: StoredSpan) -> tuple[int, str]:
    return span.started, span.span_id
