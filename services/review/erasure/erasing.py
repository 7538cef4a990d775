"""Erases requests: one transaction for all tables and the log, then what is kept beside the database, then a look for what is left."""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from schemas.replies_decided import ReplyDecided
from services.review.audit import store as audit
from services.review.cases import store as cases
from services.review.cases.case_state import Case, State
from services.review.cases.deciding import decisions
from services.review.erasure import elsewhere, erased_values, identity, store
from services.review.erasure.identity import NOBODY, Identity
from services.review.erasure.leftovers import Leftover, look
from services.review.erasure.store import Tables
from services.review.people.rules import Person, Role
from services.runtime import clock, outbox
from services.runtime.database import Database, Session
from services.runtime.errors import Conflict, NotFound
from services.runtime.settings import Settings

SERVICE = "review"
ACTION = "erase"
REASON = "erased"
AT_ONCE = 50
"""Requests of one transaction."""

MOVING = {
    "case": "its case is not finished",
    "outbox": "an event of it waits to leave",
    "leaving": "an event of it is leaving at this moment",
    "delivery": "its reply or receipt is not delivered",
    "webhook": "its agency's webhook is still to be told",
    "letter": "a dead letter of it waits",
    "journal": "nobody has sorted it yet",
}


class UnderWay(Conflict):
    """What is to be erased is being worked on."""

    title = "The request is not finished"


@dataclass(frozen=True)
class Order:
    """Who has what erased, and why. `close`: also what nobody has answered yet, and what waits to be delivered."""

    actor: str
    why: str
    close: bool = False


@dataclass
class Erased:
    """What was done: rows by table, and what is kept beside the tables. `left` is what a look through everything still saw."""

    request_ids: tuple[UUID, ...] = ()
    tables: Counter[str] = field(default_factory=Counter)
    closed: list[UUID] = field(default_factory=list)
    files: int = 0
    mails: int = 0
    spans: int = 0
    purged: bool = True
    left: list[Leftover] = field(default_factory=list)
    mails_left: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether nothing of it is left that should have gone."""
        return not any(leftover.ours for leftover in self.left)


async def requests_of(database: Database, address: str) -> list[UUID]:
    """The requests of whoever has that address, in all states."""
    async with database.reading() as session:
        return sorted(await store.requests_of(session, await Tables.of(session), address.strip()))


class Eraser:
    """Erases on one database, one store of files and one data directory."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    async def rehearse(self, request_ids: Sequence[UUID], order: Order, address: str = "") -> Erased:
        """What an erasure would do; nothing of it stays. Raises as it would."""
        async with self._database.rehearsal() as session:
            work = _Work(session, await Tables.of(session), order, clock.now())
            erased = Erased(tuple(request_ids))
            await work.erase(request_ids, address, erased)
            erased.files, erased.mails = len(work.files), len(elsewhere.mails(self._settings, work.mails))
            erased.spans = await asyncio.to_thread(elsewhere.count_spans, self._settings, work.traces)
        return erased

    async def erase(
        self, request_ids: Sequence[UUID], order: Order, address: str = "", *, proves: bool = True, purges: bool = True
    ) -> Erased:
        """Erases them. Raises UnderWay, and then has changed nothing, where one is not finished and is not to be closed.

        Files go last in the transaction: should it fail then, the next erasure finds their names once more.
        Without `purges` the caller purges, once after many erasures.
        """
        erased, words = Erased(tuple(request_ids)), identity.of_address(address) if address else NOBODY
        await self.rehearse(request_ids, order, address)  # all or none of them: each fifty are a transaction of their own
        mails: set[UUID] = set()
        traces: set[str] = set()
        groups = [request_ids[start : start + AT_ONCE] for start in range(0, len(request_ids), AT_ONCE)] or [[]]
        for group in groups:
            async with self._database.transaction() as session:
                work = _Work(session, await Tables.of(session), order, clock.now())
                await work.erase(group, address if group is groups[-1] else "", erased)
                erased.files += await self._delete_files(work.files)
            words |= work.words
            mails |= work.mails
            traces |= work.traces
        await asyncio.to_thread(self._delete_beside, mails, traces, erased)
        erased.purged = await self.purge() if purges else True
        if proves:
            await self._prove(erased, words)
        return erased

    async def purge(self) -> bool:
        """Has SQLite keep nothing of what was deleted, while others wait; says whether it could."""
        path = Path(sa.engine.make_url(self._database.url).database or "")
        return await asyncio.to_thread(elsewhere.purge, path) if self._database.is_sqlite else True

    async def _delete_files(self, files: Collection[tuple[str, str]]) -> int:
        if not files:
            return 0
        from services.runtime.file_store import file_store  # its library takes 9 MB, and few erase

        kept = file_store(self._settings.files_url, self._settings.data_dir)
        return sum([await kept.delete(agency, sha256) for agency, sha256 in sorted(files)])

    def _delete_beside(self, mails: Collection[UUID], traces: Collection[str], erased: Erased) -> None:
        for path in elsewhere.mails(self._settings, mails):
            path.unlink(missing_ok=True)
            erased.mails += 1
        erased.spans = elsewhere.delete_spans(self._settings, traces)

    async def _prove(self, erased: Erased, words: Identity) -> None:
        async with self._database.reading() as session:
            erased.left = await look(session, words, erased.request_ids)
        if words.words:
            erased.mails_left = [path.name for path in await asyncio.to_thread(lambda: list(elsewhere.mails_with(self._settings, words)))]


class _Work:
    """One transaction's erasure."""

    def __init__(self, session: Session, tables: Tables, order: Order, now: datetime) -> None:
        self._session, self._tables, self._order, self._now = session, tables, order, now
        self.words = NOBODY
        self.files: set[tuple[str, str]] = set()
        self.mails: set[UUID] = set()
        self.traces: set[str] = set()

    async def erase(self, request_ids: Sequence[UUID], address: str, erased: Erased) -> None:
        session, tables = self._session, self._tables
        held = [await self._held(request_id) for request_id in request_ids]
        closing = [case for case in held if await self._must_be_closed(case)]
        for case in held:
            self.words |= identity.of_case(case)
        self.files |= await store.files_of(session, tables, request_ids)
        self.mails |= await store.mails_of(session, tables, request_ids)
        self.traces |= await store.traces_of(session, tables, request_ids)
        letters = await self._letters(request_ids, address)
        events = [await self._close(case) for case in closing]
        await store.end_deliveries(session, tables, request_ids, self._now)
        await store.discard_letters(session, tables, letters, self._order.actor, self._now)
        await session.flush()
        changed = await store.erase(session, tables, request_ids, self._now) if request_ids else Counter[str]()
        changed["review_dead_letters"] += await store.erase_letters(session, tables, letters)
        for event in events:
            await outbox.add(session, SERVICE, event, lane=event.agency or "")
        erased.tables += changed
        erased.closed += [case.request_id for case in closing]
        if +changed:
            for case in held:
                detail = {"why": self._order.why, "closed": case in closing}
                await audit.add(session, audit.Entry(self._now, self._order.actor, ACTION, case.request_id, detail))
            if letters and not held:
                await audit.add(
                    session, audit.Entry(self._now, self._order.actor, ACTION, None, {"why": self._order.why, "dead_letters": len(letters)})
                )

    async def _held(self, request_id: UUID) -> Case:
        """The case, made where there is none yet: so that what Kafka still has of it is not taken in later. Raises NotFound."""
        if not await store.known(self._session, self._tables, request_id):
            raise NotFound(f"nothing is kept of a request {request_id}")
        return await cases.case_or_new(self._session, request_id, self._now, {})

    async def _must_be_closed(self, case: Case) -> bool:
        """Whether it is not finished. Raises UnderWay where that may not be ended."""
        moving = await store.under_way(self._session, self._tables, case.request_id)
        if not moving:
            return False
        reasons = "; ".join(f"{MOVING[kind]} ({state})" for kind, state in moving)
        kinds = {kind for kind, _ in moving}
        if "leaving" in kinds or any(kind in ("delivery", "webhook") and state != "pending" for kind, state in moving):
            raise UnderWay(f"{case.request_id}: {reasons}; try again in a minute")
        if case.state is State.APPROVED and not kinds & {"outbox", "delivery", "webhook"}:
            raise UnderWay(f"{case.request_id}: its reply is on its way to dispatch, and may be sent: try again once it has been")
        if not self._order.close:
            raise UnderWay(f"{case.request_id}: {reasons}; finish it first, or give --close: then nobody answers it any more")
        return case.state not in (State.SENT, State.CLOSED) or ("outbox" in kinds and case.state is State.CLOSED)

    async def _close(self, case: Case) -> ReplyDecided:
        """Closes it as a person would, and answers what its agency hears of that."""
        person = Person(self._order.actor, self._order.actor, Role.ADMIN)
        applied = decisions.closed_with(case, REASON, person, self._now, timedelta())
        [leaving] = applied.events
        assert isinstance(leaving.event, ReplyDecided)
        # Of what nobody has sorted only its agency's own row says whose it is.
        event = leaving.event.model_copy(update={"send_after": None})
        bare = ReplyDecided.model_validate(erased_values.decision(event.model_dump(mode="json")))
        await cases.add_decision(self._session, bare)
        await cases.save(self._session, applied.case.model_copy(update={"decision": bare}), None)
        detail = {"decision_id": str(bare.decision_id), "reason": REASON}
        await audit.add(self._session, audit.Entry(self._now, self._order.actor, "close", case.request_id, detail))
        return bare

    async def _letters(self, request_ids: Sequence[UUID], address: str) -> list[UUID]:
        """Dead letters of these requests, and those that nobody can read in which the address or one of the ids stands."""
        sought = [str(request_id) for request_id in request_ids] + ([address] if address else [])
        theirs = []
        for letter_id, request_id, state, record in await store.letters(self._session, self._tables):
            text = record.decode(errors="replace").casefold()
            unreadable = request_id is None and any(word.casefold() in text for word in sought)
            if unreadable and state == "waiting" and not self._order.close:
                raise UnderWay(f"dead letter {letter_id} waits and names what is to be erased: discard it, or give --close")
            if unreadable or request_id in request_ids:
                theirs.append(letter_id)
        return theirs
