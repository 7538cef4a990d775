"""All database queries of the chain: seals entries, and reads chain and log side by side."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from services.review.audit import chain, store
from services.review.audit.anchors import Anchor
from services.review.audit.chain import GENESIS, Fault, Head, LoggedEntry, Seal
from services.review.audit.tables import AnchorRow, AuditRow, ChainRow, SealRow
from services.runtime.database import Session, insert_new, lines

if TYPE_CHECKING:
    from services.review.audit.export import Choice

NAME = "log"
LOOK_BACK = 1_000
"""Numbers below the highest sealed one that are looked through each time: a transaction that ends late has a lower one."""
PAGE = 1_000
UNREADABLE = (ValueError, TypeError, sa.exc.StatementError)
"""What reading a field raises that is not of its kind."""


async def unsealed(session: Session, limit: int, *, thorough: bool = False) -> list[int]:
    """Numbers of entries without a seal, lowest first. A thorough look reads the whole log, any other its end."""
    query = sa.select(col(AuditRow.id)).where(~_sealed()).order_by(col(AuditRow.id)).limit(limit)
    if not thorough:
        [highest] = await lines(session, sa.select(sa.func.max(col(SealRow.entry_id))))
        query = query.where(col(AuditRow.id) > (highest[0] or 0) - LOOK_BACK)
    return [row.id for row in await lines(session, query)]


def _sealed() -> sa.ColumnElement[bool]:
    return sa.exists().where(col(SealRow.entry_id) == col(AuditRow.id))


async def held_head(session: Session) -> ChainRow | None:
    """The chain's head, held until the transaction ends; None where another process holds it."""
    query = select(ChainRow).where(ChainRow.name == NAME).with_for_update(skip_locked=True)
    if row := (await session.exec(query)).first():
        return row
    made = await insert_new(session, ChainRow(name=NAME, sequence=0, hash=GENESIS, anchors=0))
    return (await session.exec(query)).first() if made else None


async def seal(session: Session, numbers: Sequence[int], now: datetime) -> int | None:
    """Seals those of the entries that have no seal, in their order; returns how many. None where another process is at it."""
    row = await held_head(session)
    if row is None:
        return None
    query = select(AuditRow).where(col(AuditRow.id).in_(numbers), ~_sealed()).order_by(col(AuditRow.id))
    head = Head(row.sequence, row.hash, row.anchors)
    seals = []
    for entry in (await session.exec(query)).all():
        link = chain.seal(head, _logged(entry), now)
        head = replace(head, sequence=link.sequence, hash=link.hash)
        seals.append(SealRow(sequence=link.sequence, entry_id=link.entry, sealed_at=now, version=link.version, hash=link.hash))
    session.add_all(seals)
    row.sequence, row.hash = head.sequence, head.hash
    return len(seals)


async def anchor(session: Session, sign: Callable[[int, int, str, datetime], Anchor], now: datetime, every: timedelta) -> Anchor | None:
    """A further anchor, where the chain has grown since the last and that is long enough ago."""
    row = await held_head(session)
    if row is None or not row.sequence or (row.anchored_at and now - row.anchored_at < every):
        return None
    newest = await last_anchor(session)
    if newest and newest.sequence == row.sequence:
        return None
    made = sign(row.anchors + 1, row.sequence, row.hash, now)
    session.add(AnchorRow(**asdict(made)))
    row.anchors, row.anchored_at = made.number, now
    return made


async def last_anchor(session: Session) -> Anchor | None:
    """The newest anchor."""
    row = (await session.exec(select(AnchorRow).order_by(col(AnchorRow.number).desc()).limit(1))).first()
    return _anchor(row) if row else None


async def freeze(session: Session) -> None:
    """Shows the session one moment of chain and log, whatever is sealed meanwhile. SQLite does so by itself."""
    if session.get_bind().dialect.name == "postgresql":
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


async def head(session: Session) -> Head:
    """Where the chain stands, as it is written down."""
    row = (await session.exec(select(ChainRow).where(ChainRow.name == NAME))).first()
    if row is None:
        return Head()
    _must_be(int, row.sequence, row.anchors)
    return Head(row.sequence, row.hash, row.anchors)


async def anchors(session: Session) -> list[Anchor]:
    """Every anchor, the first first."""
    return [_anchor(row) for row in (await session.exec(select(AnchorRow).order_by(col(AnchorRow.number)))).all()]


async def links(session: Session) -> AsyncIterator[tuple[Seal, LoggedEntry | None] | Fault]:
    """The chain with its entries in its order; a fault in place of what can't be read at all."""
    after: int | None = None
    while True:
        page = await _sequences(session, after)
        for start in range(0, len(page), PAGE):
            part = page[start : start + PAGE]
            try:
                pairs = await _pairs(session, part)
            except UNREADABLE:
                pairs = [pair for sequence in part for pair in await _one(session, sequence)]
            for pair in pairs:
                yield pair
        if len(page) < PAGE:
            return
        after = page[-1]


async def _sequences(session: Session, after: int | None) -> list[int]:
    query = sa.select(col(SealRow.sequence)).order_by(col(SealRow.sequence)).limit(PAGE)
    if after is not None:
        query = query.where(col(SealRow.sequence) > after)
    return [row.sequence for row in await lines(session, query)]


async def _one(session: Session, sequence: int) -> "list[tuple[Seal, LoggedEntry | None] | Fault]":
    try:
        return await _pairs(session, [sequence])
    except UNREADABLE:
        return [Fault("unreadable", f"the entry at place {sequence} of the chain can't be read: a field is not of its kind", sequence)]


async def _pairs(session: Session, sequences: Sequence[int]) -> "list[tuple[Seal, LoggedEntry | None] | Fault]":
    query = (
        sa.select(
            *(col(getattr(SealRow, name)) for name in ("sequence", "entry_id", "sealed_at", "version", "hash")),
            *(col(getattr(AuditRow, name)) for name in ("id", "at", "actor", "action", "request_id", "detail")),
        )
        .outerjoin(AuditRow, col(AuditRow.id) == col(SealRow.entry_id))
        .where(col(SealRow.sequence).in_(sequences))
        .order_by(col(SealRow.sequence))
    )
    return [(_seal(row), _logged(row) if row.id is not None else None) for row in await lines(session, query)]


def _seal(row: sa.Row[Any]) -> Seal:
    _must_be(int, row.sequence, row.entry_id, row.version)
    _must_be(str, row.hash)
    return Seal(row.sequence, row.entry_id, row.sealed_at, row.version, row.hash)


def _must_be(kind: type, *values: object) -> None:
    """Raises TypeError: SQLite takes anything in any column."""
    if wrong := [value for value in values if not isinstance(value, kind)]:
        raise TypeError(f"{wrong[0]!r} is no {kind.__name__}")


def _logged(row: "AuditRow | sa.Row[Any]") -> LoggedEntry:
    return LoggedEntry(int(row.id or 0), row.at, row.actor, row.action, row.request_id, row.detail)


def _anchor(row: AnchorRow) -> Anchor:
    _must_be(int, row.number, row.sequence)
    _must_be(str, row.hash, row.public_key, row.signature)
    return Anchor(row.number, row.sequence, row.hash, row.at, row.public_key, row.signature)


async def waiting(session: Session, before: datetime) -> tuple[int, int | None]:
    """How many entries of before then have no seal, and the first of them."""
    query = sa.select(sa.func.count().label("entries"), sa.func.min(col(AuditRow.id)).label("first"))
    [row] = await lines(session, query.where(~_sealed(), col(AuditRow.at) < before))
    return int(row.entries), row.first


def _fits(choice: "Choice") -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if choice.request_id:
        conditions.append(col(AuditRow.request_id) == choice.request_id)
    if choice.actor:
        conditions.append(col(AuditRow.actor) == choice.actor)
    if choice.since:
        conditions.append(col(AuditRow.at) >= choice.since)
    if choice.until:
        conditions.append(col(AuditRow.at) < choice.until)
    if choice.cases is not None:
        conditions.append(store.is_of(choice.cases))
    return conditions


async def newest(session: Session, choice: "Choice", before: int | None, limit: int) -> list[LoggedEntry]:
    """The newest entries of that choice first, or those after the one of that number."""
    query = sa.select(*(col(getattr(AuditRow, name)) for name in ("id", "at", "actor", "action", "request_id", "detail")))
    query = query.where(*_fits(choice)).order_by(*store.NEWEST_FIRST).limit(limit)
    return [_logged(row) for row in await lines(session, query.where(store.is_older(before)) if before else query)]


async def chosen(session: Session, choice: "Choice", after: int) -> list[tuple[LoggedEntry, int | None, str | None]]:
    """A page of the entries of that choice after that number, with their places in the chain."""
    query = (
        sa.select(
            *(col(getattr(AuditRow, name)) for name in ("id", "at", "actor", "action", "request_id", "detail")),
            col(SealRow.sequence),
            col(SealRow.hash),
        )
        .outerjoin(SealRow, col(AuditRow.id) == col(SealRow.entry_id))
        .where(col(AuditRow.id) > after, *_fits(choice))
        .order_by(col(AuditRow.id))
        .limit(PAGE)
    )
    return [(_logged(row), row.sequence, row.hash) for row in await lines(session, query)]
