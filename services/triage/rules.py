"""What a request is, decided for a whole batch at once: values in, values out."""

from collections.abc import Sequence
from typing import Protocol

from schemas.requests_received import RequestReceived
from schemas.requests_triaged import DetectedLanguage, RequestTriaged, Term
from schemas.values import Redacted
from services.domain.taxonomy import Taxonomy
from services.triage import fingerprint, language, places, redaction, signals, urgency
from services.triage.classifier import Prediction


class Classifier(Protocol):
    """What triage asks of a model: a category with an honest probability, and the words that weighed most."""

    @property
    def version(self) -> str:
        """Which model this is."""

    def predict(self, texts: Sequence[str], languages: Sequence[str] | None = None) -> list[Prediction]:
        """One prediction a text."""

    def explain(self, texts: Sequence[str], categories: Sequence[str]) -> list[list[Term]]:
        """The words of each text that spoke for the category."""


def triage(requests: Sequence[RequestReceived], classifier: Classifier, taxonomy: Taxonomy) -> list[RequestTriaged]:
    """Every request gets a category and a desk; what the classifier is unsure of is marked for a person to sort."""
    languages = language.detect([f"{r.subject or ''}\n{r.body}" for r in requests], [r.language for r in requests])
    hidden = [
        redaction.redact(request.subject, request.body, request.citizen, told.code)
        for request, told in zip(requests, languages, strict=True)
    ]
    texts = [f"{one.subject or ''}\n{one.body}".strip() for one in hidden]
    predictions = classifier.predict(texts, [told.code for told in languages])
    terms = classifier.explain(texts, [p.category for p in predictions])
    return [_triaged(*row, taxonomy, classifier.version) for row in zip(requests, languages, hidden, predictions, terms, strict=True)]


def _triaged(
    request: RequestReceived,
    told: DetectedLanguage,
    hidden: Redacted,
    prediction: Prediction,
    terms: list[Term],
    taxonomy: Taxonomy,
    version: str,
) -> RequestTriaged:
    shown = signals.signals(hidden.subject, hidden.body, told.code)
    level, reasons = urgency.urgency(shown, hidden.subject, hidden.body, prediction.category, told.code)
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
        urgency_reasons=reasons,
        signals=shown,
        outcome="routed" if prediction.answered else "needs_triage",
        explanation=places.placed(terms, hidden.subject, hidden.body),
        fingerprint=fingerprint.fingerprint(hidden.subject, hidden.body),
        model_version=version,
    )
