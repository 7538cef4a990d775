"""Makes each member's reply of a common text by the rules of a single approval, and says why some can't be approved here. Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from schemas.drafts_proposed import DraftProposed
from schemas.replies_decided import ReplyDecided
from services.review.cases.case_state import Case
from services.review.cases.deciding import figures
from services.review.cases.deciding.actions import Approve
from services.review.cases.deciding.applied_action import Applied
from services.review.cases.deciding.figures import Figure
from services.review.people.rules import Person
from services.runtime.errors import ParvisError

Stays = Literal["", "emergency", "no_draft", "second_person", "language", "no_address", "claimed", "figures", "rule"]
"""Why a member is not approved with the others; `rule` where the rules of a single approval refuse it, in their own words."""


@dataclass(frozen=True)
class Rehearsal:
    """What approving would do, with nothing done, once every figure is looked at; and whether a rule asks to look at each."""

    approve: Callable[[Case, Approve], Applied]
    must_look: Callable[[Case], bool]


@dataclass(frozen=True)
class CommonText:
    """The reply for all of a group as somebody writes it, with placeholders; `begun_from` is the case whose draft it was."""

    subject: str
    body: str
    begun_from: UUID
    language: str
    saved_at: datetime


@dataclass(frozen=True)
class Reply:
    """What one member would be sent, and whether it can be approved here."""

    case: Case
    subject: str
    body: str
    address: str
    proof: str
    """Stands for exactly this text to exactly this address: the decision is refused where it would send another."""
    stays: Stays = ""
    why: str = ""
    figures: Sequence[Figure] = ()
    """Those that no passage of its draft says, where each is to be looked at before it is approved."""
    note: str = ""
    """What stands beneath it when it is sent."""

    def without(self, looked_at: Collection[str]) -> "Reply":
        """The same reply, which stays where one of its figures has not been looked at."""
        left = [figure.text for figure in self.figures if figure.id not in looked_at]
        return replace(self, stays="figures", why=", ".join(f"“{text}”" for text in left)) if left else self


def reply_for(case: Case, text: CommonText, group_id: UUID, person: Person, rehearse: Rehearsal) -> Reply:
    """The member's reply. Nothing but the rules themselves makes it: what is shown is what the approval would decide."""
    stays = _stays(case, text, person)
    if stays or case.draft is None:
        return _staying(case, stays or "no_draft")
    try:
        applied = rehearse.approve(case, approval(case.draft, text, "", group_id))
    except ParvisError as error:
        field = f"{error.field}: " if error.field else ""
        return _staying(case, "rule", error.detail.removeprefix(field))
    decision = _decision_of(applied)
    if decision is None:  # the approval would be the first of two
        return _staying(case, "second_person")
    if not case.address:
        return _staying(case, "no_address")
    subject, body = decision.subject or "", decision.own_text
    to_look_at = figures.unsupported(f"{subject}\n{body}", case.draft.citations, case.draft.own_words) if rehearse.must_look(case) else ()
    return Reply(case, subject, body, case.address, applied.proof, figures=to_look_at, note=decision.note)


def _stays(case: Case, text: CommonText, person: Person) -> Stays:
    """What speaks against answering the case together with others, whatever the rules of a single approval say."""
    if not case.decidable or not case.draft:
        return "no_draft"
    if case.danger is not None:
        return "emergency"
    if case.assignee not in (None, person.email):
        return "claimed"
    if case.first_approval:
        return "second_person"
    return "" if case.draft.language == text.language else "language"


def approval(draft: DraftProposed, text: CommonText, proof: str, group_id: UUID, looked_at: Sequence[str] = ()) -> Approve:
    """The approval of one member's reply: the common text, from which the rules make theirs."""
    return Approve(draft.draft_id, subject=text.subject, body=text.body, looked_at=tuple(looked_at), shown=proof, group=group_id)


def looked_at_of(values: Sequence[str]) -> Mapping[str, list[str]]:
    """What the form sends of the figures that were ticked, each behind its case: by case."""
    looked_at: dict[str, list[str]] = {}
    for value in values:
        request_id, _, figure = value.partition(":")
        looked_at.setdefault(request_id, []).append(figure)
    return looked_at


def _decision_of(applied: Applied) -> ReplyDecided | None:
    return next((leaving.event for leaving in applied.events if isinstance(leaving.event, ReplyDecided)), None)


def _staying(case: Case, stays: Stays, why: str = "") -> Reply:
    return Reply(case, "", "", case.address or "", "", stays, why)
