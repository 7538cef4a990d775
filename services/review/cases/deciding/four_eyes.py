"""Approves with a second person: the first approval waits, and whoever gave it is never the second. Pure; time is an argument."""

import dataclasses
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from schemas.drafts_proposed import DraftProposed
from schemas.replies_decided import ReplyAttachment, ReplyDecided
from services.domain.phrases import Word
from services.review.cases.case_state import Case, State
from services.review.cases.deciding import blind_looks, decisions, figures
from services.review.cases.deciding.actions import Approve, SendBack
from services.review.cases.deciding.applied_action import Applied, changed, must_be, reason_of
from services.review.cases.deciding.first_approval import BlindLook, FirstApproval, FourEyes, SentBack
from services.review.people.rules import Person
from services.review.safeguards import rules as safeguards
from services.review.safeguards.rules import HELD, Approval, NotedRule, Rule
from services.runtime.errors import Conflict, InvalidInput


def asked_by(case: Case, in_force: Sequence[NotedRule]) -> Rule | None:
    """The rule that asks for a second person, or by which the approval is drawn to be held back for one.

    Once somebody has approved under a rule it goes on asking while it is in force, also where the case is sorted otherwise
    since, or another draft fails no check.
    """
    rule = safeguards.asking(in_force, "second_person", _approval(case)) or safeguards.asking(in_force, HELD, _approval(case))
    if rule is None and case.four_eyes:
        rule = safeguards.standing(in_force, case.four_eyes.because)
    return safeguards.plain(rule) if rule else None


def foreseen(case: Case, in_force: Sequence[NotedRule]) -> bool:
    """Whether an approval would be the first of two, as far as people may know before: what is drawn shows only afterwards."""
    before = case.four_eyes.because.place if case.four_eyes else None
    return asked_by(case, [rule for rule in in_force if rule.kind != HELD or rule.place == before]) is not None


def must_look(case: Case, in_force: Sequence[NotedRule]) -> bool:
    """Whether a rule asks to look at each figure that no passage supports."""
    return safeguards.asking(in_force, "look_at_figures", _approval(case)) is not None


def _approval(case: Case) -> Approval:
    failed = [check.name for check in case.draft.checks if not check.passed] if case.draft else []
    return Approval(case.agency, case.category, case.urgency, failed)


def approved(
    case: Case,
    action: Approve,
    person: Person,
    now: datetime,
    undo: timedelta,
    senders: Collection[str],
    rule: Rule | None,
    *,
    look_at_figures: bool = False,
    files: Sequence[ReplyAttachment] | None = None,
) -> Applied:
    """Approves the reply: at once where no rule asks for a second person, else as the first or the second of two."""
    first, blind = case.first_approval, blind_looks.is_blind(case, person)
    if first and not blind:  # what is not written anew is what the first person approved
        action = dataclasses.replace(
            action,
            subject=first.subject if action.subject is None else action.subject,
            body=first.body if action.body is None else action.body,
        )
        files = first.attachments if files is None else files
    done = decisions.approved(case, action, person, now, undo, senders, files or ())
    decision = done.case.decision
    if look_at_figures and decision and case.draft:
        number = _looked_at(decision, action, case.draft)
        done = dataclasses.replace(done, detail={**done.detail, "looked_at": number})
    if decision is None or (rule is None and first is None):
        return done
    look = blind_looks.sending(decision, first, now) if first and blind else None
    if first and first.same_as(decision, case.address):
        return _seconded(done, decision, first, look, person, now)
    if first and case.four_eyes and look:
        return blind_looks.looked(case, case.four_eyes, first, look, now)
    if rule is None:  # nobody asks any more, and the text is another than the one that waited
        return dataclasses.replace(done, case=done.case.model_copy(update={"four_eyes": None}))
    return _waits(case, done, decision, action.draft_id, person, now, rule)


def _looked_at(decision: ReplyDecided, action: Approve, draft: DraftProposed) -> int:
    """How many unsupported figures the person has looked at. Raises InvalidInput naming those that they have not."""
    unsupported = figures.unsupported(f"{decision.subject}\n{decision.body}", draft.citations, draft.own_words)
    left = [figure for figure in unsupported if figure.id not in action.looked_at]
    if left:
        named = ", ".join(f"“{figure.text}” ({figure.id})" for figure in left[:10])
        raise InvalidInput(
            f"looked_at: no passage says {named}{' and more' if left[10:] else ''}; look at each, and name it by what stands in brackets",
            field="looked_at",
        )
    return len(unsupported)


def _waits(case: Case, done: Applied, decision: ReplyDecided, draft_id: UUID, person: Person, now: datetime, rule: Rule) -> Applied:
    """Keeps the approval for a second person: nothing leaves, and the case is nobody's, so that anybody else may take it up."""
    former = case.first_approval
    earlier = [*former.earlier, former.by] if former else []
    first = FirstApproval(
        draft_id=draft_id,
        by=person.email,
        at=now,
        subject=decision.subject or "",
        body=decision.body or "",
        address=case.address,
        attachments=tuple(decision.attachments),
        earlier=tuple(dict.fromkeys(email for email in earlier if email != person.email)),
    )
    about = {name: value for name, value in rule.model_dump(mode="json").items() if value and (name, value) != ("kind", "second_person")}
    detail = {name: value for name, value in done.detail.items() if name != "decision_id"} | {"approval": "first", "rule": about}
    looks = case.four_eyes.looks if case.four_eyes else ()
    return Applied(changed(case, now, four_eyes=FourEyes(because=rule, first=first, looks=looks), assignee=None), detail=detail)


def _seconded(
    done: Applied, decision: ReplyDecided, first: FirstApproval, look: BlindLook | None, person: Person, now: datetime
) -> Applied:
    """Decides on the text that the first person approved, in both names."""
    if person.email == first.by:
        raise Conflict("you have approved this text: a second person has to look at it before it is sent")
    if person.email in first.earlier:
        raise Conflict("you have approved another text of this draft: somebody who has approved none of them has to look at it")
    both = decision.model_copy(update={"decided_by": first.by, "seconded_by": person.email, "decided_at": now})
    detail = {**done.detail, "approval": "second", "first_by": first.by, "first_at": first.at.isoformat()}
    four_eyes = done.case.four_eyes
    kept = blind_looks.with_look(four_eyes, look) if four_eyes and look else four_eyes
    return Applied(done.case.model_copy(update={"decision": both, "four_eyes": kept}), (decisions.leaving(both),), detail)


def recalled(case: Case, person: Person, now: datetime) -> Applied:
    """Takes back an approval: the final one while it has not left, or one's own that waits for a second person.

    Of a final one the first person's stands again, unless it is they who take it back.
    """
    first = case.four_eyes.first if case.four_eyes else None
    if case.four_eyes and case.first_approval:
        if case.first_approval.by != person.email:
            raise Conflict(f"{case.first_approval.by} approved it: they can undo that; send it back with a reason instead")
        return Applied(
            changed(case, now, four_eyes=_ended(case.four_eyes, case.first_approval, person, "", now)),
            detail={"approval": "first"},
        )
    done = decisions.recalled(case, now)
    if first is None or first.by != person.email or case.four_eyes is None:
        return done
    return dataclasses.replace(done, case=done.case.model_copy(update={"four_eyes": case.four_eyes.model_copy(update={"first": None})}))


def _ended(four_eyes: FourEyes, first: FirstApproval, person: Person, reason: str, now: datetime) -> FourEyes:
    """The first approval counts no more; its text and its files are kept, to go on from."""
    ended = SentBack(
        draft_id=first.draft_id,
        by=person.email,
        at=now,
        reason=reason,
        approved_by=first.by,
        subject=first.subject,
        body=first.body,
        attachments=first.attachments,
    )
    return FourEyes(because=four_eyes.because, sent_back=ended, looks=four_eyes.looks)


def sent_back(case: Case, action: SendBack, person: Person, now: datetime) -> Applied:
    """Gives a first approval back to whoever gave it, with a reason: it counts no more."""
    first = case.first_approval
    if first is None or case.four_eyes is None:
        must_be(case, frozenset({State.AWAITING_APPROVAL}), Word("send back"))
        raise Conflict("there is no first approval to send back: reject the draft, or ask for another one")
    if first.by == person.email:
        raise Conflict("you have approved it yourself: undo that instead")
    reason = reason_of(action.reason)
    ended = _ended(case.four_eyes, first, person, reason, now)
    if blind_looks.is_blind(case, person):
        look = BlindLook(draft_id=first.draft_id, by=person.email, at=now, sends=False, reason=case.hidden(reason))
        ended = blind_looks.with_look(ended, look)
    after = changed(case, now, four_eyes=ended, assignee=first.by)
    return Applied(after, detail={"reason": case.hidden(reason), "first_by": first.by})
