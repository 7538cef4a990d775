"""Builds requests and the like with good defaults: a test names only what it is about."""

import json
import re
from typing import Any
from uuid import uuid4

from schemas.requests_triaged import Place, Term
from schemas.values import Redacted
from services.domain.placeholders import PLACEHOLDER


def a_citizen(name: str = "Ines Marlow", **changes: Any) -> dict[str, Any]:
    """Somebody who can be answered by e-mail."""
    email = f"{name.lower().replace(' ', '.')}@example.org"
    return {"name": name, "email": email} | changes


def a_request(**changes: Any) -> dict[str, Any]:
    """A RequestReceived as its publisher writes it: a message that the default taxonomy has an answer for."""
    return {
        "request_id": str(uuid4()),
        "agency": "belrive",
        "channel": "web",
        "received_at": "2026-03-02T08:00:00+01:00",
        "subject": "Street lamp out on Elm Street",
        "body": "The street lamp outside 12 Elm Street has been out for a week and the pavement is dark. When will it be repaired?",
        "language": "en",
        "citizen": a_citizen(),
    } | changes


def as_lines(*values: Any) -> str:
    """JSONL; a string stays as it is, so that a line can be a bad one."""
    return "".join((value if isinstance(value, str) else json.dumps(value)) + "\n" for value in values)


def the_terms(hidden: Redacted, *words: str) -> list[Term]:
    """As triage explains itself where these words weighed: whole words in any case, never a part of a placeholder."""
    texts = {"subject": hidden.subject or "", "body": hidden.body}
    blanked = {name: PLACEHOLDER.sub(lambda match: "\0" * len(match.group()), text) for name, text in texts.items()}
    return [
        Term(
            term=word,
            weight=1.0,
            places=[
                Place(field=name, start=match.start(), end=match.end())
                for name, text in blanked.items()
                for match in re.finditer(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)
            ],
        )
        for word in words
    ]
