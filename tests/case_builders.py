"""Builds cases and the events that make them, for tests of review."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from schemas.drafts_proposed import DraftProposed
from schemas.replies_dispatched import DispatchOutcome, ReplyDispatched
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import DetectedLanguage, RequestTriaged
from schemas.values import Redacted, RedactedSpan, Urgency
from services.domain import taxonomy
from services.review.cases import case_state
from services.review.cases.case_state import Case
from services.review.people.rules import Person, Role
from tests.builders import a_request

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CITY = taxonomy.load()
ANNA = Person("anna@city.example", "Anna", Role.CASEWORKER)
SAM = Person("sam@city.example", "Sam", Role.SUPERVISOR)
REQUEST_ID = UUID("11111111-1111-4111-8111-111111111111")


def received(**changes: Any) -> RequestReceived:
    """A citizen's message."""
    return RequestReceived.model_validate(a_request(request_id=REQUEST_ID) | {"body": "The lamp is out. Ines Marlow"} | changes)


def triaged(**changes: Any) -> RequestTriaged:
    """What triage made of it."""
    hidden = Redacted(
        body="The lamp is out. [NAME_1]", found={"NAME": 1}, spans=[RedactedSpan(field="body", start=17, end=28, placeholder="[NAME_1]")]
    )
    values: dict[str, Any] = {
        "request_id": REQUEST_ID,
        "agency": "belrive",
        "channel": "web",
        "received_at": NOW,
        "language": DetectedLanguage(code="en", confidence=0.99),
        "redacted": hidden,
        "category": "street_lighting",
        "confidence": 0.93,
        "department": "streets",
        "urgency": Urgency.NORMAL,
        "outcome": "routed",
        "model_version": "test",
    }
    return RequestTriaged(**values | changes)


def drafted(revision: int = 1, **changes: Any) -> DraftProposed:
    """A draft for a person to decide on."""
    values: dict[str, Any] = {
        "request_id": REQUEST_ID,
        "draft_id": uuid5(REQUEST_ID, str(revision)),
        "revision": revision,
        "language": "en",
        "subject": "Re: the lamp",
        "body": "Hello [CITIZEN_NAME],\n\nthe lamp will be repaired within 10 days.",
        "drafted_by": "template",
    }
    return DraftProposed(**values | changes)


def dispatched(case: Case, outcome: DispatchOutcome = "delivered") -> ReplyDispatched:
    """What became of the case's decision."""
    assert case.decision
    return ReplyDispatched(request_id=case.request_id, decision_id=case.decision.decision_id, outcome=outcome, channel="smtp", attempts=1)


def a_new_case() -> Case:
    """Nothing is known yet."""
    return Case(request_id=REQUEST_ID, version=0, created_at=NOW, updated_at=NOW)


def a_case_to_decide() -> Case:
    """Received, triaged and drafted."""
    case = case_state.with_request(a_new_case(), received(), NOW)
    return case_state.with_draft(case_state.with_triage(case, triaged(), CITY, NOW), drafted(), NOW)
