"""Database queries of groups: what a message belongs to, what is in a group, which groups rise. Each reads a bounded part of an index."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, delete, select

from services.review.cases.case_state import Case, State
from services.review.cases.groups import grouping, places, rising
from services.review.cases.groups.answering import CommonText
from services.review.cases.groups.group_tables import CommonTextRow, GroupRow, LeftRow, MemberRow, PlaceRow, UngroupedRow
from services.review.cases.groups.grouping import Tie
from services.review.cases.groups.places import Place
from services.review.cases.queue import case_lists
from services.review.cases.tables import WHOLE, CaseRow
from services.review.people.rules import Scope
from services.runtime.database import Moment, Session, insert_all_new, insert_new, lines

MOST_MATES = 50
"""Of one place: a street with more reports of one kind in two days has a group long since."""
MOST_COUNTED = 999
LISTED_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Member:
    """A case in a group, and why."""

    request_id: UUID
    group_id: UUID
    received_at: datetime
    tie: Tie
    sender: str = ""


@dataclass(frozen=True)
class Group:
    """A group as the store has it; how many are in it depends on who looks."""

    group_id: UUID
    agency: str
    rising_since: datetime | None


# --- what waits to be grouped ----------------------------------------------------------------------------------------------------------


async def wait(session: Session, request_id: UUID, now: datetime) -> None:
    """Notes that the message is to be grouped, in the transaction that brought it."""
    await insert_new(session, UngroupedRow(request_id=request_id, since=now))


async def wait_all(session: Session, request_ids: Sequence[UUID], now: datetime) -> None:
    """The same for messages of before, but for those that a person took out of a group."""
    left = set((await session.exec(select(LeftRow.request_id).where(col(LeftRow.request_id).in_(request_ids)))).all())
    rows = [UngroupedRow(request_id=request_id, since=now) for request_id in sorted(request_ids) if request_id not in left]
    if rows:
        await insert_all_new(session, rows)


async def is_waiting(session: Session) -> bool:
    """Whether any message waits to be grouped."""
    return (await session.exec(select(UngroupedRow.request_id).limit(1))).first() is not None


async def next_waiting(session: Session, limit: int) -> list[UUID]:
    """The messages that have waited longest, held for this transaction: whoever else groups waits for the first of them."""
    query = select(UngroupedRow.request_id).order_by(col(UngroupedRow.since), col(UngroupedRow.request_id)).limit(limit)
    return list((await session.exec(query.with_for_update())).all())


async def longest_waiting(session: Session, limit: int) -> list[UUID]:
    """The same messages, held by nobody."""
    query = select(UngroupedRow.request_id).order_by(col(UngroupedRow.since), col(UngroupedRow.request_id)).limit(limit)
    return list((await session.exec(query)).all())


async def done_with(session: Session, request_ids: Sequence[UUID]) -> None:
    """They have been looked at."""
    await session.exec(delete(UngroupedRow).where(col(UngroupedRow.request_id).in_(request_ids)))


# --- what a message belongs to -----------------------------------------------------------------------------------------------------------


async def keep_places(session: Session, case: Case, named: Sequence[Place], received_at: datetime) -> None:
    """Keeps the places that a message is about, for those that come after it."""
    rows = [
        PlaceRow(
            agency=case.agency or "",
            category=case.category or "",
            key=place.key,
            received_at=received_at,
            request_id=case.request_id,
            latitude=place.latitude,
            longitude=place.longitude,
        )
        for place in sorted(named, key=lambda place: place.key)
    ]
    if rows:
        await insert_all_new(session, rows)


async def forget_old_places(session: Session, now: datetime) -> None:
    """Deletes places of messages that nothing new can belong to."""
    await session.exec(delete(PlaceRow).where(col(PlaceRow.received_at) < now - 2 * grouping.SAME_PLACE_WITHIN))


async def ties_of_place(session: Session, case: Case, named: Sequence[Place], received_at: datetime) -> list[Tie]:
    """Recent messages of the same category about the same street, or near the same spot."""
    ties: list[Tie] = []
    within = grouping.SAME_PLACE_WITHIN
    for place in named:
        query = (
            select(PlaceRow)
            .where(
                PlaceRow.agency == (case.agency or ""),
                PlaceRow.category == (case.category or ""),
                col(PlaceRow.key).in_(places.keys_near(place)),
                col(PlaceRow.received_at) >= received_at - within,
                col(PlaceRow.received_at) <= received_at + within,
                PlaceRow.request_id != case.request_id,
            )
            .order_by(col(PlaceRow.received_at).desc())
            .limit(MOST_MATES)
        )
        ties += [tie for row in (await session.exec(query)).all() if (tie := _tie_of_place(place, row))]
    return ties


def _tie_of_place(place: Place, row: PlaceRow) -> Tie | None:
    if place.latitude is None or place.longitude is None or row.latitude is None or row.longitude is None:
        return Tie("street", row.request_id, key=place.key) if place.kind == "street" else None
    metres = places.metres_between((place.latitude, place.longitude), (row.latitude, row.longitude))
    return Tie("spot", row.request_id, degree=metres) if metres <= places.NEAR_METRES else None


async def arrivals(session: Session, request_ids: Collection[UUID], agency: str) -> dict[UUID, datetime]:
    """When those of the requests came that are this agency's."""
    columns = (col(CaseRow.request_id), col(CaseRow.received_at))
    rows = await lines(session, sa.select(*columns).where(col(CaseRow.request_id).in_(request_ids), col(CaseRow.agency) == agency, WHOLE))
    return {row.request_id: row.received_at for row in rows}


async def groups_of(session: Session, request_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The group of each request that is in one."""
    query = select(MemberRow.request_id, MemberRow.group_id).where(col(MemberRow.request_id).in_(request_ids))
    return dict((await session.exec(query)).all())


async def left_by(session: Session, request_id: UUID) -> set[UUID]:
    """The groups that a person took the case out of."""
    return set((await session.exec(select(LeftRow.group_id).where(LeftRow.request_id == request_id))).all())


async def open_group(session: Session, group_id: UUID, agency: str, now: datetime) -> None:
    """Begins a group, unless it is there."""
    await insert_new(session, GroupRow(group_id=group_id, agency=agency, opened_at=now, newest_at=now))


async def put_in(session: Session, members: Sequence[Member]) -> None:
    """Adds cases to their groups; a case that is in a group stays there."""
    if not members:
        return
    rows = [
        MemberRow(
            request_id=member.request_id,
            group_id=member.group_id,
            received_at=member.received_at,
            kind=member.tie.kind,
            alike=member.tie.like,
            degree=member.tie.degree,
            key=member.tie.key,
            by=member.tie.by,
            sender=member.sender,
        )
        for member in sorted(members, key=lambda member: member.request_id)
    ]
    await insert_all_new(session, rows)
    newest = max(member.received_at for member in members)
    later = (col(GroupRow.group_id) == members[0].group_id, col(GroupRow.newest_at) < newest)
    await session.exec(sa.update(GroupRow).where(*later).values(newest_at=newest))


async def take_out(session: Session, request_id: UUID, group_id: UUID) -> bool:
    """Takes the case out of the group, for good; says whether it was in it."""
    row = await session.get(MemberRow, request_id)
    if row is None or row.group_id != group_id:
        return False
    await session.delete(row)
    await insert_new(session, LeftRow(request_id=request_id, group_id=group_id))
    return True


async def let_back(session: Session, request_id: UUID, group_id: UUID) -> None:
    """A person wants it in again."""
    await session.exec(delete(LeftRow).where(col(LeftRow.request_id) == request_id, col(LeftRow.group_id) == group_id))


# --- groups that rise --------------------------------------------------------------------------------------------------------------------


async def note_rising(session: Session, group_ids: Collection[UUID], now: datetime) -> None:
    """Marks those of the groups that rise, and takes the mark from those that do no more."""
    rows = (await session.exec(select(GroupRow).where(col(GroupRow.group_id).in_(group_ids)))).all()
    for row in rows:
        rise = rising.rise_of(await _moments(session, row.group_id, now, ()), now)
        row.rising_since = (row.rising_since or now) if rise else None


async def quiet_since(session: Session, moment: datetime) -> list[UUID]:
    """The groups with the mark that have had no message since then."""
    quiet = (col(GroupRow.rising_since).is_not(None), col(GroupRow.newest_at) < moment)
    return list((await session.exec(select(GroupRow.group_id).where(*quiet))).all())


async def rising_groups(session: Session, scope: Scope, limit: int) -> list[Group]:
    """The groups that began to rise last, of the agencies in scope."""
    conditions: list[Any] = [col(GroupRow.rising_since).is_not(None)]
    if scope.agencies:
        conditions.append(col(GroupRow.agency).in_(scope.agencies))
    query = select(GroupRow).where(*conditions).order_by(col(GroupRow.rising_since).desc()).limit(limit)
    return [_group(row) for row in (await session.exec(query)).all()]


async def moments_in_scope(session: Session, group_id: UUID, scope: Scope, now: datetime) -> list[datetime]:
    """When the newest messages of a group came that somebody may see, of each sender the newest."""
    return await _moments(session, group_id, now, case_lists.in_scope(scope))


async def _moments(session: Session, group_id: UUID, now: datetime, conditions: Sequence[Any]) -> list[datetime]:
    recent = (col(MemberRow.group_id) == group_id, col(MemberRow.received_at) >= now - rising.LONGEST)
    query = sa.select(col(MemberRow.received_at), col(MemberRow.sender)).where(*recent)
    if conditions:
        query = query.join(CaseRow, col(CaseRow.request_id) == col(MemberRow.request_id)).where(*conditions)
    rows = await lines(session, query.order_by(col(MemberRow.received_at).desc()).limit(rising.MOST_MOMENTS))
    newest = {row.sender: row.received_at for row in reversed(rows) if row.sender}
    return sorted([*newest.values(), *(row.received_at for row in rows if not row.sender)], reverse=True)


# --- a group as somebody sees it ---------------------------------------------------------------------------------------------------------


async def group(session: Session, group_id: UUID) -> Group | None:
    """The group of that id."""
    row = await session.get(GroupRow, group_id)
    return _group(row) if row else None


async def recent_groups(session: Session, scope: Scope, now: datetime, limit: int) -> list[Group]:
    """The groups with the newest messages, of the agencies in scope."""
    conditions = [col(GroupRow.newest_at) >= now - LISTED_FOR]
    if scope.agencies:
        conditions.append(col(GroupRow.agency).in_(scope.agencies))
    query = select(GroupRow).where(*conditions).order_by(col(GroupRow.newest_at).desc()).limit(limit)
    return [_group(row) for row in (await session.exec(query)).all()]


async def members(
    session: Session,
    group_id: UUID,
    scope: Scope,
    limit: int,
    states: Collection[State] = tuple(State),
    after: tuple[datetime, UUID] | None = None,
    *,
    newest_first: bool = False,
) -> list[Member]:
    """The members that somebody may see, in these states, the oldest first; after that place."""
    query = _seen(group_id, scope, states)
    if after:
        place = sa.tuple_(sa.literal(after[0], Moment()), sa.literal(after[1], sa.Uuid()))
        query = query.where(sa.tuple_(col(MemberRow.received_at), col(MemberRow.request_id)) > place)
    order = (col(MemberRow.received_at), col(MemberRow.request_id))
    rows = await lines(session, query.order_by(*(column.desc() if newest_first else column for column in order)).limit(limit))
    return [_member(row[0]) for row in rows]


async def count(session: Session, group_id: UUID, scope: Scope, states: Collection[State] = tuple(State)) -> int:
    """How many members somebody may see in these states, counted to MOST_COUNTED and one more."""
    few = _seen(group_id, scope, states).limit(MOST_COUNTED + 1).subquery()
    (row,) = await lines(session, sa.select(sa.func.count()).select_from(few))
    return int(row[0])


def _seen(group_id: UUID, scope: Scope, states: Collection[State]) -> sa.Select[Any]:
    conditions = [col(MemberRow.group_id) == group_id, WHOLE, *case_lists.in_scope(scope)]
    if set(states) != set(State):
        conditions.append(col(CaseRow.state).in_([state.value for state in states]))
    return sa.select(MemberRow).join(CaseRow, col(CaseRow.request_id) == col(MemberRow.request_id)).where(*conditions)


async def member(session: Session, request_id: UUID) -> Member | None:
    """The group that a case is in, and why."""
    row = await session.get(MemberRow, request_id)
    return _member(row) if row else None


@dataclass(frozen=True)
class Membership:
    """The group of a case, and how many of its messages somebody may see, counted to MOST_COUNTED and one more."""

    group_id: UUID
    messages: int


async def membership(session: Session, request_id: UUID, scope: Scope) -> Membership | None:
    """The group that a case is in, where the person may see more of it than that case."""
    own = await member(session, request_id)
    messages = await count(session, own.group_id, scope) if own else 0
    return Membership(own.group_id, messages) if own and messages > 1 else None


def _member(row: MemberRow) -> Member:
    tie = Tie(row.kind, row.alike, row.degree, row.key, row.by)  # type: ignore[arg-type]  # the column holds one of the kinds
    return Member(row.request_id, row.group_id, row.received_at, tie)


def _group(row: GroupRow) -> Group:
    return Group(row.group_id, row.agency, row.rising_since)


# --- the common text ---------------------------------------------------------------------------------------------------------------------


async def common_text(session: Session, group_id: UUID, email: str) -> CommonText | None:
    """The text that this person writes for the group."""
    row = await session.get(CommonTextRow, (group_id, email))
    return CommonText(row.subject, row.body, row.begun_from, row.language, row.saved_at) if row else None


async def keep_text(session: Session, group_id: UUID, email: str, text: CommonText) -> None:
    """Keeps the text in place of the one before."""
    await session.merge(CommonTextRow(group_id=group_id, email=email, **vars(text)))


async def forget_text(session: Session, group_id: UUID, email: str) -> None:
    """Forgets the text: the person begins anew."""
    await session.exec(delete(CommonTextRow).where(col(CommonTextRow.group_id) == group_id, col(CommonTextRow.email) == email))
