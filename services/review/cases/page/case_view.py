"""The typed context of the case page: every value that its template shows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from schemas.drafts_proposed import Check, Citation
from schemas.replies_decided import ReplyAttachment
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import LetterKind, Signal, Term
from schemas.values import Urgency
from services.domain import wish_for_person
from services.review.cases.attachments.attached_files import IMAGES, Kind
from services.review.cases.canned_replies.canned_replies import CannedReply, Owner, is_in_language
from services.review.cases.case_state import Case, StaleVersion, State
from services.review.cases.deciding.figures import Figure
from services.review.cases.live.presence import Presence
from services.review.cases.notes.notes import Note
from services.review.cases.page.attention_check_shown import AttentionCheck
from services.review.cases.page.classification_explanation import Piece, Section
from services.review.cases.page.draft_marks import DraftPiece, QuotePiece
from services.review.cases.page.duplicates import Duplicates
from services.review.cases.page.files_shown import FileOffered, FileShown
from services.review.cases.page.just_decided import JustDecided
from services.review.cases.page.links_shown import LinkShown
from services.review.cases.page.long_letter import LongLetter
from services.review.cases.page.note_under_reply import NoteUnderReply
from services.review.cases.page.published_pages import SourceDoubt
from services.review.cases.page.second_approval import SecondApproval, SentBackShown
from services.review.cases.queue.preferences import Preferences
from services.review.cases.ratings.rating_store import Rating
from services.review.cases.related.related_shown import NOTHING_RELATED, Related
from services.review.web.phrases import fault
from services.review.web.templating import Choice, Page
from services.runtime.errors import Conflict, InvalidInput


class Alternative(BaseModel):
    """Another category that the message may belong to, which one press corrects it to."""

    category: str
    label: str
    probability: float


class Sorted(BaseModel):
    """The triage as people may have corrected it."""

    category: str
    category_label: str
    confidence: float
    department: str
    department_label: str
    urgency: Urgency
    urgency_reasons: list[str]
    urgency_without_danger: Urgency | None = None
    """How urgent it is if there is no danger, where it may tell of danger and nobody has looked yet."""
    signals: list[Signal]
    alternatives: list[Alternative]
    terms: list[Term]
    by_words: str = ""
    """The label of what its words alone would have been sorted as, where their meaning decided otherwise."""
    by_person: bool
    by_you: bool = False
    sorter: str = ""
    language: str
    letter: LetterKind | None = None
    letter_sure: bool = False


class Message(BaseModel):
    """What the citizen wrote, in pieces: some of them are the words that weighed most."""

    subject: list[Piece]
    body: list[Section]
    has_marks: bool
    long: LongLetter | None = None
    links: list[LinkShown] = []
    attachments: list[LinkShown] = []
    files: list[FileShown] = []
    images: tuple[Kind, ...] = IMAGES
    """Which of them have a preview as images."""


class SimilarCase(BaseModel):
    """Another message in nearly the same words, and how far its answer has come."""

    request_id: UUID
    subject: str
    state: State
    received_at: datetime
    resemblance: float


class DraftShown(BaseModel):
    """The current draft with what it rests on."""

    draft_id: UUID
    revision: int
    language: str
    drafted_by: Literal["model", "template"]
    withheld: str
    model: str | None
    citations: list[Citation]
    sources: list[LinkShown] = []
    suggested: list[Citation] = []
    suggested_sources: list[LinkShown] = []
    quotes: list[list[QuotePiece]] = []
    """Of each citation, the sentences that the text rests on."""
    check_places: list[str] = []
    """Of each failed check, the id of the sentence that it is about."""
    failed: list[Check]
    passed: list[Check]


class Text(BaseModel):
    """A reply being written: where its words come from is said beside it."""

    subject: str
    body: str
    origin: Literal["draft", "kept", "recalled", "first", "typed"]
    saved_at: datetime | None = None
    links: list[LinkShown] = []
    pieces: list[DraftPiece] = []


class OtherText(BaseModel):
    """A reply that somebody wrote and that the editor does not show: on an earlier draft, in another window, or a colleague's."""

    email: str
    name: str
    mine: bool
    draft_id: UUID
    page: str
    of_this_draft: bool
    subject: str
    body: str
    saved_at: datetime


class Compared(BaseModel):
    """What the person wrote beside what the case has now; words that only one of them has are marked."""

    subject_written: list[Piece]
    subject_now: list[Piece]
    body_written: list[Piece]
    body_now: list[Piece]
    decided: bool
    """Whether what it has now has been decided on already."""


class Decided(BaseModel):
    """A decision with its author and text."""

    decision_id: UUID
    kind: Literal["approved", "edited", "rejected", "closed", "by_hand"]
    by: str
    seconded_by: str = ""
    at: datetime
    send_after: datetime | None
    subject: str
    body: str
    language: str | None
    recipient: str
    reason: str
    answered_by: str = ""
    answered_at: datetime | None = None
    recalled_at: datetime | None
    attachments: list[ReplyAttachment] = []
    links: list[LinkShown] = []


class Delivered(BaseModel):
    """The delivery outcome of a decision."""

    outcome: Literal["delivered", "failed", "manual", "uncertain"]
    channel: str
    attempts: int
    detail: str
    at: datetime | None
    returned: bool = False
    """It had been taken, and came back."""


class Done(BaseModel):
    """One entry of the history."""

    at: datetime
    actor: str
    action: str
    detail: dict[str, Any]
    due: tuple[datetime | None, datetime] | None = None
    recipient: tuple[str, str] | None = None


class Offers(BaseModel):
    """What the page offers to do now; the rules decide again when it is done."""

    claim: bool = False
    release: bool = False
    take_over: bool = False
    assign: bool = False
    forward: bool = False
    correct: bool = False
    written_by_person: bool = False
    decide: bool = False
    redraft: bool = False
    close: bool = False
    answer_by_hand: bool = False
    recall: bool = False
    resolve: bool = False
    record: bool = False
    send_again: bool = False
    correct_recipient: bool = False
    split: bool = False


class Problem(BaseModel):
    """Why what was just sent was not done."""

    kind: Literal["stale", "conflict", "invalid"]
    field: str
    detail: str

    @classmethod
    def of(cls, error: InvalidInput | Conflict) -> Self:
        """What the page says of that error."""
        kind = "stale" if isinstance(error, StaleVersion) else "conflict" if isinstance(error, Conflict) else "invalid"
        return cls.model_validate({"kind": kind, "field": error.field or "", "detail": fault(error)})


class Typed(BaseModel):
    """What a person wrote in a form that could not be used: it comes back with the page."""

    model_config = ConfigDict(frozen=True)

    action: str = ""
    subject: str | None = None
    body: str | None = None
    reason: str = ""
    instructions: str = ""
    wishes: list[str] = []
    category: str = ""
    department: str = ""
    urgency: str = ""
    letter: str = ""
    email: str = ""
    to: str = ""
    confirm_recipient: bool = False
    confirm_follow_up: bool = False
    although_claimed: bool = False
    looked_at: list[str] = []
    attachments: list[str] | None = None
    how: str = ""
    given_at: str = ""
    note: str = ""
    case: str = ""
    part: str = ""


class ByHand(BaseModel):
    """Why no mail can carry the reply, and what else is known of whom it is for."""

    phone: str
    address: str


class InView(BaseModel):
    """The list that the case was opened from, and the way back to it."""

    text: str = ""
    here: str
    queue: str
    next: str
    previous: str


class NoteShown(BaseModel):
    """A note for colleagues, with names."""

    author: str
    text: str
    mentioned: list[str]
    written_at: datetime

    @classmethod
    def of(cls, note: Note, names: Mapping[str, str]) -> Self:
        """The note as it is shown."""
        mentioned = [names.get(email, email) for email in note.mentioned]
        return cls(author=names.get(note.author, note.author), text=note.text, mentioned=mentioned, written_at=note.written_at)


class CannedChoice(BaseModel):
    """A canned reply to choose: its words come once it is chosen."""

    reply_id: UUID
    owner: Owner
    title: str
    language: str
    other_language: bool
    """Whether the citizen wrote in another one."""

    @classmethod
    def of(cls, reply: CannedReply, case: Case) -> Self:
        """The choice of that one in that case."""
        return cls(
            reply_id=reply.reply_id,
            owner=reply.shelf.owner,
            title=reply.title,
            language=reply.language,
            other_language=not is_in_language(reply, case),
        )


class CasePage(Page):
    """The whole decision on one screen."""

    view: InView
    just_decided: JustDecided | None
    request_id: UUID
    state: State
    version: int
    title: str
    due_at: datetime | None
    overdue: bool
    assignee: str | None
    mine: bool
    waits_for_a_service: bool
    trace_id: str
    request: RequestReceived | None
    message: Message | None
    sorted: Sorted | None
    machine: str = ""
    """What machine wrote the mail, in words; empty where a person did, or said so."""
    similar: list[SimilarCase]
    duplicates: Duplicates | None = None
    related: Related = NOTHING_RELATED
    draft: DraftShown | None
    text: Text | None
    other_texts: list[OtherText]
    kept: dict[str, str]
    """What the person has written so far in fields beside the reply, by the name of the field."""
    saved: str
    """As JSON for the script: of each field the page and the number that its text was saved under."""
    compared: Compared | None
    holder: str | None
    """The colleague who works on the case: whoever else decides is asked first."""
    figures: list[Figure] = []
    """Of the text in the editor, where a rule asks to look at those that no passage supports."""
    figures_json: str = ""
    """The same for the script that marks them while somebody writes; empty where nobody asks."""
    first_figures: list[Figure] = []
    """Of the first approval that waits."""
    second: SecondApproval | None
    second_person_next: bool = False
    """Whether an approval waits for a second person, as a rule asks."""
    blind: bool = False
    """An approval waits for this person, who decides before they see it."""
    sent_back: SentBackShown | None
    decision: Decided | None
    past: list[Decided]
    delivery: Delivered | None
    by_hand: ByHand | None
    instructions: str
    history: list[Done]
    offers: Offers
    recipient: str
    recipient_doubts: list[str]
    subject_reference: str
    note: NoteUnderReply | None = None
    rating: Rating | None = None
    reopens: UUID | None = None
    """The case whose reply did not solve the matter, as its citizen says."""
    not_solved: str = wish_for_person.NOT_SOLVED
    source_doubts: list[SourceDoubt]
    files_offered: list[FileOffered] = []
    first_files: list[ReplyAttachment] = []
    confirm_recipient: bool
    presence: Presence
    problem: Problem | None
    typed: Typed
    categories: list[Choice]
    departments: list[Choice]
    colleagues: list[Choice] = []
    notes: list[NoteShown] = []
    is_mentioned: bool = False
    canned_replies: list[CannedChoice] = []
    urgencies: list[Urgency]
    letters: list[LetterKind]
    ways: list[str]
    reject_reasons: list[str]
    close_reasons: list[str]
    preferences: Preferences
    back: str
    attention_check: AttentionCheck | None = None
    """Only once the person has decided: until then nothing tells it from any case."""
