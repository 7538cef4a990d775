"""Reads and changes canned replies. What a team or an agency has leaves with its audit entry, or not at all."""

from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import col, select

from services.review.audit import store as audit
from services.review.cases.canned_replies import canned_replies
from services.review.cases.canned_replies.canned_replies import CannedReply, Shelf, Wording
from services.review.cases.canned_replies.canned_reply_tables import CannedReplyRow
from services.review.cases.case_state import Case
from services.review.people.powers import Power
from services.review.people.rules import Person
from services.runtime.database import Session
from services.runtime.errors import Conflict, NotFound

MOST_OWN = 200
MOST_SHARED = 500
"""Of one agency and department: more are not found again."""


async def of_person(session: Session, person: Person, *of_these: sa.ColumnElement[bool]) -> list[CannedReply]:
    """All `of_these` that a person may read: their own, and those of their teams and agencies."""
    mine = sa.or_(col(CannedReplyRow.person) == person.email, col(CannedReplyRow.person) == "")
    rows = (await session.exec(select(CannedReplyRow).where(mine, *of_these))).all()
    return canned_replies.in_order(reply for reply in map(_reply, rows) if canned_replies.may_read(reply.shelf, person))


async def for_case(session: Session, case: Case, person: Person) -> list[CannedReply]:
    """Those that are offered while the case waits for a decision, those in the letter's language first."""
    if not case.decidable or not person.may(Power.WORK_ON_CASES):
        return []
    # Each page of a case asks: the texts of other agencies and departments are not read for it. One's own are of none.
    of_agency, of_department = (col(CannedReplyRow.agency), case.agency), (col(CannedReplyRow.department), case.department)
    readable = await of_person(session, person, *(column.in_(("", name or "")) for column, name in (of_agency, of_department)))
    offered = [reply for reply in readable if canned_replies.is_offered(reply, case, person)]
    return sorted(offered, key=lambda reply: not canned_replies.is_in_language(reply, case))


async def offered_in(session: Session, reply_id: UUID, case: Case, person: Person) -> CannedReply:
    """One that is offered in that case. Raises NotFound."""
    reply = await reply_of(session, reply_id, person)
    if not canned_replies.is_offered(reply, case, person):
        raise NotFound("canned_reply: that one is not for this case; load the page again", field="canned_reply")
    return reply


async def reply_of(session: Session, reply_id: UUID, person: Person) -> CannedReply:
    """One that they may read. Raises NotFound."""
    return _reply(await _row(session, reply_id, person))


async def add(session: Session, shelf: Shelf, words: Wording, person: Person, now: datetime) -> CannedReply:
    """Keeps a new one. Raises NotAllowed, and Conflict where there are as many as anybody finds again."""
    canned_replies.must_write(shelf, person)
    same = (col(CannedReplyRow.person) == shelf.person, col(CannedReplyRow.agency) == shelf.agency)
    count = select(sa.func.count()).select_from(CannedReplyRow).where(*same, col(CannedReplyRow.department) == shelf.department)
    most = MOST_OWN if shelf.person else MOST_SHARED
    if (await session.exec(count)).one() >= most:
        raise Conflict(f"there are {most} of them, which is the most: delete one that nobody needs")
    row = CannedReplyRow(
        reply_id=uuid4(),
        **vars(shelf),
        title=words.title,
        language=words.language,
        text=words.text,
        changed_by=person.email,
        changed_at=now,
    )
    session.add(row)
    await _note(session, "add canned reply", row, person, now)
    return _reply(row)


async def change(session: Session, reply_id: UUID, version: int, words: Wording, person: Person, now: datetime) -> CannedReply:
    """Writes one anew. Raises NotFound, NotAllowed, and Conflict where somebody else was faster."""
    row = await _theirs(session, reply_id, version, person)
    row.title, row.language, row.text = words.title, words.language, words.text
    row.version, row.changed_by, row.changed_at = row.version + 1, person.email, now
    await _note(session, "change canned reply", row, person, now)
    return _reply(row)


async def remove(session: Session, reply_id: UUID, version: int, person: Person, now: datetime) -> None:
    """Deletes one. What was put into replies stays there."""
    row = await _theirs(session, reply_id, version, person)
    await session.delete(row)
    await _note(session, "delete canned reply", row, person, now)


async def _row(session: Session, reply_id: UUID, person: Person, *, hold: bool = False) -> CannedReplyRow:
    row = await session.get(CannedReplyRow, reply_id, with_for_update=hold or None)
    if not row or not canned_replies.may_read(_shelf(row), person):
        raise NotFound("canned_reply: there is no such canned reply of yours; it may have been deleted", field="canned_reply")
    return row


async def _theirs(session: Session, reply_id: UUID, version: int, person: Person) -> CannedReplyRow:
    row = await _row(session, reply_id, person, hold=True)
    canned_replies.must_write(_shelf(row), person)
    if row.version != version:
        raise Conflict(f"version: {row.changed_by} has changed it meanwhile: look at it again, then write yours anew", field="version")
    return row


async def _note(session: Session, action: str, row: CannedReplyRow, person: Person, now: datetime) -> None:
    """Adds the log entry of one that others use as well; its text is not in it."""
    if row.person:
        return
    about = {"reply_id": str(row.reply_id), "agency": row.agency, "department": row.department}
    await audit.add(session, audit.Entry(now, person.email, action, None, {**about, "language": row.language, "version": row.version}))


def _shelf(row: CannedReplyRow) -> Shelf:
    return Shelf(row.person, row.agency, row.department)


def _reply(row: CannedReplyRow) -> CannedReply:
    return CannedReply(row.reply_id, _shelf(row), row.title, row.language, row.text, row.changed_by, row.changed_at, row.version)
