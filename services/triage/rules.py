"""Decides category, urgency, kind of letter and signals of a batch of requests. Pure."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from schemas.requests_received import RequestReceived
from schemas.requests_triaged import DetectedLanguage, MessagePart, RequestTriaged, Signal
from schemas.values import Redacted
from services.domain import language, wish_for_person
from services.domain.message_parts import Excerpt, matter, new_text, with_subject
from services.domain.taxonomy import Taxonomy
from services.triage import fingerprint, message_parts, redaction
from services.triage.classification.classifier import Prediction, Reason
from services.triage.ignored_fields import left_out
from services.triage.message_parts import Agency
from services.triage.redaction.known_sender import hints
from services.triage.signals.automatic_replies import sent_by
from services.triage.signals.detection import Reading, signals
from services.triage.signals.letter_kind import letter_kind
from services.triage.signals.machine_mail import machine_mail_of
from services.triage.signals.urgency import is_calm, urgency

SCORED = frozenset({"en", "fr", "und"})
UNSCORED = 0.85


class Classifier(Protocol):
    """What triage asks of a model: a category with an honest probability, and the words that weighed most."""

    @property
    def version(self) -> str:
        """Which model this is."""

    def explained(self, texts: Sequence[str]) -> list[tuple[Prediction, list[Reason]]]:
        """One prediction a text, and the words that spoke for it."""


def triage(requests: Sequence[RequestReceived], classifier: Classifier, taxonomy: Taxonomy, sender: str = "") -> list[RequestTriaged]:
    """Every request gets a category and a department; what the classifier is unsure of is marked for a person to sort.

    `sender` is the address that replies come from: by it, and by their wording, our own replies are known when they are quoted.
    """
    agency = Agency(sender, frozenset(name for names in taxonomy.departments.values() for name in names.values()))
    letters = [_Letter.of(request, agency) for request in requests]
    explained = classifier.explained([letter.matter_text for letter in letters])
    readings = [letter.reading() for letter in letters]
    return [
        _triaged(letter, prediction, reading, shown, taxonomy, classifier.version)
        for letter, prediction, reading, shown in zip(letters, explained, readings, signals(readings), strict=True)
    ]


@dataclass(frozen=True)
class _Letter:
    """A request without personal details and taken apart."""

    request: RequestReceived
    language: DetectedLanguage
    redacted: Redacted
    parts: list[MessagePart]
    matter: Excerpt
    is_reply: bool
    calm: bool
    """Whether it answers a reply of ours with thanks alone: read off the original, since a word of thanks may be hidden as a name."""

    @classmethod
    def of(cls, request: RequestReceived, agency: Agency) -> Self:
        """Split as it was written, and the parts found again in what is left of it."""
        correspondence = message_parts.Correspondence.of(request, agency)
        parts = message_parts.split(request.body, correspondence)
        written = with_subject(request.subject, matter(request.subject, request.body, parts).text)
        detected = language.detect([written], [request.language])[0]
        redacted = redaction.redact(request.subject, request.body, request.citizen, detected.code, hints(request.dropped))
        calm = any(part.kind == "ours" for part in parts) and is_calm(new_text(request.body, parts))
        parts = message_parts.redacted_parts(parts, redacted.spans)
        matter_now = matter(redacted.subject, redacted.body, parts)
        return cls(request, detected, redacted, parts, matter_now, correspondence.is_reply, calm)

    @property
    def matter_text(self) -> str:
        """What is sorted by."""
        return with_subject(self.redacted.subject, self.matter.text)

    def reading(self) -> Reading:
        """What may tell of danger: all but our own words and, once they had an answer, the words before, where the new ones are calm."""
        sender = sent_by(self.request.channel, self.request.metadata)
        body, subject = self.redacted.body, self.redacted.subject
        if not self.parts:
            return Reading.of(with_subject(subject, body), sender=sender, subject=subject)
        new = new_text(body, self.parts)
        kinds = {"new", "quoted", "forwarded", "answered"}
        if self.calm:
            kinds.discard("answered")
            subject = None if self.is_reply else subject
        aside = Excerpt.of(body, self.parts, ("signature", "footer")).text
        heard = with_subject(subject, Excerpt.of(body, self.parts, kinds).text)
        return Reading.of(heard, with_subject(subject, new), aside, sender, calm=self.calm, subject=subject)


def _triaged(
    letter: _Letter,
    explained: tuple[Prediction, list[Reason]],
    reading: Reading,
    shown: list[Signal],
    taxonomy: Taxonomy,
    version: str,
) -> RequestTriaged:
    request, redacted = letter.request, letter.redacted
    prediction, reasons = explained
    level, why = urgency(shown, reading)
    by_machine = machine_mail_of(request.automatic, shown) if request.automatic else None
    if by_machine:
        shown, level, why = by_machine.signals, by_machine.urgency, by_machine.reasons
    letter_read = letter_kind(redacted.subject, new_text(redacted.body, letter.parts))
    return RequestTriaged(
        request_id=request.request_id,
        agency=request.agency,
        channel=request.channel,
        received_at=request.received_at,
        language=letter.language,
        redacted=redacted,
        category=prediction.category,
        confidence=prediction.confidence,
        alternatives=prediction.alternatives,
        department=taxonomy.department_of(prediction.category),
        urgency=level,
        urgency_reasons=why,
        signals=wish_for_person.without_automation(shown, request.automation, request.unsolved_by),
        parts=letter.parts,
        danger=_danger(shown, letter.language.code),
        letter=letter_read.kind if letter_read else None,
        letter_confidence=letter_read.probability if letter_read else None,
        letter_sure=letter_read is not None and letter_read.sure,
        letter_tone=letter_read.tone if letter_read else None,
        automatic=request.automatic,
        outcome="routed" if prediction.answered and not (by_machine and by_machine.doubt) else "needs_triage",
        # As plain values: checked all at once, in a fraction of the time.
        explanation=[_term(reason, letter.matter_text, len(redacted.subject or ""), letter.matter) for reason in reasons],
        left_out=left_out(request.dropped),
        fingerprint=fingerprint.fingerprint(redacted.subject, letter.matter.text),
        model_version=version,
    )


def _danger(shown: Sequence[Signal], spoken: str) -> float | None:
    """How sure it is that somebody may come to harm: of a language that the score has not learned a phrase of danger is all there is."""
    certainties = [signal.certainty or 0.0 for signal in shown if signal.kind == "risk_of_harm"]
    if not certainties:
        return None
    return max(certainties) if spoken in SCORED else max(*certainties, UNSCORED)


def _term(reason: Reason, text: str, subject: int, matter: Excerpt) -> dict[str, Any]:
    """A reason with its places in the subject, which is so long, and in the body, which begins one behind it."""
    spans = [(start, end if text.isascii() else _behind_marks(text, end)) for start, end in reason.places]
    first, last = spans[0]
    return {"term": text[first:last], "weight": reason.weight, "places": [_place(start, end, subject, matter) for start, end in spans]}


def _place(start: int, end: int, subject: int, matter: Excerpt) -> dict[str, Any]:
    if start < subject:
        return {"field": "subject", "start": start, "end": end}
    begun = subject + 1 if subject else 0
    first, last = matter.in_body(start - begun, end - begun)
    return {"field": "body", "start": first, "end": last}


def _behind_marks(text: str, end: int) -> int:
    """An accent that is a character of its own belongs to the letter before it."""
    while end < len(text) and unicodedata.category(text[end]).startswith("M"):
        end += 1
    return end
