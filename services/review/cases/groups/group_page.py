"""Builds the page of a group: its messages, why each is in it, and each one's reply of the common text. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel

from services.domain.taxonomy import Taxonomy
from services.review.cases.case_state import Case, State
from services.review.cases.deciding.figures import Figure
from services.review.cases.groups import places
from services.review.cases.groups.answering import CommonText, Reply, Stays
from services.review.cases.groups.group_store import Member
from services.review.cases.groups.grouping import Kind
from services.review.cases.groups.rising import Rise
from services.review.cases.page.classification_explanation import Piece
from services.review.cases.page.published_pages import SourceDoubt
from services.review.cases.page.text_comparison import compare
from services.review.web.templating import Page
from services.review.web.translation import reader


class Why(BaseModel):
    """Why a message is in the group. `like` is the subject of the message that it resembles, where the person may see that one."""

    kind: Kind
    like: str = ""
    degree: float = 0
    street: str = ""
    by: str = ""


class MemberShown(BaseModel):
    """One message of the group."""

    request_id: UUID
    subject: str
    body: str
    state: State
    received_at: datetime
    department: str
    language: str
    citizen: str
    assignee: str
    why: Why
    failed_checks: list[str]
    """Of its own draft, which is not what would be sent."""


class ReplyShown(BaseModel):
    """What a member would be sent, marked where it differs from the common text; or why it stays."""

    subject: list[Piece]
    body: list[Piece]
    address: str
    tick: str
    """What the form sends for it: the case, the version that was read and the proof of the text that was shown."""
    stays: Stays
    why: str
    figures: list[Figure] = []
    note: str = ""
    """What stands beneath it when it is sent."""


class Waiting(BaseModel):
    """A member that waits for an answer, with its reply once there is a common text."""

    member: MemberShown
    reply: ReplyShown | None


class Draft(BaseModel):
    """A member's draft that the common text may begin from."""

    request_id: UUID
    subject: str
    citizen: str
    language: str


class Editor(BaseModel):
    """The common text as it is edited."""

    subject: str
    body: str
    begun_from: UUID
    language: str
    failed_checks: list[tuple[str, str]]
    """Of the draft that it began from: the name of the check, and what it says."""
    source_doubts: list[SourceDoubt]


class GroupPage(Page):
    """A group as one person sees it."""

    group_id: UUID
    title: str
    rise: Rise | None
    waits: int
    all: int
    most_counted: int
    waiting: list[Waiting]
    others: list[MemberShown]
    drafts: list[Draft]
    editor: Editor | None
    kept: bool
    """Whether the text is kept, so that each reply is shown."""
    next_address: str | None
    first_address: str | None

    @property
    def ready(self) -> int:
        """How many replies can be approved here."""
        return sum(waiting.reply is not None and not waiting.reply.stays for waiting in self.waiting)


@dataclass(frozen=True)
class GroupFile:
    """All that is stored of the group as the person may see it."""

    group_id: UUID
    title: str
    rise: Rise | None
    waits: int
    all: int
    waiting: Sequence[tuple[Member, Case]]
    others: Sequence[tuple[Member, Case]]
    subject_of: Mapping[UUID, str]
    """Subjects of the messages that members resemble, of those that the person may see."""
    names: Mapping[str, str] = field(default_factory=dict)
    text: CommonText | None = None
    begun_from: Case | None = None
    source_doubts: Sequence[SourceDoubt] = ()
    replies: Mapping[UUID, Reply] = field(default_factory=dict)
    after: str = ""
    has_more: bool = False


def group_page(group: GroupFile, base: Page, taxonomy: Taxonomy, most_counted: int) -> GroupPage:
    """Builds the context of the page."""
    drafted = [case for _, case in group.waiting if case.draft and case.decidable]
    last = group.waiting[-1][0] if group.waiting and group.has_more else None
    return GroupPage(
        **dict(base),
        group_id=group.group_id,
        title=group.title,
        rise=group.rise,
        waits=group.waits,
        all=group.all,
        most_counted=most_counted,
        waiting=[
            Waiting(member=_member(member, case, group, taxonomy), reply=_reply(group, case.request_id)) for member, case in group.waiting
        ],
        others=[_member(member, case, group, taxonomy) for member, case in group.others],
        drafts=[
            Draft(request_id=case.request_id, subject=case.title, citizen=citizen_of(case), language=case.draft.language)
            for case in drafted
            if case.draft
        ],
        editor=_editor(group),
        kept=group.text is not None,
        next_address=f"{address(group.group_id)}?{urlencode({'after': place_text(last)})}" if last else None,
        first_address=address(group.group_id) if group.after else None,
    )


def address(group_id: UUID) -> str:
    """Where the group is read."""
    return f"/groups/{group_id}"


def place_text(member: Member) -> str:
    """Where a page of members ends."""
    return f"{member.received_at.isoformat()}~{member.request_id}"


def place_of(text: str) -> tuple[datetime, UUID] | None:
    """The place that an address names. None where it names none."""
    moment, _, request_id = text.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        return (at, UUID(request_id)) if at.tzinfo else None
    except ValueError:
        return None


def citizen_of(case: Case) -> str:
    """The name by which one member is told from another of the same subject; empty where nobody said it."""
    citizen = case.request.citizen if case.request else None
    return (citizen.name or "") if citizen else ""


def _member(member: Member, case: Case, group: GroupFile, taxonomy: Taxonomy) -> MemberShown:
    return MemberShown(
        request_id=case.request_id,
        subject=case.title,
        body=case.request.body if case.request else "",
        state=case.state,
        received_at=member.received_at,
        department=taxonomy.department_label(case.department, reader().language) if case.department else "",
        language=case.triage.language.code if case.triage else "",
        citizen=citizen_of(case),
        assignee=group.names.get(case.assignee, case.assignee) if case.assignee else "",
        why=_why(member, case, group),
        failed_checks=[check.name for check in case.draft.checks if not check.passed] if case.draft else [],
    )


def _why(member: Member, case: Case, group: GroupFile) -> Why:
    tie = member.tie
    named = places.places_of(case.request, case.triage.parts if case.triage else []) if case.request and tie.kind == "street" else []
    return Why(
        kind=tie.kind,
        like=group.subject_of.get(tie.like, "") if tie.like else "",
        degree=tie.degree or 0,
        street=next((place.words for place in named if place.key == tie.key), ""),
        by=group.names.get(tie.by, tie.by),
    )


def _reply(group: GroupFile, request_id: UUID) -> ReplyShown | None:
    reply, text = group.replies.get(request_id), group.text
    if reply is None or text is None:
        return None
    return ReplyShown(
        subject=compare(text.subject, reply.subject).right if not reply.stays else [],
        body=compare(text.body, reply.body).right if not reply.stays else [],
        address=reply.address,
        tick=f"{request_id}:{reply.case.version}:{reply.proof}",
        stays=reply.stays,
        why=reply.why,
        figures=list(reply.figures),
        note=reply.note,
    )


def _editor(group: GroupFile) -> Editor | None:
    case, text = group.begun_from, group.text
    draft = case.draft if case else None
    if text is None and draft is None:
        return None
    return Editor(
        subject=text.subject if text else draft.subject if draft else "",
        body=text.body if text else draft.body if draft else "",
        begun_from=text.begun_from if text else draft.request_id if draft else UUID(int=0),
        language=text.language if text else draft.language if draft else "",
        failed_checks=[(check.name, check.detail) for check in draft.checks if not check.passed] if draft else [],
        source_doubts=list(group.source_doubts),
    )
