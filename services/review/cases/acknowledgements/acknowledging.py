"""Acknowledges messages, each within the transaction that brings it together with its triage, and follows what becomes of the receipts."""

from datetime import datetime, timedelta

from schemas.acknowledgements_dispatched import AcknowledgementDispatched
from services.domain.taxonomy import Taxonomy
from services.review.audit import store as audit
from services.review.audit.store import Entry
from services.review.cases import reconciler, store
from services.review.cases.acknowledgements import acknowledgement, acknowledgement_store
from services.review.cases.acknowledgements.acknowledgement import Places, Writing
from services.review.cases.case_state import Case
from services.review.cases.related import link_store
from services.runtime import outbox, telemetry
from services.runtime.database import Session
from services.runtime.settings import Settings

AT_ONCE = 200


def writing_of(settings: Settings, taxonomy: Taxonomy) -> Writing:
    """What receipts are written with in this installation."""
    places = Places(settings.public_url, settings.intake_public_url)
    return Writing(taxonomy, places, settings.language, settings.mail_subject_reference)


async def acknowledge(
    session: Session, case: Case, writing: Writing, senders: tuple[str, ...], now: datetime, service: str, first_nudge: timedelta
) -> None:
    """Sends a receipt for a message that is whole, where its agency has decided that and the message may have one."""
    agency = await acknowledgement_store.acknowledging(session, case.agency or "")
    if not agency or not agency.active:
        return
    mailbox = acknowledgement.mailbox(acknowledgement.address_of(case))
    # Processes that count at the same moment may send one too many: it is the loop that has to end.
    lately = await acknowledgement_store.lately(session, mailbox, now - acknowledgement.A_DAY)
    follows = await _follows(session, case)
    if not acknowledgement.is_acknowledged(case, now, senders, follows=follows, lately=lately):
        return
    decided = acknowledgement.decide(case, agency, writing, now)
    if not await acknowledgement_store.add(session, decided, mailbox, now, now + first_nudge):
        return
    with telemetry.step("acknowledge", {"parvis.decided_by": decided.decided_by}):
        await outbox.add(session, service, decided, reference=str(decided.acknowledgement_id), lane=decided.agency)
    await audit.add(session, Entry(now, audit.PARVIS, "acknowledge", case.request_id, {"decided_by": decided.decided_by}))


async def _follows(session: Session, case: Case) -> bool:
    """Whether the message follows another one here: whoever writes again knows that we have the first."""
    earlier = await store.cases_of(session, await link_store.follows(session, case.request_id))
    return any(each.agency == case.agency for each in earlier.values())


async def conclude(session: Session, dispatched: AcknowledgementDispatched, now: datetime) -> None:
    """Notes in the case's log what became of its receipt. The case itself stays as it is: nobody has been answered."""
    if await acknowledgement_store.conclude(session, dispatched, now):
        case = await store.look(session, dispatched.request_id)
        why = {} if dispatched.outcome == "delivered" else {"detail": case.hidden(dispatched.detail)}
        detail = {"outcome": dispatched.outcome, "channel": dispatched.channel, **why}
        await audit.add(session, Entry(now, audit.PARVIS, "acknowledged", dispatched.request_id, detail))


async def publish_overdue(session: Session, now: datetime, service: str, first_nudge: timedelta) -> int:
    """Publishes receipts once more of which nobody has told what became of them; who had one passes over it. Returns how many.

    Where they were switched off meanwhile none is published that could still be mailed; a day later it brings what became of it.
    """
    overdue = await acknowledgement_store.overdue(session, now, AT_ONCE)
    for decided, times in overdue:
        number = decided.acknowledgement_id
        agency = await acknowledgement_store.acknowledging(session, decided.agency or "")
        wanted = bool(agency and agency.active) or now >= decided.good_until
        if wanted and not await outbox.waits(session, service, str(number)):
            case = await store.look(session, decided.request_id)
            with telemetry.request_span(
                "publish once more", decided.request_id, parent=case.trace, attributes={"parvis.attempt": times + 1}
            ):
                await outbox.add(session, service, decided, reference=str(number), lane=decided.agency)
        await acknowledgement_store.nudged(session, number, times + 1, reconciler.next_nudge(times + 1, now, first_nudge))
    return len(overdue)
