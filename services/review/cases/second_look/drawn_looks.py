"""Draws decisions for a second look: by the case and a secret, so that nobody can know or steer which."""

from datetime import datetime

from schemas.replies_decided import ReplyDecided
from schemas.values import Urgency
from services.review.cases.case_state import Case
from services.review.cases.deciding import blind_looks
from services.review.cases.deciding.applied_action import Applied
from services.review.cases.second_look import look_store
from services.review.people.rules import Person
from services.review.safeguards import drawing, rules
from services.review.safeguards.rules import Approval, NotedRule
from services.review.safeguards.store import Standing
from services.runtime.database import Session

PURPOSE = "second look"
PURPOSE_HELD = "second look before sending"


def asked_of(case: Case, standing: Standing) -> list[NotedRule]:
    """The rules that an approval of the case is under: of those that hold a share back the closest, where it is drawn.

    One under which it was held back before stays, as for any second approval: sorting the case otherwise is no way round. No
    emergency is held back, not even then.
    """
    if case.urgency is Urgency.EMERGENCY:
        return [each for each in standing.rules if each.kind != rules.HELD]
    rule = rules.closest(standing.rules, rules.HELD, Approval(case.agency, case.category, case.urgency))
    share = rule.share or 0 if rule else 0
    drawn = drawing.is_drawn(standing.draw_secret, PURPOSE_HELD, case.request_id, share)
    before = case.four_eyes.because.place if case.four_eyes else None
    return [each for each in standing.rules if each.kind != rules.HELD or (drawn and each is rule) or each.place == before]


async def note_if_blind(session: Session, before: Case, applied: Applied, person: Person) -> None:
    """Counts what a second person made of a draft whose approval was held back, beside what the first had made of it."""
    first = before.first_approval
    look = blind_looks.look_of(applied.case, person.email)
    if first and look and blind_looks.is_blind(before, person):
        await look_store.keep_held(session, before.request_id, first, look, blind_looks.outcome_of(first, look))


async def add_if_drawn(session: Session, case: Case, applied: Applied, standing: Standing, now: datetime) -> None:
    """Keeps an approval that is drawn, to be looked at once it has left."""
    decision = next((leaving.event for leaving in applied.events if isinstance(leaving.event, ReplyDecided)), None)
    if decision is None or decision.decision not in ("approved", "edited"):
        return
    if case.four_eyes and case.four_eyes.because.kind == rules.HELD and decision.seconded_by:  # somebody has looked
        return
    share = rules.share_of(standing.rules, "second_look", Approval(case.agency, case.category, case.urgency))
    if drawing.is_drawn(standing.draw_secret, PURPOSE, case.request_id, share):
        await look_store.add(session, decision, decision.send_after or now)
