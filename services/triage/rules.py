"""What a request is, decided for a whole batch at once: values in, values out."""

import unicodedata
from collections.abc import Sequence
from typing import Any, Protocol

from schemas.requests_received import RequestReceived
from schemas.requests_triaged import DetectedLanguage, RequestTriaged, Signal
from schemas.values import Redacted
from services.domain.taxonomy import Taxonomy
from services.triage import fingerprint, language, redaction
from services.triage.classification.classifier import Prediction, Reason
from services.triage.signals.detection import Reading, signals
from services.triage.signals.urgency import urgency

SCORED = frozenset({"en", "fr", "und"})
UNSCORED = 0.85


class Classifier(Protocol):
    """What triage asks of a model: a category with an honest probability, and the words that weighed most."""

    @property
    def version(self) -> str:
        """Which model this is."""

    def explained(self, texts: Sequence[str]) -> list[tuple[Prediction, list[Reason]]]:
        """One prediction a text, and the words that spoke for it."""


def triage(requests: Sequence[RequestReceived], classifier: Classifier, taxonomy: Taxonomy) -> list[RequestTriaged]:
    """Every request gets a category and a desk; what the classifier is unsure of is marked for a person to sort."""
    languages = language.detect([text_of(request) for request in requests], [request.language for request in requests])
    hidden = [
        redaction.redact(request.subject, request.body, request.citizen, told.code)
        for request, told in zip(requests, languages, strict=True)
    ]
    texts = [text_of(one) for one in hidden]
    readings = [Reading.of(text) for text in texts]
    explained, shown = classifier.explained(texts), signals(readings)
    return [
        _triaged(request, told, redacted, said, reading, seen, taxonomy, classifier.version)
        for request, told, redacted, said, reading, seen in zip(requests, languages, hidden, explained, readings, shown, strict=True)
    ]


def text_of(message: RequestReceived | Redacted) -> str:
    """Subject and message as one text."""
    return f"{message.subject}\n{message.body}" if message.subject else message.body


def _triaged(
    request: RequestReceived,
    told: DetectedLanguage,
    hidden: Redacted,
    explained: tuple[Prediction, list[Reason]],
    reading: Reading,
    shown: list[Signal],
    taxonomy: Taxonomy,
    version: str,
) -> RequestTriaged:
    prediction, reasons = explained
    level, why = urgency(shown, reading)
    return RequestTriaged(
        request_id=request.request_id,
        agency=request.agency,
        channel=request.channel,
        received_at=request.received_at,
        language=told,
        redacted=hidden,
        category=prediction.category,
        confidence=prediction.confidence,
        alternatives=prediction.alternatives,
        department=taxonomy.department_of(prediction.category),
        urgency=level,
        urgency_reasons=why,
        signals=shown,
        danger=_danger(shown, told.code),
        outcome="routed" if prediction.answered else "needs_triage",
        # As plain values: checked all at once, in a fraction of the time.
        explanation=[_term(reason, reading.text, len(hidden.subject or "")) for reason in reasons],
        fingerprint=fingerprint.fingerprint(hidden.subject, hidden.body),
        model_version=version,
    )


def _danger(shown: Sequence[Signal], spoken: str) -> float | None:
    """How sure it is that somebody may come to harm: of a language that the score has not learned a phrase of danger is all there is."""
    certainties = [signal.certainty or 0.0 for signal in shown if signal.kind == "risk_of_harm"]
    if not certainties:
        return None
    return max(certainties) if spoken in SCORED else max(*certainties, UNSCORED)


def _term(reason: Reason, text: str, subject: int) -> dict[str, Any]:
    """A reason with its places in the subject, which is so long, and in the body, which begins one behind it."""
    spans = [(start, end if text.isascii() else _behind_marks(text, end)) for start, end in reason.places]
    first, last = spans[0]
    return {"term": text[first:last], "weight": reason.weight, "places": [_place(start, end, subject) for start, end in spans]}


def _place(start: int, end: int, subject: int) -> dict[str, Any]:
    if start < subject:
        return {"field": "subject", "start": start, "end": end}
    body = subject + 1 if subject else 0
    return {"field": "body", "start": start - body, "end": end - body}


def _behind_marks(text: str, end: int) -> int:
    """An accent that is a character of its own belongs to the letter before it."""
    while end < len(text) and unicodedata.category(text[end]).startswith("M"):
        end += 1
    return end
