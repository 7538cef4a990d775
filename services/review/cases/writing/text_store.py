"""Every query about the words that people are writing on a case."""

import dataclasses
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, delete, select

from services.review.cases.case_state import State
from services.review.cases.tables import CaseRow, EditRow
from services.review.cases.writing import written_text
from services.review.cases.writing.writing_tables import WrittenTextRow
from services.review.cases.writing.written_text import WrittenText
from services.runtime.database import Session, insert_into

KEPT_AFTER_THE_END = timedelta(days=30)
"""How long words that nobody used stay readable once the citizen has an answer."""

USED_FORGOTTEN_AFTER = timedelta(days=1)
"""A request that comes later than this brings back what was used."""

FORMER = "former"


async def texts_of(session: Session, request_id: UUID) -> list[WrittenText]:
    """What everybody has written on the case and not used, and the marks of what was used."""
    rows = await session.exec(select(WrittenTextRow).where(WrittenTextRow.request_id == request_id))
    texts = [_text(row) for row in rows]
    # Processes of the former release may still run beside this one, and keep one text a person.
    for row in await session.exec(select(EditRow).where(EditRow.request_id == request_id)):
        number = round(row.saved_at.replace(tzinfo=row.saved_at.tzinfo or UTC).timestamp() * 1000)
        former = [
            WrittenText(row.email, row.draft_id, name, FORMER, number, text, row.saved_at)
            for name, text in (("subject", row.subject), ("body", row.body))
        ]
        texts += [text for text in former if not written_text.is_late(texts, text)]
    return texts


async def keep(session: Session, request_id: UUID, texts: Iterable[WrittenText]) -> None:
    """Keeps what was written, unless it comes late. What it goes on with is no longer kept beside it."""
    standing = await texts_of(session, request_id)
    for sent in texts:
        text = written_text.going_on(standing, sent) if sent.page == written_text.PROGRAM else sent
        if written_text.is_late(standing, text):
            continue
        await _put(session, request_id, text)
        for other in written_text.superseded(standing, text):
            await _forget(session, request_id, other)


async def mark_used(session: Session, request_id: UUID, email: str, places: Iterable[tuple[UUID, str]], page: str, now: datetime) -> None:
    """Marks what a person wrote as used: by an action from that page, or from none, and then all of it."""
    standing = await texts_of(session, request_id)
    for draft_id, field in places:
        mark = written_text.used(standing, email, draft_id, field, page, now)
        if mark is None:
            continue
        await _put(session, request_id, mark)
        gone = written_text.superseded(standing, mark)
        if page == written_text.PROGRAM:
            gone = [other for other in standing if other.place == mark.place and other.page != page]
        for other in gone:
            await _forget(session, request_id, other)


async def forget_old(session: Session, now: datetime, limit: int) -> int:
    """Deletes marks of what was used, and words on cases that have ended; returns how many. Reads the oldest only."""
    ended = (State.SENT.value, State.CLOSED.value)
    key = sa.tuple_(*(col(getattr(WrittenTextRow, name)) for name in ("request_id", "email", "draft_id", "field", "page")))
    old = (
        sa.select(*key.clauses)
        .join(CaseRow, col(CaseRow.request_id) == col(WrittenTextRow.request_id), isouter=True)
        .where(
            sa.or_(
                sa.and_(col(WrittenTextRow.text).is_(None), col(WrittenTextRow.saved_at) < now - USED_FORGOTTEN_AFTER),
                sa.and_(
                    col(WrittenTextRow.saved_at) < now - KEPT_AFTER_THE_END,
                    sa.or_(col(CaseRow.state).in_(ended), col(CaseRow.request_id).is_(None)),
                ),
            ),
            col(WrittenTextRow.saved_at) < now - USED_FORGOTTEN_AFTER,
        )
        .order_by(col(WrittenTextRow.saved_at))
        .limit(limit)
    )
    return int((await session.exec(sa.delete(WrittenTextRow).where(key.in_(old)))).rowcount)


async def _put(session: Session, request_id: UUID, text: WrittenText) -> None:
    values = {"request_id": request_id, **dataclasses.asdict(text)}
    statement = insert_into(session, WrittenTextRow).values(values)
    key = ("request_id", "email", "draft_id", "field", "page")
    changes = {name: statement.excluded[name] for name in values if name not in key}
    newer = statement.excluded.sequence > col(WrittenTextRow.sequence)
    same_and_used = sa.and_(statement.excluded.sequence == col(WrittenTextRow.sequence), statement.excluded.text.is_(None))
    # Two requests of one page may overlap: the database itself lets the newer one stand.
    await session.exec(statement.on_conflict_do_update(index_elements=list(key), set_=changes, where=sa.or_(newer, same_and_used)))


async def _forget(session: Session, request_id: UUID, text: WrittenText) -> None:
    if text.page == FORMER:
        await session.exec(delete(EditRow).where(col(EditRow.request_id) == request_id, col(EditRow.email) == text.email))
        return
    columns = {"request_id": request_id, "email": text.email, "draft_id": text.draft_id, "field": text.field, "page": text.page}
    same = [col(getattr(WrittenTextRow, name)) == value for name, value in columns.items()]
    await session.exec(delete(WrittenTextRow).where(*same, col(WrittenTextRow.sequence) <= text.sequence))


def _text(row: WrittenTextRow) -> WrittenText:
    return WrittenText(
        row.email, row.draft_id, row.field, row.page, row.sequence, row.text, row.saved_at, base_page=row.base_page, base=row.base
    )
