"""Decides category, urgency, kind of letter and signals of a batch of requests. Pure."""

from collections.abc import Collection, Sequence
from typing import Any, Protocol

from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged, Signal
from services.domain import wish_for_person
from services.domain.danger_levels import EMERGENCY_FROM
from services.domain.message_parts import Excerpt, new_text
from services.domain.taxonomy import Taxonomy
from services.triage import fingerprint
from services.triage.classification.classifier import Prediction, Reason
from services.triage.ignored_fields import left_out
from services.triage.letter import Letter, agency_of
from services.triage.signals.danger_meaning import DangerMeaning, second_look
from services.triage.signals.detection import Reading, signals
from services.triage.signals.letter_kind import letter_kind
from services.triage.signals.machine_mail import machine_mail_of
from services.triage.signals.urgency import urgency

SCORED = frozenset({"en", "fr", "und"})
UNSCORED = 0.85


class Classifier(Protocol):
    """What triage asks of a model: a category with an honest probability, and the words that weighed most."""

    @property
    def version(self) -> str:
        """Which model this is."""

    def explained(self, texts: Sequence[str], by_words_alone: Collection[int] = ()) -> list[tuple[Prediction, list[Reason]]]:
        """One prediction a text, and the words that spoke for it. `by_words_alone` numbers texts that no encoder may see."""


def triage(
    requests: Sequence[RequestReceived], classifier: Classifier, taxonomy: Taxonomy, sender: str = "", meaning: DangerMeaning | None = None
) -> list[RequestTriaged]:
    """Every request gets a category and a department; what the classifier is unsure of is marked for a person to sort.

    `sender` is the address that replies come from: by it, and by their wording, our own replies are known when they are quoted.
    Where words leave open whether there is danger, `meaning` is asked as well.
    """
    agency = agency_of(taxonomy, sender)
    letters = [Letter.of(request, agency) for request in requests]
    readings = [letter.reading() for letter in letters]
    shown = signals(readings)
    # Whoever wants no automated handling is sorted, and what they mean is looked up nowhere else.
    wishes = {
        number
        for number, (letter, signs) in enumerate(zip(letters, shown, strict=True))
        if wish_for_person.wants_a_person(signs, letter.request.automation, letter.request.unsolved_by)
    }
    if meaning:
        shown = second_look(readings, shown, meaning, wishes)
    explained = classifier.explained([letter.matter_text for letter in letters], wishes)
    return [
        _triaged(letter, prediction, reading, signs, taxonomy, classifier.version)
        for letter, prediction, reading, signs in zip(letters, explained, readings, shown, strict=True)
    ]


def _triaged(
    letter: Letter,
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
        category_by_words=prediction.by_words,
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
    surest = max(certainties)
    return surest if spoken in SCORED or surest < EMERGENCY_FROM else max(surest, UNSCORED)


def _term(reason: Reason, text: str, subject: int, matter: Excerpt) -> dict[str, Any]:
    """A reason with its places in the subject, which is so long, and in the body, which begins one behind it."""
    first, last = reason.places[0]
    places = [_place(start, end, subject, matter) for start, end in reason.places]
    return {"term": text[first:last], "weight": reason.weight, "places": places}


def _place(start: int, end: int, subject: int, matter: Excerpt) -> dict[str, Any]:
    if start < subject:
        return {"field": "subject", "start": start, "end": end}
    begun = subject + 1 if subject else 0
    first, last = matter.in_body(start - begun, end - begun)
    return {"field": "body", "start": first, "end": last}
