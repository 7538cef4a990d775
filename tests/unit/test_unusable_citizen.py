"""Whoever wrote is hidden also where the field that names them could not be used: its words are looked up all the same."""

from typing import Any
from uuid import uuid4

import pytest

from services.intake.rules import accept
from services.runtime import clock
from services.triage.redaction import redact
from services.triage.redaction.known_sender import hints

BODY = "The bin of Quillfeather is broken. Account kept for quillfeather, zorba99x at the desk."


@pytest.mark.parametrize(
    "citizen",
    [
        "Zorba Quillfeather <zorba99x@mail.example>",
        {"name": ["Zorba Quillfeather"], "email": "zorba99x@mail.example; w@mail.example"},
        {"name": {"first": "Zorba", "last": "Quillfeather"}, "email": ["zorba99x@mail.example"]},
        [{"name": "Zorba Quillfeather", "email": "zorba99x@mail.example"}],
    ],
)
def test_the_words_of_a_citizen_field_that_could_not_be_used_are_hidden(citizen: Any) -> None:
    request = accept({"channel": "web", "body": BODY, "citizen": citizen}, "springfield", clock.now(), uuid4())
    shown = redact(request.subject, request.body, request.citizen, "en", hints(request.dropped)).body.lower()
    assert "quillfeather" not in shown
    assert "zorba" not in shown
