"""Makes an attention check that looks like the cases around it. Pure; time, ids and the drawn number are arguments."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from schemas.drafts_proposed import Citation, DraftProposed
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import Alternative, RequestTriaged, Term
from schemas.values import Redacted, Urgency
from services.domain.known_bad_drafts import KnownBadDraft, catalogue
from services.domain.taxonomy import Taxonomy
from services.review.audit.store import PARVIS, Entry
from services.review.cases import case_state
from services.review.cases.case_state import Case
from services.review.people.rules import Person

NOT_AGAIN_WITHIN = timedelta(days=180)
"""Whoever had a check before would know it again."""


def choice(
    person: Person, like: Case, last_seen: Mapping[str, datetime], taxonomy: Taxonomy, now: datetime, number: int
) -> KnownBadDraft | None:
    """The check for that person: in the language of the case they have just decided, of a department of theirs, and not known to them."""
    language = like.triage.language.code if like.triage else ""
    fitting = [
        check
        for check in catalogue()
        if check.language == language
        and check.category in taxonomy.categories
        and person.scope.has_department(taxonomy.department_of(check.category))
        and (check.id not in last_seen or last_seen[check.id] < now - NOT_AGAIN_WITHIN)
    ]
    return fitting[number % len(fitting)] if fitting else None


def placed(check: KnownBadDraft, person: Person, like: Case, taxonomy: Taxonomy, now: datetime, request_id: UUID, number: int) -> Case:
    """The check as a case that waits for a decision. It has no address: nothing could be delivered to anybody."""
    if not like.triage or not like.draft or not like.request:
        raise ValueError("a check is made like a case with a draft")
    received_at = min(like.request.received_at + timedelta(seconds=number % 1_500), now)
    department = taxonomy.department_of(check.category)
    received = RequestReceived.model_validate(
        {
            "request_id": request_id,
            "agency": like.request.agency,
            "channel": check.channel,
            "received_at": received_at,
            "subject": check.subject,
            "body": check.body,
            "citizen": {"name": check.name},
        }
    )
    triaged = RequestTriaged(
        request_id=request_id,
        agency=received.agency,
        channel=received.channel,
        received_at=received_at,
        language=like.triage.language.model_copy(update={"code": check.language}),
        redacted=Redacted(subject=received.subject, body=received.body),
        category=check.category,
        confidence=0.86 + number % 12 / 100,
        alternatives=_alternatives(check, like.triage, taxonomy),
        department=department,
        urgency=Urgency.NORMAL,
        outcome="routed",
        explanation=[Term(term=term, weight=2.4 - place * 0.7) for place, term in enumerate(check.terms)],
        model_version=like.triage.model_version,
    )
    draft = like.draft.model_copy(
        update={
            "request_id": request_id,
            "draft_id": check.draft_id,
            "basis": "",
            "revision": 1,
            "language": check.language,
            "subject": check.draft_subject,
            "body": check.draft_body,
            "citations": [_citation(check, like.draft)],
            "suggested": [],
            "checks": [passed.model_copy(update={"passed": True, "detail": "", "quote": ""}) for passed in like.draft.checks],
            "manner": [],
            "withheld": "",
        }
    )
    case = Case(request_id=request_id, version=0, created_at=received_at, updated_at=received_at, invented_for=person.email)
    case = case_state.with_triage(case_state.with_request(case, received, received_at), triaged, taxonomy, received_at)
    trace = f"00-{request_id.hex}-{request_id.hex[:16]}-01"
    return case_state.with_draft(case, draft, received_at).model_copy(update={"trace": {"traceparent": trace}})


def _alternatives(check: KnownBadDraft, like: RequestTriaged, taxonomy: Taxonomy) -> list[Alternative]:
    """As many as the other case has, from the same department first."""
    department = taxonomy.department_of(check.category)
    others = [name for name in taxonomy.names if name != check.category]
    nearest = sorted(others, key=lambda name: taxonomy.department_of(name) != department)
    return [other.model_copy(update={"category": name}) for other, name in zip(like.alternatives, nearest, strict=False)]


def _citation(check: KnownBadDraft, like: DraftProposed) -> Citation:
    """The passage with an address as the agency's own pages have it."""
    site = urlsplit(like.citations[0].url) if like.citations else urlsplit("https://www.city.example")
    url = f"{site.scheme}://{site.netloc}/{check.language}/{check.source.path}"
    return Citation(passage_id=f"{check.language}-{check.source.path}#1", title=check.source.title, url=url, quote=check.source.quote)


def history(case: Case) -> list[Entry]:
    """What the log has of any case before somebody works on it."""
    if not case.triage or not case.request or not case.draft:
        return []
    start = Entry(case.created_at, PARVIS, "received", case.request_id, {"channel": case.request.channel})
    sorted_as = {
        "category": case.triage.category,
        "confidence": round(case.triage.confidence, 3),
        "outcome": case.triage.outcome,
        "urgency": case.triage.urgency.value,
    }
    drafted: dict[str, object] = {"revision": 1, "drafted_by": case.draft.drafted_by, "checks_failed": []}
    return [
        start,
        dataclasses.replace(start, at=start.at + timedelta(seconds=2), action="triaged", detail=sorted_as),
        dataclasses.replace(start, at=start.at + timedelta(seconds=7), action="drafted", detail=drafted),
    ]
