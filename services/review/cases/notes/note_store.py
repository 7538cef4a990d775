"""Database queries of internal notes and mentions."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, delete, select

from services.review.cases.notes.note_tables import MentionRow, NoteRow
from services.review.cases.notes.notes import MOST_NOTES, Note
from services.runtime.database import Session, insert_all_new


async def of_case(session: Session, request_id: UUID) -> list[Note]:
    """The notes on a case, the oldest first."""
    query = select(NoteRow).where(NoteRow.request_id == request_id).order_by(col(NoteRow.written_at).desc()).limit(MOST_NOTES)
    rows = (await session.exec(query)).all()
    return [Note(row.note_id, row.author, row.text, tuple(row.mentioned), row.written_at) for row in reversed(rows)]


async def add(session: Session, request_id: UUID, note: Note) -> None:
    """Keeps a note, and puts the case before everybody whom it mentions."""
    session.add(
        NoteRow(
            note_id=note.note_id,
            request_id=request_id,
            author=note.author,
            text=note.text,
            mentioned=list(note.mentioned),
            written_at=note.written_at,
        )
    )
    mentions: Sequence[MentionRow] = [
        MentionRow(email=email, request_id=request_id, mentioned_at=note.written_at) for email in sorted(note.mentioned)
    ]
    if mentions:
        await insert_all_new(session, mentions)


async def is_mentioned(session: Session, request_id: UUID, email: str) -> bool:
    """Whether that person is to look at the case."""
    return await session.get(MentionRow, (email, request_id)) is not None


async def put_aside(session: Session, request_id: UUID, email: str) -> None:
    """They have looked at it."""
    await session.exec(delete(MentionRow).where(col(MentionRow.email) == email, col(MentionRow.request_id) == request_id))
