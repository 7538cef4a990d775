"""What a redacted text leaves readable, and the original rebuilt from its spans."""

import re

from schemas.values import Person, Redacted
from services.domain.placeholders import PLACEHOLDER
from services.triage.redaction import redact

CLAIRE = Person(name="Claire Dupont", email="claire.dupont@example.fr", phone="+33 6 12 34 56 78", address="12 rue des Lilas, 35000 Rennes")


def hidden(text: str, *, language: str = "en", citizen: Person | None = None) -> str:
    """The redacted text."""
    return redact(None, text, citizen, language).body


def shown(text: str, meant: str, language: str) -> list[str]:
    """Which of the words that nobody may see can still be seen."""
    seen = PLACEHOLDER.sub("", hidden(text, language=language))
    return [word for word in meant.split() if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", seen)]


def rebuilt(subject: str | None, body: str, redacted: Redacted) -> tuple[str | None, str]:
    """The redacted texts built again from the original and the spans alone."""
    built = {}
    for field, text in (("subject", subject or ""), ("body", body)):
        parts: list[str] = []
        done = 0
        for span in redacted.spans:
            if span.field == field:
                parts += text[done : span.start], span.placeholder
                done = span.end
        built[field] = "".join(parts) + text[done:]
    return (None if subject is None else built["subject"]), built["body"]
