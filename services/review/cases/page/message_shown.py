"""Builds the message of the case page: the citizen's own characters, marked and folded, with a line before a long one. Pure."""

from collections.abc import Sequence

from schemas.values import Redacted
from services.review.cases.attachments.attached_files import KeptFile
from services.review.cases.case_state import Case
from services.review.cases.page.case_view import Message
from services.review.cases.page.classification_explanation import Section, marked, sections
from services.review.cases.page.files_shown import files_shown
from services.review.cases.page.links_shown import link, links_of
from services.review.cases.page.long_letter import LongLetter

LONG_LETTER = 250
"""Words from which a message begins with a line that says what it is."""


def message_shown(case: Case, kept_files: Sequence[KeptFile] = (), *, scanner: bool = False) -> Message | None:
    """What the citizen wrote; None where it has not arrived."""
    request, triage = case.request, case.triage
    if not request:
        return None
    # What spoke for a category that a person has changed would only lead astray.
    terms = triage.explanation if triage and (case.category or triage.category) == triage.category else []
    hidden = triage.redacted if triage else Redacted(body=request.body)
    subject = marked(request.subject or "", "subject", hidden, terms)
    body = marked(request.body, "body", hidden, terms)
    parts = sections(body, request.body, hidden, triage.parts if triage else [])
    return Message(
        subject=subject,
        body=parts,
        long=_long_letter(case, parts),
        has_marks=any(piece.marked for piece in [*subject, *body]),
        links=links_of(request.subject or "", request.body),
        attachments=[link(attachment.url, attachment.name) for attachment in request.attachments],
        files=files_shown(request, kept_files, scanner=scanner),
    )


def _long_letter(case: Case, parts: Sequence[Section]) -> LongLetter | None:
    """What a letter is that is too long to be seen at one glance. None where it is short."""
    number = sum(len(piece.text.split()) for part in parts if not part.title for piece in part.pieces)
    if number < LONG_LETTER or not case.request:
        return None
    triage = case.triage
    return LongLetter(
        words=number,
        folded=any(part.title for part in parts),
        letter=triage.letter if triage and triage.letter_sure else None,
        attachments=len(case.request.attachments) + len(case.request.files),
    )
