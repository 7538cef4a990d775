"""Applies events and actions to cases: loads, decides and saves in one transaction, with the audit entry and the outgoing events."""

import contextlib
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from opentelemetry import trace

from schemas.drafts_proposed import DraftProposed
from schemas.replies_decided import ReplyAttachment, ReplyDecided
from schemas.replies_dispatched import ReplyDispatched
from schemas.values import Event
from services.domain import knowledge_folder, machine_mail, mail_senders
from services.domain.taxonomy import Taxonomy
from services.review.audit import store as audit
from services.review.audit.store import Entry
from services.review.automation import store as automation
from services.review.cases import case_spans, case_state, reconciler, stage_metrics, store
from services.review.cases.acknowledgements import acknowledgement_store, acknowledging
from services.review.cases.acknowledgements.acknowledgement import A_DAY
from services.review.cases.attachments import reply_files
from services.review.cases.attention_checks import answering
from services.review.cases.case_state import Case, State
from services.review.cases.deciding import four_eyes, rules, subject_reference
from services.review.cases.deciding.actions import Action, Approve, Assign, Close, Join, Redraft, Reject, WrittenByPerson
from services.review.cases.deciding.applied_action import Applied
from services.review.cases.deciding.draft_requests import draft_request
from services.review.cases.deciding.reply_note import NO_NOTES, ReplyNotes, named_in
from services.review.cases.groups import group_store
from services.review.cases.near_duplicates import store as near_duplicates
from services.review.cases.ratings import unsolved
from services.review.cases.related import threads
from services.review.cases.second_look import drawn_looks, look_store
from services.review.cases.writing import text_store, writing
from services.review.cases.writing.written_text import PROGRAM, WrittenText
from services.review.people import store as people
from services.review.people.rules import Person
from services.review.safeguards import store as safeguards
from services.review.safeguards.rules import SECOND_PERSON, NotedRule
from services.runtime import clock, outbox, record_signing, telemetry
from services.runtime.database import Database, Session
from services.runtime.errors import Conflict, InvalidInput, NotFound
from services.runtime.file_scanner import FileScanner, file_scanner
from services.runtime.settings import Settings

if TYPE_CHECKING:
    from services.runtime.file_store import FileStore

SERVICE = "review"

Keep = Callable[[Session, datetime], Awaitable[bool]]


@dataclass(frozen=True)
class Happening:
    """An event of another service, and how it changes its case.

    `keep` stores what the event brought, whether or not it changes the case. `report` is in somebody's own words: the log,
    which nobody can erase, has it without the citizen's details.
    """

    event: Event
    step: Callable[[Case, datetime], Case]
    action: str
    detail: Mapping[str, object] = field(default_factory=dict)
    keep: Keep | None = None
    report: str = ""


@dataclass(frozen=True)
class CaseCommands:
    """Every change of a case goes through here. `wake` tells the relay that something was committed."""

    database: Database
    taxonomy: Taxonomy
    settings: Settings
    wake: Callable[[], None] = field(default=lambda: None)
    chance: Callable[[], float] = random.random

    @property
    def first_nudge(self) -> timedelta:
        """How long a case may stand still before its step is republished."""
        return timedelta(seconds=self.settings.reconcile_seconds)

    @cached_property
    def files(self) -> "FileStore":
        """The files that came with messages and were too large for an event."""
        from services.runtime.file_store import file_store  # its library takes 9 MB, and few ask for a file

        return file_store(self.settings.files_url, self.settings.data_dir)

    @property
    def knowledge(self) -> Path:
        """The folder of the published answers."""
        return self.settings.knowledge_dir or knowledge_folder.SAMPLE_CITY

    @cached_property
    def scanner(self) -> FileScanner | None:
        """What looks through files that nobody has looked through yet, before they are opened."""
        return file_scanner(self.settings.files_scanner)

    @property
    def senders(self) -> tuple[str, ...]:
        """The addresses that replies are sent from: an answer to one of them comes back to us."""
        return mail_senders.addresses(self.settings.mail_from, self.settings.mail_reply_to, self.settings.mail_senders)

    async def take_in(self, happening: Happening) -> Case:
        """Applies an event to its case, in one transaction."""
        async with self.database.transaction() as session:
            return await self.take_in_within(session, happening)

    async def take_in_within(self, session: Session, happening: Happening) -> Case:
        """Applies an event to its case within a given transaction. Twice is the same as once: nothing new leaves the case as it is."""
        event, now = happening.event, clock.now()
        case_spans.note_event(event)
        before = await store.case_or_new(session, event.request_id, now, telemetry.current_headers())
        if before.erased_at:
            return before  # Kafka has what was erased until its retention ends: read once more, it is not kept again
        if isinstance(event, DraftProposed) and not case_state.answers(before, event):
            return before
        fresh = await happening.keep(session, now) if happening.keep else False
        after = happening.step(before, now)
        if before.draft and not after.draft:
            await store.forget_draft(session, before.draft)
        if after != before:
            await store.save(session, after, store.pause_for(after, now, self.first_nudge))
            await threads.join(session, before, after, now, SERVICE, self.first_nudge)
            stage_metrics.observe(before, after, now)
            arrived = after.request and after.triage and not (before.request and before.triage)
            if arrived and after.triage and not (after.machine or after.reopens):
                await near_duplicates.keep(session, event.request_id, after.triage.fingerprint)
                await group_store.wait(session, event.request_id, now)
            report = {"detail": after.hidden(happening.report)} if happening.report else {}
            detail = {**happening.detail, **report, **_moved(before, after)}
            await audit.add(session, Entry(now, audit.PARVIS, happening.action, event.request_id, detail))
            after = await unsolved.take_over(session, before, after, self.taxonomy, now, SERVICE, self.first_nudge)
            if arrived:
                writing_receipts = acknowledging.writing_of(self.settings, self.taxonomy)
                await acknowledging.acknowledge(session, after, writing_receipts, self.senders, now, SERVICE, self.first_nudge)
            if after.machine and after.state is State.CLOSED and before.state is not State.CLOSED:
                why = {"reason": machine_mail.SENTENCES[after.machine]}
                await audit.add(session, Entry(now, audit.PARVIS, "close machine's mail", event.request_id, why))
        elif fresh and isinstance(event, ReplyDispatched) and event.returned:
            # It is of an earlier decision, which was sent again: the case stays as it is.
            detail = {**happening.detail, "decision_id": str(event.decision_id), "detail": after.hidden(happening.report)}
            await audit.add(session, Entry(now, audit.PARVIS, happening.action, event.request_id, detail))
        case_spans.note_end(after)
        return after

    async def act(self, request_id: UUID, version: int, action: Action, person: Person, page: str = PROGRAM) -> Case:
        """Applies a person's action, from that page. Raises StaleVersion where the case is not as they saw it, and then changes nothing."""
        files = await self._attached(request_id, action, person)
        async with self.database.transaction() as session:
            other = await _other(session, request_id, action)
            before = rules.visible(await store.case_for(session, request_id), person)
            now = clock.now()  # once the case is ours: the time to think better of it is not spent on waiting for others
            must_be_current(before, version)
            name = action.kind.replace("-", "")
            with telemetry.request_span(
                f"decide {name}", request_id, parent=before.trace, attributes={"parvis.decision": name, "parvis.decided_by": person.email}
            ) as span:
                if isinstance(action, Close | Join):
                    await _must_strand_nobody(session, request_id)
                if isinstance(action, Redraft) and before.triage:
                    await automation.must_not_be_off(session, draft_request(before).triaged)
                asked = await safeguards.standing(session) if isinstance(action, Approve | Reject) else safeguards.Standing(0)
                in_force = [r for r in drawn_looks.asked_of(before, asked) if not before.invented_for or r.kind not in SECOND_PERSON]
                again = isinstance(action, Approve) and bool(await threads.written_again(session, before))
                applied = self.rehearse(
                    before.as_any_other,
                    action,
                    person,
                    now,
                    in_force,
                    await _named(session, action),
                    other,
                    written_again=again,
                    notes=NO_NOTES if before.invented_for else await self.reply_notes(session),
                    files=files,
                )
                _note_waiting(span, before, now)
                case_spans.note_decision(span, name)
                since = await store.waiting_since(session, before) if before.state in case_spans.WAITS else now
                _note_both_names(span, applied)
                await text_store.mark_used(session, request_id, person.email, writing.places_of(action), page, now)
                if before.invented_for:
                    after, outcome = await answering.answer(session, before, applied, action, now)
                    # Which checks somebody saw through is theirs to know: the log has only that they had one.
                    entry = Entry(
                        now, person.email, *(("decide test draft", request_id) if outcome else (name, request_id, applied.detail))
                    )
                else:
                    after = applied.case
                    await self._save(session, applied, now)
                    if isinstance(action, WrittenByPerson):
                        await threads.take_as_persons(session, after, now, SERVICE, self.first_nudge)
                    await drawn_looks.add_if_drawn(session, before, applied, asked, now)
                    await drawn_looks.note_if_blind(session, before, applied, person)
                    await answering.place_if_drawn(session, before, applied, person, asked, self.taxonomy, now)
                    entry = Entry(now, person.email, name, request_id, {**applied.detail, **_moved(before, after)})
                await audit.add(session, entry)
                if before.joined_into != after.joined_into:
                    await _note_on_other(session, before, after, entry)
                case_spans.note_end(after)
        stage_metrics.observe(before, after, now)
        case_spans.note_wait(before, after, since, now)
        self.wake()
        return after

    async def _attached(self, request_id: UUID, action: Action, person: Person) -> Sequence[ReplyAttachment] | None:
        """The files that an approval names, in the store before it is decided; None where it says nothing of files."""
        if not isinstance(action, Approve) or not action.attachments:
            return () if isinstance(action, Approve) and action.attachments is not None else None
        async with self.database.reading() as session:
            case = rules.visible(await store.look(session, request_id), person)
        return await reply_files.keep(case, action.attachments, self.knowledge, self.files)

    def rehearse(
        self,
        case: Case,
        action: Action,
        person: Person,
        now: datetime,
        in_force: Sequence[NotedRule],
        colleague: Person | None = None,
        other: Case | None = None,
        *,
        written_again: bool = False,
        notes: ReplyNotes = NO_NOTES,
        files: Sequence[ReplyAttachment] | None = None,
    ) -> Applied:
        """What the action would make of the case under these rules about approvals, with nothing done. Raises what speaks against it."""
        undo = timedelta(seconds=self.settings.undo_seconds)
        rule, must_look = four_eyes.asked_by(case, in_force), four_eyes.must_look(case, in_force)
        applied = rules.apply(
            case,
            action,
            person,
            now,
            self.taxonomy,
            undo,
            self.senders,
            colleague,
            rule,
            look_at_figures=must_look,
            other=other,
            written_again=written_again,
            files=files,
        )
        if not isinstance(action, Approve):
            return applied
        applied = notes.added(applied)
        return subject_reference.added(applied) if self.settings.mail_subject_reference else applied

    async def reply_notes(self, session: Session) -> ReplyNotes:
        """What makes the notes under replies."""
        settings = self.settings
        asks = settings.public_url and settings.intake_public_url
        key = await record_signing.key_for(session, "parvis.replies.rated.v1") if asks else b""
        return ReplyNotes(
            settings.public_url, settings.intake_public_url, named_in(settings.reply_note), named_in(settings.reply_question), key
        )

    async def _save(self, session: Session, applied: Applied, now: datetime) -> None:
        case = applied.case
        if applied.takes_back:
            await self._take_back(session, applied.takes_back, now)
        for leaving in applied.events:
            if isinstance(leaving.event, ReplyDecided):
                await store.add_decision(session, leaving.event)
            await outbox.add(
                session, SERVICE, leaving.event, available_at=leaving.send_after, reference=leaving.reference, lane=case.agency or ""
            )
        await store.save(session, case, store.pause_for(case, now, self.first_nudge + timedelta(seconds=self.settings.undo_seconds)))

    async def _take_back(self, session: Session, decision_id: UUID, now: datetime) -> None:
        if not await outbox.recall(session, SERVICE, str(decision_id), ReplyDecided.topic):
            raise Conflict("too late to undo: the decision has left")
        await store.mark_recalled(session, decision_id, now)
        await look_store.forget(session, decision_id)

    async def keep_texts(self, request_id: UUID, texts: Sequence[WrittenText], person: Person, *, claims: bool = False) -> bool:
        """Keeps what is being written, whatever has become of the case; who writes on a case that is nobody's has claimed it.

        Says whether it did.
        """
        async with self.database.transaction() as session:
            rules.visible(await store.look(session, request_id), person)
            await text_store.keep(session, request_id, texts)
            claimed = bool(claims and texts) and await store.claim_if_free(session, request_id, person.email)
            if claimed:
                await audit.add(session, Entry(clock.now(), person.email, "claim", request_id, {"by": "writing"}))
        return claimed

    async def forget_what_is_old(self) -> None:
        """Deletes what was written on cases that ended long ago, by the hundred, and to whom receipts went that no longer count."""
        async with self.database.transaction() as session:
            await acknowledgement_store.forget_mailboxes(session, clock.now() - A_DAY)
        more = 100
        while more == 100:  # noqa: PLR2004 - the same
            async with self.database.transaction() as session:
                more = await text_store.forget_old(session, clock.now(), 100)

    async def nudge(self) -> int:
        """Republishes the step of each case that stands still; returns how many."""
        now = clock.now()
        async with self.database.transaction() as session:
            waiting = await store.standing_still(session, now, 200)
            for case, times in waiting:
                next_look = reconciler.next_nudge(times + 1, now, self.first_nudge, self.chance)
                event = reconciler.nudge(case)
                if event and not await outbox.waits(session, SERVICE, _reference(case)):
                    with telemetry.request_span(
                        "publish once more", case.request_id, parent=case.trace, attributes={"parvis.attempt": times + 1}
                    ):
                        await outbox.add(session, SERVICE, event, lane=case.agency or "")
                await store.nudged(
                    session,
                    case.request_id,
                    times + 1,
                    next_look,
                )
            late = await acknowledging.publish_overdue(session, now, SERVICE, self.first_nudge)
        if waiting or late:
            self.wake()
        return len(waiting) + late


async def _must_strand_nobody(session: Session, request_id: UUID) -> None:
    """Raises Conflict where other messages are joined into the case: closed without a reply, it would leave them without one as well."""
    if await store.joined_into(session, request_id, 1):
        raise Conflict("other messages are joined into this case and would get no answer: separate them first")


async def _named(session: Session, action: Action) -> Person | None:
    """The colleague whom an action names, where there is one."""
    if not isinstance(action, Assign):
        return None
    try:
        return await people.person(session, action.to)
    except (NotFound, InvalidInput):
        return None


async def _other(session: Session, request_id: UUID, action: Action) -> Case | None:
    """The case that an action names, where there is one. Both are held, always in the same order: two people can't join them crosswise."""
    if not isinstance(action, Join):
        return None
    held: dict[UUID, Case] = {}
    for each in sorted({request_id, action.into}):
        with contextlib.suppress(NotFound):
            held[each] = await store.case_for(session, each)
    other = held.get(action.into)
    return None if other and other.invented_for else other  # nobody's letter is answered by a test


async def _note_on_other(session: Session, before: Case, after: Case, entry: Entry) -> None:
    """The case that is answered for both has an entry of its own: what was joined with it, or is no more."""
    for other, action in ((before.joined_into, "separated from it"), (after.joined_into, "joined into it")):
        if other:
            await audit.add(session, Entry(entry.at, entry.actor, action, other, {"request": str(after.request_id)}))


def must_be_current(case: Case, version: int) -> None:
    """Raises StaleVersion where somebody, or an event, was faster."""
    if case.version != version:
        raise case_state.StaleVersion(
            f"version: you looked at {version}, it is {case.version} and {case.state} now; look again", field="version"
        )


def _reference(case: Case) -> str:
    return str(case.decision.decision_id) if case.state is case_state.State.APPROVED and case.decision else ""


def _moved(before: Case, after: Case) -> dict[str, object]:
    """The audit detail of a change of state or due date."""
    moved: dict[str, object] = {}
    if before.state != after.state:
        moved["state"] = [before.state.value, after.state.value]
    if before.due_at != after.due_at:
        moved["due_at"] = [moment.isoformat() if moment else None for moment in (before.due_at, after.due_at)]
    return moved


def _note_both_names(span: trace.Span, applied: Applied) -> None:
    for leaving in applied.events:
        if isinstance(leaving.event, ReplyDecided) and leaving.event.seconded_by:
            both: telemetry.Attributes = {"parvis.decided_by": leaving.event.decided_by, "parvis.seconded_by": leaving.event.seconded_by}
            telemetry.note(span, both)


def _note_waiting(span: trace.Span, case: Case, now: datetime) -> None:
    telemetry.note(span, {"parvis.waited_seconds": round((now - case.updated_at).total_seconds(), 1)})
