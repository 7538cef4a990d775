"""The triage result of a message that took too long: it goes to a person, and its text is not passed on."""

from schemas.requests_received import RequestReceived
from schemas.requests_triaged import DetectedLanguage, RequestTriaged
from schemas.values import Redacted, RedactedSpan, Urgency
from services.domain import wish_for_person
from services.domain.phrases import Phrase
from services.domain.placeholders import UNREAD, WHOLE_MESSAGE
from services.domain.taxonomy import Taxonomy
from services.triage.ignored_fields import left_out

REASON = Phrase("the message could not be read by the machine in time and must be read by a person")


def set_aside(request: RequestReceived, taxonomy: Taxonomy) -> RequestTriaged:
    """Left to a person, early in the queue: what it tells of may be urgent. The category is one to begin with, and sorts nothing."""
    category = taxonomy.fallback
    whole = RedactedSpan(field="body", start=0, end=len(request.body), placeholder=WHOLE_MESSAGE)
    return RequestTriaged(
        request_id=request.request_id,
        agency=request.agency,
        channel=request.channel,
        received_at=request.received_at,
        language=DetectedLanguage(code="und", confidence=0.0),
        redacted=Redacted(body=WHOLE_MESSAGE, found={"MESSAGE": 1}, spans=[whole]),
        category=category,
        confidence=0.0,
        department=taxonomy.department_of(category),
        urgency=Urgency.HIGH,
        urgency_reasons=[REASON],
        signals=wish_for_person.without_automation([], request.automation, request.unsolved_by),
        automatic=request.automatic,
        outcome="needs_triage",
        left_out=left_out(request.dropped),
        model_version=UNREAD,
    )
