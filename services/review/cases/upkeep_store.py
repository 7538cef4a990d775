"""Database queries about work over all cases: each piece is a row, and whoever holds it does the work."""

from sqlmodel import select

from services.review.cases.upkeep_tables import UpkeepRow
from services.runtime.database import Session


async def held(session: Session, name: str, *, waits: bool = False) -> UpkeepRow | None:
    """The row of that work, held for this transaction. None where another process holds it, unless this one `waits` for it."""
    row = select(UpkeepRow).where(UpkeepRow.name == name).with_for_update(skip_locked=not waits)
    return (await session.exec(row)).first()


async def is_done(session: Session, name: str) -> bool:
    """Whether nothing of that work is left."""
    row = await session.get(UpkeepRow, name)
    return row is None or row.done


async def begin_again(session: Session, name: str) -> None:
    """Has the next rounds do all of that work once more."""
    await session.merge(UpkeepRow(name=name))
