"""Builds the case page: the context that its template shows, from all that is stored of the case."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import get_args
from urllib.parse import urlencode
from uuid import UUID

from schemas.drafts_proposed import Citation, DraftProposed
from schemas.replies_decided import ReplyDecided
from schemas.replies_dispatched import ReplyDispatched
from schemas.requests_triaged import LETTER_KINDS
from schemas.values import Urgency
from services.domain import machine_mail, placeholders
from services.domain.phrases import Phrase
from services.domain.taxonomy import Taxonomy
from services.review.audit.store import Entry
from services.review.cases.attachments.attached_files import KeptFile
from services.review.cases.attention_checks.check_store import Answered
from services.review.cases.canned_replies.canned_replies import CannedReply
from services.review.cases.case_state import CLOSABLE, UNDECIDED, UNDELIVERED, WAITS_FOR_SOMEBODY, Case, State
from services.review.cases.deciding import figures, four_eyes, recipient, subject_reference
from services.review.cases.deciding.actions import How
from services.review.cases.deciding.answers_by_hand import ANSWERABLE
from services.review.cases.deciding.reply_note import NO_NOTES, ReplyNotes
from services.review.cases.live.presence import Present, presence_of
from services.review.cases.near_duplicates.store import Similar
from services.review.cases.notes.notes import Note
from services.review.cases.page import published_pages, second_approval
from services.review.cases.page.attention_check_shown import attention_check_shown
from services.review.cases.page.case_view import (
    ByHand,
    CannedChoice,
    CasePage,
    Compared,
    Decided,
    Delivered,
    DraftShown,
    InView,
    NoteShown,
    Offers,
    OtherText,
    Problem,
    SimilarCase,
    Text,
    Typed,
)
from services.review.cases.page.draft_marks import draft_marks
from services.review.cases.page.duplicates import Duplicates
from services.review.cases.page.files_shown import files_offered
from services.review.cases.page.history_shown import history_shown
from services.review.cases.page.just_decided import JustDecided
from services.review.cases.page.links_shown import link, links_of
from services.review.cases.page.message_shown import message_shown
from services.review.cases.page.note_under_reply import note_under_reply
from services.review.cases.page.published_pages import PublishedPages
from services.review.cases.page.text_comparison import compare
from services.review.cases.page.triage_shown import triage_shown
from services.review.cases.queue.preferences import Preferences
from services.review.cases.queue.queue_page import QueueFilters, categories, departments
from services.review.cases.queue.queue_view import case_address, queue_address, view_of_state, view_text
from services.review.cases.ratings.rating_store import Rating
from services.review.cases.related.related_shown import NOTHING_RELATED, Related
from services.review.cases.writing.writing import FIELDS
from services.review.cases.writing.written_text import NO_DRAFT, WrittenText, current, versions
from services.review.people.powers import Power
from services.review.people.rules import Person
from services.review.safeguards.rules import NotedRule
from services.review.web.templating import Choice, Page
from services.review.web.translation import reader

OF_SEVERAL_MATTERS = ("answers_each_matter",)
"""Checks that say nothing any more once the second matter has a case and a reply of its own."""


@dataclass(frozen=True)
class CaseFile:
    """All stored data of one case that a person sees."""

    case: Case
    decisions: Sequence[tuple[ReplyDecided, datetime | None]] = ()
    deliveries: Sequence[ReplyDispatched] = ()
    history: Sequence[Entry] = ()
    texts: Sequence[WrittenText] = ()
    present: Sequence[Present] = ()
    similar: Sequence[Similar] = ()
    duplicates: Duplicates | None = None
    related: Related = NOTHING_RELATED
    names: Mapping[str, str] = field(default_factory=dict)
    colleagues: Sequence[Choice] = ()
    in_force: Sequence[NotedRule] = ()
    notes: Sequence[Note] = ()
    kept_files: Sequence[KeptFile] = ()
    scanner: bool = False
    canned_replies: Sequence[CannedReply] = ()
    is_mentioned: bool = False
    senders: tuple[str, ...] = ()
    subject_reference: bool = False
    reply_notes: ReplyNotes = NO_NOTES
    rating: Rating | None = None
    published: PublishedPages | None = None
    view: QueueFilters | None = None
    preferences: Preferences = field(default_factory=Preferences)
    just_decided: JustDecided | None = None
    check: Answered | None = None


def case_page(
    case_file: CaseFile,
    base: Page,
    person: Person,
    taxonomy: Taxonomy,
    trace_id: str,
    problem: Problem | None = None,
    typed: Typed | None = None,
) -> CasePage:
    """Builds the context of the page."""
    case, now = case_file.case, base.now
    written = typed or Typed()
    doubt = recipient.doubt_about(case.address, case_file.senders)
    text = _text(case, case_file.texts, person, written)
    decided = [_decided(decision, recalled, case_file.names) for decision, recalled in case_file.decisions]
    standing = next(
        (d for d in reversed(decided) if case.decision and d.decision_id == case.decision.decision_id and not d.recalled_at), None
    )
    closing = next((d for d in reversed(decided) if d.kind in ("closed", "by_hand")), None) if case.state is State.CLOSED else None
    shown = closing or standing
    delivered = [d for d in case_file.deliveries if case.decision and d.decision_id == case.decision.decision_id]
    if case.state is State.DELIVERY_FAILED:  # what is told of it after it came back says nothing any more
        delivered.sort(key=lambda delivery: delivery.returned)
    waits = case.state not in (State.SENT, State.CLOSED, State.APPROVED)
    if text:
        text = text.model_copy(update={"links": links_of(text.subject, text.body)})
    answered_elsewhere = OF_SEVERAL_MATTERS if case_file.related.is_split else ()
    shown_draft = _draft(case.draft, case.details, but=answered_elsewhere) if case.draft else None
    if shown_draft and case.draft:
        marks = draft_marks(text.body if text else "", case.draft.language, case.draft.citations, shown_draft.failed)
        shown_draft = shown_draft.model_copy(update={"quotes": marks.quotes, "check_places": marks.check_places})
        text = text and text.model_copy(update={"pieces": marks.draft})
    cited = case.draft.citations if case.draft and four_eyes.must_look(case, case_file.in_force) else None
    own_words = case.draft.own_words if case.draft else ""
    return CasePage(
        **dict(base),
        view=_in_view(case, case_file.view),
        just_decided=case_file.just_decided,
        request_id=case.request_id,
        state=case.state,
        version=case.version,
        title=case.title,
        due_at=case.due_at if waits else None,
        overdue=bool(waits and case.due_at and case.due_at < now),
        assignee=case_file.names.get(case.assignee, case.assignee) if case.assignee else None,
        mine=case.assignee == person.email,
        waits_for_a_service=case.state in (State.RECEIVED, State.DRAFTING, State.APPROVED),
        trace_id=trace_id,
        request=case.request,
        message=message_shown(case, case_file.kept_files, scanner=case_file.scanner),
        sorted=triage_shown(case, case_file.history, case_file.names, person, taxonomy),
        machine=machine_mail.SENTENCES[case.machine] if case.machine else "",
        similar=[_similar(resembling) for resembling in case_file.similar],
        duplicates=case_file.duplicates,
        related=case_file.related,
        draft=shown_draft,
        text=text,
        other_texts=_other_texts(case_file, person, text),
        kept=dict.fromkeys(FIELDS, "") | {t.field: t.text for t in _current(case_file.texts, person, NO_DRAFT) if t.text},
        saved=_saved(case_file, person),
        compared=_compared(case_file, person, problem, text),
        holder=case_file.names.get(case.assignee, case.assignee) if case.assignee and case.assignee != person.email else None,
        figures=figures.figures_of(f"{text.subject}\n{text.body}", cited, own_words) if text else [],
        figures_json=_as_json(case, text, cited, own_words),
        first_figures=figures.figures_of(f"{first.subject}\n{first.body}", cited, own_words) if (first := case.first_approval) else [],
        second=second_approval.second_approval(case, person, case_file.names, taxonomy),
        second_person_next=four_eyes.foreseen(case, case_file.in_force),
        sent_back=second_approval.sent_back(case, case_file.names),
        decision=shown,
        past=[d for d in decided if d is not shown],
        delivery=_delivered(delivered[-1]) if delivered else None,
        by_hand=_by_hand(case),
        instructions=case.instructions or "",
        history=history_shown(case, case_file.history, case_file.names, taxonomy),
        offers=offers(case, person),
        recipient=case.address or "",
        subject_reference=subject_reference.reference_of(case) if case_file.subject_reference else "",
        note=note_under_reply(case, text.body, case_file.reply_notes) if text else None,
        rating=case_file.rating,
        reopens=case.reopens,
        recipient_doubts=[*_recipient_doubts(case, case_file.senders), *_returned(case, case_file.related)],
        source_doubts=published_pages.doubts(case.draft.citations, case_file.published, taxonomy.day(now))
        if case.draft and case.decidable
        else [],
        files_offered=files_offered(case, case_file.published.files if case_file.published else {}, written.attachments),
        first_files=list(case.first_approval.attachments) if case.first_approval else [],
        confirm_recipient=doubt is not None and doubt.needs_confirmation,
        presence=presence_of(case, person, case_file.present, case_file.texts, case_file.names),
        problem=problem,
        typed=written,
        categories=categories(taxonomy),
        departments=departments(taxonomy),
        colleagues=list(case_file.colleagues),
        notes=[NoteShown.of(note, case_file.names) for note in case_file.notes],
        is_mentioned=case_file.is_mentioned,
        canned_replies=[CannedChoice.of(reply, case) for reply in case_file.canned_replies],
        urgencies=list(Urgency),
        letters=list(LETTER_KINDS),
        ways=list(get_args(How)),
        reject_reasons=taxonomy.reject_reasons(reader().language),
        close_reasons=taxonomy.close_reasons(reader().language),
        preferences=case_file.preferences,
        back=case_address(case.request_id, case_file.view),
        attention_check=attention_check_shown(case_file.check),
    )


def _as_json(case: Case, text: Text | None, cited: Sequence[Citation] | None, own_words: str) -> str:
    """The figures of the text for a script. Empty where no rule asks to look at any, or nothing is to be decided."""
    if not text or cited is None or not case.decidable:
        return ""
    return json.dumps([figure.model_dump() for figure in figures.figures_of(f"{text.subject}\n{text.body}", cited, own_words)])


def _in_view(case: Case, view: QueueFilters | None) -> InView:
    """Where the case stands in the list that it was opened from; without one, in the list of its state."""
    more = f"?{urlencode({'view': view_text(view)})}" if view else ""
    return InView(
        text=view_text(view) if view else "",
        here=case_address(case.request_id, view),
        queue=queue_address(view or view_of_state(case.state), case.request_id),
        next=f"/cases/{case.request_id}/next{more}",
        previous=f"/cases/{case.request_id}/previous{more}",
    )


def _recipient_doubts(case: Case, senders: Collection[str] = ()) -> list[str]:
    """The doubts about the recipient's address, in sentences, shown before anybody approves or sends again."""
    doubt = recipient.doubt_about(case.address, senders)
    return [doubt.sentence] if doubt else []


def _returned(case: Case, related: Related) -> list[str]:
    return [Phrase(f"A mail to {case.address} came back, in another case of the same citizen.")] if related.address_returned else []


def offers(case: Case, person: Person) -> Offers:
    """Which buttons make sense in this state, for this person."""
    if not person.may(Power.WORK_ON_CASES):
        return Offers()
    open_still = case.state in WAITS_FOR_SOMEBODY
    theirs = case.assignee == person.email
    return Offers(
        claim=open_still and not case.assignee,
        release=open_still and bool(case.assignee) and (theirs or person.may(Power.LEAD)),
        assign=open_still,
        forward=open_still and case.state is not State.RECEIVED,
        take_over=open_still and bool(case.assignee) and not theirs,
        correct=case.state in UNDECIDED - {State.RECEIVED} and not case.machine,
        written_by_person=case.machine is not None,
        decide=case.decidable,
        redraft=case.state is State.AWAITING_APPROVAL,
        close=case.state in CLOSABLE,
        answer_by_hand=case.state in ANSWERABLE and not case.first_approval and not case.machine,
        recall=case.state is State.APPROVED,
        resolve=case.state in UNDELIVERED,
        record=case.state is State.BY_HAND,
        correct_recipient=case.state in WAITS_FOR_SOMEBODY - {State.RECEIVED},
        split=case.joined_into is None and not case.machine and not case.erased_at,
        send_again=case.state in UNDELIVERED or (case.state is State.BY_HAND and bool(case.address)),
    )


def _by_hand(case: Case) -> ByHand | None:
    """The other contacts of the citizen, where no mail can carry the reply; None where one can."""
    if case.address or not case.request:
        return None
    citizen = case.request.citizen
    return ByHand(phone=(citizen.phone or "") if citizen else "", address=(citizen.address or "") if citizen else "")


def _text(case: Case, texts: Sequence[WrittenText], person: Person, typed: Typed) -> Text | None:
    """The reply text to show: what was typed last, else kept, else recalled, else the draft."""
    if typed.body is not None and typed.subject is not None:
        return Text(subject=typed.subject, body=typed.body, origin="typed")
    if not case.decidable or not case.draft:
        return None
    drafted, origin = dict(zip(("subject", "body"), case.with_details(case.draft), strict=True)), "draft"
    drafted, origin = second_approval.standing_text(case) or (drafted, origin)
    kept = {text.field: text for text in _current(texts, person, case.draft.draft_id) if text.text is not None and text.field in drafted}
    words = drafted | {name: text.text for name, text in kept.items()}
    return Text.model_validate(
        {**words, "origin": "kept" if kept else origin, "saved_at": max((text.saved_at for text in kept.values()), default=None)}
    )


def _current(texts: Sequence[WrittenText], person: Person, draft_id: UUID) -> list[WrittenText]:
    fields = dict.fromkeys(text.field for text in texts if (text.email, text.draft_id) == (person.email, draft_id))
    last = [current(texts, person.email, draft_id, field) for field in fields]
    return [text for text in last if text]


def _other_texts(case_file: CaseFile, person: Person, shown: Text | None) -> list[OtherText]:
    case = case_file.case
    draft_id = case.draft.draft_id if case.draft else None
    return [
        OtherText(
            **vars(version),
            name=case_file.names.get(version.email, version.email),
            mine=version.email == person.email,
            of_this_draft=version.draft_id == draft_id,
        )
        for version in versions(case_file.texts, person.email, draft_id if shown and shown.origin != "typed" else None)
        # A colleague's words are for whoever works on the case now.
        if person.email in (version.email, case.assignee) and (not shown or (version.subject, version.body) != (shown.subject, shown.body))
    ]


def _saved(case_file: CaseFile, person: Person) -> str:
    """Where the script goes on: the page and the number of what is saved, by field."""
    drafts = [NO_DRAFT, *([case_file.case.draft.draft_id] if case_file.case.draft else [])]
    texts = [text for draft_id in drafts for text in _current(case_file.texts, person, draft_id)]
    return json.dumps({text.field: [text.page, text.sequence] for text in texts})


def _compared(case_file: CaseFile, person: Person, problem: Problem | None, text: Text | None) -> Compared | None:
    """What was written beside what stands now, where a decision came too late."""
    if not problem or problem.kind != "stale" or not text or text.origin != "typed":
        return None
    case = case_file.case
    decided = case.decision if not case.decidable and case.decision and case.decision.body is not None else None
    now = Text(subject=decided.subject or "", body=decided.own_text, origin="recalled") if decided else _text(case, (), person, Typed())
    if not now or (now.subject, now.body) == (text.subject, text.body):
        return None
    subject, body = compare(text.subject, now.subject), compare(text.body, now.body)
    return Compared(
        subject_written=subject.left, subject_now=subject.right, body_written=body.left, body_now=body.right, decided=decided is not None
    )


def _similar(resembling: Similar) -> SimilarCase:
    line = resembling.line
    return SimilarCase(
        request_id=line.request_id, subject=line.subject, state=line.state, received_at=line.received_at, resemblance=resembling.resemblance
    )


def _draft(draft: DraftProposed, details: Mapping[str, str], but: Collection[str] = ()) -> DraftShown:
    checks = [check for check in draft.checks if check.name not in but]
    return DraftShown(
        draft_id=draft.draft_id,
        revision=draft.revision,
        language=draft.language,
        drafted_by=draft.drafted_by,
        withheld=draft.withheld,
        model=draft.model,
        citations=draft.citations,
        sources=[link(citation.url, citation.title) for citation in draft.citations],
        suggested=draft.suggested,
        suggested_sources=[link(citation.url, citation.title) for citation in draft.suggested],
        failed=[check.model_copy(update={"quote": placeholders.restore(check.quote, details)}) for check in checks if not check.passed],
        passed=[check for check in checks if check.passed],
    )


def _decided(decision: ReplyDecided, recalled_at: datetime | None, names: Mapping[str, str]) -> Decided:
    addressee = decision.recipient
    return Decided(
        decision_id=decision.decision_id,
        kind="by_hand" if decision.answered_by else decision.decision,
        by=names.get(decision.decided_by, decision.decided_by),
        seconded_by=names.get(decision.seconded_by, decision.seconded_by) if decision.seconded_by else "",
        at=decision.decided_at,
        send_after=decision.send_after,
        subject=decision.subject or "",
        body=decision.body or "",
        language=decision.language,
        recipient=(addressee.email or addressee.phone or addressee.name or "") if addressee else "",
        reason=decision.reason or "",
        answered_by=decision.answered_by or "",
        answered_at=decision.answered_at,
        recalled_at=recalled_at,
        attachments=decision.attachments,
        links=links_of(decision.subject or "", decision.body or ""),
    )


def _delivered(dispatched: ReplyDispatched) -> Delivered:
    return Delivered(
        outcome=dispatched.outcome,
        channel=dispatched.channel,
        attempts=dispatched.attempts,
        detail=dispatched.detail,
        at=dispatched.dispatched_at,
        returned=dispatched.returned,
    )
