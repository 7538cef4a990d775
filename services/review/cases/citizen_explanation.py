"""Tells a citizen how their message was handled, by machine and by people. Pure.

It holds nothing that identifies a colleague or another citizen, and no note: who decided is told by their role.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import unescape
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from schemas.acknowledgements_dispatched import AcknowledgementOutcome
from schemas.drafts_proposed import DraftProposed
from schemas.replies_decided import ByHand, Decision, ReplyDecided
from schemas.replies_dispatched import DispatchOutcome, ReplyDispatched
from schemas.requests_triaged import RequestTriaged
from schemas.values import Channel, MailMachine, Urgency
from services.domain import placeholders, wish_for_person
from services.domain.taxonomy import Taxonomy
from services.review.cases.acknowledgements.acknowledgement_store import Acknowledgement
from services.review.cases.case_state import STATE_AFTER, Case, State
from services.review.people.rules import Role
from services.review.web.templating import environment
from services.review.web.translation import Reader, reader, write_for
from services.runtime.message_catalogues import PageLanguage

MOST_WORDS = 8
OUTCOME_OF = {state: outcome for outcome, state in STATE_AFTER.items()}


class Weighed(BaseModel):
    """A word of the message that spoke for the category, or against it."""

    word: str
    weight: float


class SortedAs(BaseModel):
    """What the classifier decided, and what is true of it now."""

    unsure: bool
    """The classifier was not sure enough, and no person has sorted it: category and department are empty."""
    category: str
    department: str
    confidence: float
    by_person: bool
    urgency: Urgency
    words: list[Weighed]
    by_words: str = ""
    """What these words alone would have made of it, where the meaning of the whole message decided otherwise."""
    classifier: str


class Source(BaseModel):
    """A published passage that the draft quotes."""

    title: str
    url: str
    quote: str


class DraftedBy(BaseModel):
    """What drafted, from what, and what code doubts of it."""

    by: Literal["model", "template", "nobody"]
    model: str | None
    instructions_version: str | None
    revision: int
    sources: list[Source]
    failed_checks: list[str]


class Decider(BaseModel):
    """Somebody who decided: by name where the agency tells it, and else by their role."""

    name: str | None
    role: Role | None


class DecidedBy(BaseModel):
    """What a person did with the draft."""

    kind: Decision | Literal["by_hand"]
    at: datetime
    deciders: list[Decider]
    wrote_all: bool
    """Whether no draft was there: they wrote the reply themselves."""
    answered_by: ByHand | None = None


class Delivered(BaseModel):
    """What became of the reply."""

    outcome: DispatchOutcome
    at: datetime | None
    by_person: bool
    """Of what was delivered: a person passed it on."""


class Receipt(BaseModel):
    """What became of the receipt that was sent by itself; no outcome: it is on its way."""

    outcome: AcknowledgementOutcome | None
    at: datetime | None


class Explanation(BaseModel):
    """One case as its citizen may see it."""

    request_id: UUID
    agency: str
    told_in: PageLanguage
    received_at: datetime | None
    channel: Channel | None
    state: State
    from_machine: MailMachine | None
    language: str | None
    language_confidence: float | None
    person_wanted: bool
    sorted: SortedAs | None
    hidden: dict[str, int]
    could_not_be_read: bool
    joined: bool
    """It is answered together with another message, whose draft, decision and delivery these are, where the same person wrote it."""
    joined_into: UUID | None
    """The number of that message, where the same person wrote it."""
    draft: DraftedBy | None
    decision: DecidedBy | None
    delivery: Delivered | None
    receipt: Receipt | None = None
    about: str
    """Where the agency's page about automation is, if it has one."""


def told_in(case: Case, asked: str = "") -> PageLanguage:
    """The language that was asked for, else that of the message where the pages speak it, else English."""
    code = asked or (case.triage.language.code if case.triage else "")
    return "fr" if code == "fr" else "en"


def explanation(
    case: Case,
    drafts: Sequence[DraftProposed],
    decisions: Sequence[tuple[ReplyDecided, datetime | None]],
    deliveries: Sequence[ReplyDispatched],
    roles: Mapping[str, Role],
    taxonomy: Taxonomy,
    *,
    together_with: Case | None = None,
    receipt: Acknowledgement | None = None,
    names: Mapping[str, str] | None = None,
    language: PageLanguage = "en",
    about: str = "",
) -> Explanation:
    """Everything that a citizen may know of their case. With `names` whoever decided is named.

    Drafts, decisions and deliveries are those of `together_with`, the same person's case that is answered for this one, where there is one.
    """
    event, triage, answered = case.request or case.triage, case.triage, together_with or case
    joined_elsewhere = case.joined_into is not None and together_with is None
    decided = None if joined_elsewhere else _standing(decisions)
    draft = next((each for each in drafts if decided and each.draft_id == decided.draft_id), answered.draft)
    unread = triage is not None and triage.model_version == placeholders.UNREAD
    return Explanation(
        request_id=case.request_id,
        agency=case.agency or "",
        told_in=language,
        received_at=event.received_at if event else None,
        channel=event.channel if event else None,
        state=answered.state,
        from_machine=case.machine,
        language=triage.language.code if triage else None,
        language_confidence=triage.language.confidence if triage else None,
        person_wanted=any(wish.words != wish_for_person.NOT_SOLVED for wish in wish_for_person.wishes(triage)),
        sorted=_sorted(case, triage, taxonomy, language) if triage else None,
        hidden={} if unread or not triage else dict(triage.redacted.found),
        could_not_be_read=unread,
        joined=case.joined_into is not None,
        joined_into=together_with.request_id if together_with else None,
        draft=_drafted(draft) if draft and not joined_elsewhere else None,
        decision=_decided(decided, draft, roles, names or {}) if decided else None,
        delivery=_delivered(answered, decided, deliveries) if decided else None,
        receipt=Receipt(outcome=receipt.outcome, at=receipt.told_at) if receipt else None,
        about=about,
    )


def _standing(decisions: Sequence[tuple[ReplyDecided, datetime | None]]) -> ReplyDecided | None:
    return next((decision for decision, recalled in reversed(decisions) if recalled is None and decision.decision != "rejected"), None)


def _sorted(case: Case, triage: RequestTriaged, taxonomy: Taxonomy, language: str) -> SortedAs:
    unsure = case.unsorted and not case.machine
    by_other = case.category not in (None, triage.category)
    words = [] if by_other or unsure else sorted(triage.explanation, key=lambda term: -abs(term.weight))[:MOST_WORDS]
    return SortedAs(
        unsure=unsure,
        category="" if unsure else taxonomy.label(case.category or triage.category, language),
        department="" if unsure else taxonomy.department_label(case.department or triage.department, language),
        confidence=triage.confidence,
        by_person=case.sorted_by_person,
        urgency=case.urgency,
        by_words=taxonomy.label(triage.category_by_words, language) if words and triage.category_by_words else "",
        words=[Weighed(word=term.term, weight=round(term.weight, 2)) for term in words],
        classifier=triage.model_version,
    )


def _drafted(draft: DraftProposed) -> DraftedBy:
    return DraftedBy(
        by="nobody" if not draft.body else draft.drafted_by,
        model=draft.model if draft.body else None,
        instructions_version=draft.prompt_version,
        revision=draft.revision,
        sources=[Source(title=cited.title, url=cited.url, quote=cited.quote) for cited in draft.citations],
        failed_checks=[check.name for check in draft.checks if not check.passed],
    )


def _decided(decided: ReplyDecided, draft: DraftProposed | None, roles: Mapping[str, Role], names: Mapping[str, str]) -> DecidedBy:
    people = [email for email in (decided.decided_by, decided.seconded_by) if email]
    return DecidedBy(
        kind="by_hand" if decided.answered_by else decided.decision,
        at=decided.decided_at,
        deciders=[Decider(name=names.get(email), role=roles.get(email)) for email in people],
        wrote_all=decided.decision in ("approved", "edited") and (draft is None or not draft.body),
        answered_by=decided.answered_by,
    )


def _delivered(case: Case, decided: ReplyDecided, deliveries: Sequence[ReplyDispatched]) -> Delivered | None:
    """What became of the reply, by the state of the case: what dispatch tells may come twice and in any order."""
    outcome = OUTCOME_OF.get(case.state)
    if outcome is None or decided.decision not in ("approved", "edited"):
        return None
    of_outcome = (each for each in reversed(deliveries) if each.decision_id == decided.decision_id and each.outcome == outcome)
    event = next(of_outcome, None)
    by_person = outcome == "delivered" and event is not None and event.channel == "none"
    return Delivered(outcome=outcome, at=event.dispatched_at if event else None, by_person=by_person)


def in_words(explained: Explanation) -> str:
    """The same in plain sentences, in its language. Nothing in it steers a terminal."""
    before = reader()
    write_for(Reader(explained.told_in, before.zone))
    try:
        text = environment().get_template("explanation.html").render(page=explained)
    finally:
        write_for(before)
    lines = (" ".join(line.split()) for line in unescape(text).splitlines())
    return "\n".join("".join(letter for letter in line if letter.isprintable()) for line in lines if line)
