"""Keeps which mails messages came by and answer, and looks them up."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from schemas.requests_received import RequestReceived
from services.review.cases.related.case_links import MOST_LINKS, mail_key, mails_in
from services.review.cases.related.mail_tables import MailRow
from services.runtime.database import Session, insert_all_new, lines


async def keep(session: Session, request: RequestReceived) -> None:
    """Keeps the mails of a message. Twice is the same as once."""
    own = [mail_key(request.agency, request.message_id)] if request.message_id else []
    pairs = sorted({*((key, False) for key in own), *((key, True) for key in mails_in(request))})
    if pairs:
        rows = [MailRow(mail=key, answered=answered, request_id=request.request_id) for key, answered in pairs]
        await insert_all_new(session, rows)


async def came_by(session: Session, mails: Sequence[bytes]) -> dict[bytes, list[UUID]]:
    """The messages that came by these mails, by mail."""
    if not mails:
        return {}
    columns = (col(MailRow.mail), col(MailRow.request_id))
    wanted = (col(MailRow.mail).in_(mails), col(MailRow.answered).is_(False))
    messages: dict[bytes, list[UUID]] = {}
    for row in await lines(session, sa.select(*columns).where(*wanted).limit(MOST_LINKS * 2)):
        messages.setdefault(bytes(row.mail), []).append(row.request_id)
    return messages


async def that_answer(session: Session, request: RequestReceived) -> list[UUID]:
    """The messages that answer the mail which a message came by, and came before it."""
    if not request.message_id:
        return []
    wanted = (col(MailRow.mail) == mail_key(request.agency, request.message_id), col(MailRow.answered).is_(True))
    rows = await lines(session, sa.select(col(MailRow.request_id)).where(*wanted).limit(MOST_LINKS))
    return [row.request_id for row in rows if row.request_id != request.request_id]
