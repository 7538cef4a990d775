"""Replaces personal details by placeholders: what leaves triage names nobody, and review can put everything back."""

from collections.abc import Sequence
from typing import Literal

from schemas.values import Person, Redacted, RedactedSpan
from services.domain.placeholders import PLACEHOLDER
from services.triage.redaction.alphanumeric_identifiers import codes
from services.triage.redaction.known_sender import of_known_sender
from services.triage.redaction.online_contacts import contacts
from services.triage.redaction.phone_and_account_numbers import numbers
from services.triage.redaction.pii_span import PiiSpan, merged
from services.triage.redaction.postal_addresses import postcodes
from services.triage.redaction.signatures import before_contact, continued, coordinated, paired, repeated, shaped
from services.triage.redaction.text_folding import Folded, balanced, fold
from services.triage.redaction.trigger_scan import announced

__all__ = ["redact"]


def redact(subject: str | None, body: str, citizen: Person | None, language: str, hints: Sequence[Person] = ()) -> Redacted:
    """The message without personal details. The same detail, however written, has the same placeholder in both texts.

    `hints` are the citizen too, as fields told of them that could not be used otherwise.
    """
    people = [*([citizen] if citizen else []), *hints]
    spoken = language.partition("-")[0].lower()
    placeholders: dict[tuple[str, str], str] = {}
    counts: dict[str, int] = {}
    numbered: dict[str, int] = {}
    spans: list[RedactedSpan] = []

    def replaced(field: Literal["subject", "body"], text: str) -> str:
        folded = fold(text)
        pii = _spans(folded, people, spoken)
        if not pii:
            return text
        parts: list[str] = []
        done = 0
        for detail in merged(pii):
            key = (detail.kind, detail.value)
            if key not in placeholders:
                numbered[detail.kind] = numbered.get(detail.kind, 0) + 1
                placeholders[key] = f"[{detail.kind}_{numbered[detail.kind]}]"
            start, end = balanced(text, *folded.original(detail.start, detail.end))
            start = max(start, done)
            parts += text[done:start], placeholders[key]
            spans.append(RedactedSpan(field=field, start=start, end=end, placeholder=placeholders[key]))
            counts[detail.kind] = counts.get(detail.kind, 0) + 1
            done = end
        return "".join(parts) + text[done:]

    plain_subject = None if subject is None else replaced("subject", subject)
    return Redacted(subject=plain_subject, body=replaced("body", body), found=counts, spans=spans)


def _spans(folded: Folded, people: Sequence[Person], language: str) -> list[PiiSpan]:
    spans: list[PiiSpan] = []
    if "[" in folded.text:
        # Typed by the citizen, it would be taken for ours and replaced by what ours stands for.
        spans += (PiiSpan("ID", *typed.span(), typed.group()) for typed in PLACEHOLDER.finditer(folded.text))
    for person in people:
        spans += of_known_sender(folded, person)
    spans += contacts(folded)
    if folded.digits:
        spans += numbers(folded, language)
        spans += codes(folded)
        spans += postcodes(folded)
    spans += announced(folded, language)
    spans += shaped(folded)
    spans += paired(folded)
    if spans:
        spans += [*before_contact(folded, spans)]  # lists: what reads the spans must not grow them meanwhile
        spans += [*continued(folded, spans)]
        spans += [*coordinated(folded, spans)]
        spans += [*repeated(folded, spans)]
    return spans
