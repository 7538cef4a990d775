"""Every database query about replies that citizens are asked about."""

from datetime import datetime

from sqlmodel import col, select, update

from schemas.replies_decided import ReplyDecided
from services.intake.answers.rules import AskedReply
from services.intake.answers.tables import AskedReplyRow
from services.runtime.database import Session, insert_new


async def keep(session: Session, decided: ReplyDecided, now: datetime) -> None:
    """Keeps a reply that asks. One that is sent again has the same link: the first stays."""
    if decided.rating_hash and decided.agency:
        row = AskedReplyRow(
            token_hash=decided.rating_hash,
            agency=decided.agency,
            request_id=decided.request_id,
            decision_id=decided.decision_id,
            asked_at=now,
        )
        await insert_new(session, row)


async def reply_of(session: Session, agency: str, token_hash: str, *, for_update: bool = False) -> AskedReply | None:
    """The agency's reply of that link."""
    query = select(AskedReplyRow).where(AskedReplyRow.token_hash == token_hash, AskedReplyRow.agency == agency)
    row = (await session.exec(query.with_for_update() if for_update else query)).first()
    return None if row is None else AskedReply(**row.model_dump())


async def rate(session: Session, reply: AskedReply, now: datetime, *, solved: bool) -> None:
    """Stores what was answered."""
    row = update(AskedReplyRow).where(col(AskedReplyRow.token_hash) == reply.token_hash)
    await session.exec(row.values(solved=solved, rated_at=now))
