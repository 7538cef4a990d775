"""Prepares a request for sorting: taken apart, its language told, personal details replaced. Pure."""

from dataclasses import dataclass
from typing import Self

from schemas.requests_received import RequestReceived
from schemas.requests_triaged import DetectedLanguage, MessagePart
from schemas.values import Redacted
from services.domain import language
from services.domain.message_parts import Excerpt, matter, new_text, with_subject
from services.domain.taxonomy import Taxonomy
from services.triage import message_parts, redaction
from services.triage.message_parts import Agency
from services.triage.redaction.known_sender import hints
from services.triage.signals.automatic_replies import sent_by
from services.triage.signals.detection import Reading
from services.triage.signals.urgency import is_calm


def agency_of(taxonomy: Taxonomy, sender: str = "") -> Agency:
    """Who we are in quoted mail: `sender` is the address that replies come from, as `Parvis <no-reply@city.example>`."""
    return Agency(sender, frozenset(name for names in taxonomy.departments.values() for name in names.values()))


@dataclass(frozen=True)
class Letter:
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
